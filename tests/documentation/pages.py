"""Pages of the documentation: their Markdown sources, and the built site."""

from __future__ import annotations

import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

ROOT = Path(__file__).parents[2]
# A host for addresses on the site.
SITE = "http://site"


def build(folder: Path) -> None:
    """Build the site into a folder. A warning is an error."""
    command = ["mkdocs", "build", "--strict", "--site-dir", str(folder)]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout + process.stderr


def sources() -> list[Path]:
    """Return all Markdown files of the repository, except for the one from jsii-docgen."""
    files = ["*.md", ":!src/construct_hub/API.md"]
    tracked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *files]
    found = subprocess.run(tracked, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in found.stdout.split()]


def blocks_of(page: Path | str, language: str = "python") -> list[str]:
    """Return the code blocks of a language, including blocks within lists."""
    text = (ROOT / page).read_text(encoding="utf-8")
    fenced = rf"^( *)```{language}\n(.*?)^\1```"
    found = re.findall(fenced, text, re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


def names_after(first: str, *others: str) -> dict[str, Any]:
    """Run code blocks one after the other and return their variables."""
    names: dict[str, Any] = {}
    for block in (first.replace("app.synth()", ""), *others):
        exec(compile(block, "a page", "exec"), names)
    return names


def table_below(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading, without the header row."""
    text = (ROOT / page).read_text(encoding="utf-8")
    rows = text[text.index(f"# {heading}\n") :].partition("\n|")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows.split("\n")[2:]]


class Html(HTMLParser):
    """A page of the site: its links, the files that it loads, and its anchors."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the links and the anchor of one element."""
        attributes = {name: value for name, value in attrs if value is not None}
        if "id" in attributes:
            self.anchors.add(attributes["id"])
        if "href" in attributes:
            (self.links if tag == "a" else self.loaded).append(attributes["href"])
        if "src" in attributes:
            self.loaded.append(attributes["src"])


def pages_of(folder: Path) -> dict[str, Html]:
    """Return all pages by their addresses on the site."""
    return {
        f"/{path.relative_to(folder).as_posix().removesuffix('index.html')}": Html(path)
        for path in folder.rglob("*.html")
    }


def target_of(page: str, link: str) -> tuple[str, str] | None:
    """Return page and anchor of a link, or None for a link to another site."""
    parts = urlsplit(urljoin(f"{SITE}{page}", link))
    if f"{parts.scheme}://{parts.netloc}" != SITE:
        return None
    return unquote(parts.path), unquote(parts.fragment)
