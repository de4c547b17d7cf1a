"""What the site needs besides the pages in this folder: those elsewhere in the repository.

MkDocs calls it while it builds the site, see `mkdocs.yml`.
"""

from __future__ import annotations

import posixpath
import re
from html import escape
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
_PAGES = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "examples/README.md",
    "examples/*/README.md",
)
# A link of Markdown, or the definition of one, to what is no other host.
_LINK = re.compile(r"(\]\(|^\[[^\]]+\]: )(?![a-z]+:|#)([^)#\s]+)", re.MULTILINE)
_MERMAID = ROOT / ".venv" / "lib" / "node_modules" / "mermaid" / "dist" / "mermaid.min.js"
_SCRIPT = "assets/mermaid.min.js"
# Who searches mostly has a message, and asks for the reasons last.
_BOOSTS = {"errors.md": 4, "decisions/": 0.01}


def on_config(config: MkDocsConfig) -> None:
    """Put all pages of a pattern into the navigation where that stands, and have pictures drawn."""
    picture = {"name": "mermaid", "class": "mermaid", "format": _picture}
    config.mdx_configs["pymdownx.superfences"] = {"custom_fences": [picture]}
    config.nav = _expanded(config.nav)


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Bring in the pages that lie outside of this folder, and what draws pictures."""
    for pattern in _PAGES:
        for path in ROOT.glob(pattern):
            where = path.relative_to(ROOT).as_posix()
            files.append(File.generated(config, where, abs_src_path=str(path)))
    files.append(File.generated(config, _SCRIPT, abs_src_path=str(_MERMAID)))


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Have links lead where they lead in the repository, or to the repository itself."""
    here = _in_repository(page.file.src_uri)
    for beginning, boost in _BOOSTS.items():
        if page.file.src_uri.startswith(beginning):
            page.meta["search"] = {"boost": boost}

    def led(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(here), match[2]))
        source = target.removeprefix("docs/")
        if files.get_file_from_path(source):
            link = posixpath.relpath(source, posixpath.dirname(page.file.src_uri) or ".")
        elif (ROOT / target).exists():
            link = f"{config.extra['repository']}/blob/main/{target}"
        else:
            # MkDocs says that it leads nowhere.
            link = match[2]
        return match[1] + link

    return _LINK.sub(led, markdown)


def on_post_page(output: str, page: Page, **_: Any) -> str:
    """Load what draws pictures where there are any; the theme would ask another host for it."""
    if 'class="mermaid"' not in output:
        return output
    script = posixpath.relpath(_SCRIPT, page.file.dest_uri.removesuffix("index.html") or ".")
    return output.replace("</head>", f'<script src="{script}"></script></head>', 1)


def _expanded(entry: Any) -> Any:
    """Replace each pattern in a list by the pages that match it."""
    if isinstance(entry, dict):
        return {title: _expanded(content) for title, content in entry.items()}
    if not isinstance(entry, list):
        return entry
    expanded: list[Any] = []
    for each in entry:
        expanded += _matching(each) if "*" in each else [_expanded(each)]
    return expanded


def _matching(pattern: str) -> list[str]:
    return [
        path.relative_to(folder).as_posix()
        for folder in (ROOT, ROOT / "docs")
        for path in sorted(folder.glob(pattern))
    ]


def _picture(source: str, *_: Any, **__: Any) -> str:
    """Wrap a picture, so that it can be wider than a narrow screen and stay legible."""
    code = f'<pre class="mermaid"><code>{escape(source)}</code></pre>'
    return f'<div class="picture" data-search-exclude>{code}</div>'


def _in_repository(source: str) -> str:
    return source if (ROOT / source).exists() else f"docs/{source}"
