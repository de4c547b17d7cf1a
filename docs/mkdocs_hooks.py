"""Hooks of MkDocs: they add the pages and images outside of this folder, and resolve links.

`mkdocs.yml` lists this file.
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
    "SECURITY.md",
    "examples/README.md",
    "examples/*/README.md",
)
# A link in Markdown, or a link definition, to a file.
_LINK = re.compile(r"(\]\(|^\[[^\]]+\]: )(?![a-z]+:|#)([^)#\s]+)", re.MULTILINE)
_MERMAID = ROOT / ".venv" / "lib" / "node_modules" / "mermaid" / "dist" / "mermaid.min.js"
_SCRIPT = "assets/mermaid.min.js"
# Most readers search for an error message, and few for decisions.
_BOOSTS = {"errors.md": 4, "decisions/": 0.01}


def on_config(config: MkDocsConfig) -> None:
    """Replace patterns in the navigation, and render Mermaid diagrams in the browser."""
    mermaid = {"name": "mermaid", "class": "mermaid", "format": _diagram}
    config.mdx_configs["pymdownx.superfences"] = {"custom_fences": [mermaid]}
    config.nav = _expanded(config.nav)


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add the pages outside of this folder, and the script that draws diagrams."""
    for pattern in _PAGES:
        for path in ROOT.glob(pattern):
            source = path.relative_to(ROOT).as_posix()
            files.append(File.generated(config, source, abs_src_path=str(path)))
    files.append(File.generated(config, _SCRIPT, abs_src_path=str(_MERMAID)))


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Resolve links as in the repository: to pages of the site, or to files on GitHub."""
    # Badges come from other hosts, which the site does not load from.
    markdown = re.sub(r"^\[!\[.*\n", "", markdown, flags=re.MULTILINE)
    here = _in_repository(page.file.src_uri)
    for beginning, boost in _BOOSTS.items():
        if page.file.src_uri.startswith(beginning):
            page.meta["search"] = {"boost": boost}

    def resolve(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(here), match[2]))
        source = target.removeprefix("docs/")
        if files.get_file_from_path(source):
            link = posixpath.relpath(source, posixpath.dirname(page.file.src_uri) or ".")
        elif (ROOT / target).exists():
            link = f"{config.extra['repository']}/blob/main/{target}"
        else:
            # MkDocs reports that the target does not exist.
            link = match[2]
        return match[1] + link

    return _LINK.sub(resolve, markdown)


def on_post_page(output: str, page: Page, **_: Any) -> str:
    """Load the script that draws diagrams. The theme would load it from another host."""
    if 'class="mermaid"' not in output:
        return output
    script = posixpath.relpath(_SCRIPT, page.file.dest_uri.removesuffix("index.html") or ".")
    return output.replace("</head>", f'<script src="{script}"></script></head>', 1)


def _expanded(entry: Any) -> Any:
    """Replace each pattern in a list with the matching pages."""
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


def _diagram(source: str, *_: Any, **__: Any) -> str:
    """Wrap a diagram, so that it scrolls on a narrow screen instead of shrinking."""
    code = f'<pre class="mermaid"><code>{escape(source)}</code></pre>'
    return f'<div class="diagram" data-search-exclude>{code}</div>'


def _in_repository(source: str) -> str:
    return source if (ROOT / source).exists() else f"docs/{source}"
