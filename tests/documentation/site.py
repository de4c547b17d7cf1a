"""The site as its readers get it, and the sources that it is made from."""

from __future__ import annotations

import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

ROOT = Path(__file__).parents[2]
# What the address of a page begins with, to tell what is on the site.
SITE = "http://site"


def build(folder: Path) -> None:
    """Build the site into a folder; a warning is an error."""
    command = ["mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def sources() -> list[Path]:
    """List the pages that are written, in the site or not."""
    tracked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    found = subprocess.run(tracked, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in found.stdout.split()]


def blocks_of(page: Path | str, language: str = "python") -> list[str]:
    """Read the blocks of a language, also those within lists."""
    text = (ROOT / page).read_text(encoding="utf-8")
    fenced = rf"^( *)```{language}\n(.*?)^\1```"
    found = re.findall(fenced, text, re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


def names_after(first: str, *others: str) -> dict[str, Any]:
    """Run the blocks one after the other, and give what they have named."""
    names: dict[str, Any] = {}
    for block in (first.replace("app.synth()", ""), *others):
        exec(compile(block, "a page", "exec"), names)
    return names


def table_below(page: str, heading: str) -> list[list[str]]:
    """Read the cells of the first table below a heading, without its own heading."""
    text = (ROOT / page).read_text(encoding="utf-8")
    rows = text[text.index(f"# {heading}\n") :].partition("\n|")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows.split("\n")[2:]]


class Html(HTMLParser):
    """What a page of the site refers to, and what it can be referred to by."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take notice of one element."""
        known = {name: value for name, value in attrs if value is not None}
        if "id" in known:
            self.anchors.add(known["id"])
        if "href" in known:
            (self.links if tag == "a" else self.loaded).append(known["href"])
        if "src" in known:
            self.loaded.append(known["src"])


def pages_of(folder: Path) -> dict[str, Html]:
    """Read all pages by their addresses, as they are below the root of the site."""
    return {
        f"/{path.relative_to(folder).as_posix().removesuffix('index.html')}": Html(path)
        for path in folder.rglob("*.html")
    }


def target_of(page: str, link: str) -> tuple[str, str] | None:
    """Tell page and anchor that a link leads to, if that is on the site."""
    parts = urlsplit(urljoin(f"{SITE}{page}", link))
    found = f"{parts.scheme}://{parts.netloc}" == SITE
    return (unquote(parts.path), unquote(parts.fragment)) if found else None
