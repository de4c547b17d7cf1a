"""Drawings of architectures: nodes with AWS's icons in nested groups, laid out by Graphviz."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULES = ROOT / ".venv" / "lib" / "node_modules"
_ICONS = MODULES / "aws-icons" / "icons"
_RENDER = Path(__file__).with_name("render.mjs")
_ICON_SIZE = 36
# Graphviz knows how wide its characters are. Arial's and Liberation Sans's are as wide.
_FONT = "Helvetica"
# Light by default, and dark in a browser that prefers it. The background is part of the drawing,
# so that it is legible on any page.
_STYLE = """
<style>
  .background { fill: #ffffff; }
  text { fill: #16191f; font-family: Helvetica, Arial, 'Liberation Sans', sans-serif; }
  .title text, .edge text { paint-order: stroke; stroke-width: 5px; stroke-linejoin: round; }
  .node path { fill: #ffffff; stroke: #d5dbdb; }
  .edge path { stroke: #545b64; }
  .edge polygon { fill: #545b64; stroke: #545b64; }
  .edge text { fill: #545b64; stroke: #fafbfc; }
  .control path { stroke-dasharray: 4 3; }
  .cluster path { fill: #fafbfc; stroke-width: 1.5; }
  .stack path { stroke: #687078; }
  .stack text { stroke: #fafbfc; }
  .vpc path { fill: #f7f3ff; stroke: #8c4fff; }
  .vpc text { fill: #6a2fd6; stroke: #f7f3ff; }
  .subnets path { fill: #eefafa; stroke: #00a4a6; }
  .subnets text { fill: #00787a; stroke: #eefafa; }
  @media (prefers-color-scheme: dark) {
    .background { fill: #0f141a; }
    text { fill: #e9ebed; }
    .node path { fill: #ffffff; stroke: #ffffff; }
    .node text { fill: #16191f; }
    .edge path { stroke: #aab7b8; }
    .edge polygon { fill: #aab7b8; stroke: #aab7b8; }
    .edge text { fill: #d5dbdb; stroke: #161d26; }
    .cluster path { fill: #161d26; }
    .stack text { stroke: #161d26; }
    .vpc path { fill: #1d1730; }
    .vpc text { fill: #bf9bff; stroke: #1d1730; }
    .subnets path { fill: #0f2426; }
    .subnets text { fill: #4fd1d3; stroke: #0f2426; }
  }
</style>
"""


@dataclass(frozen=True)
class Node:
    """A resource: an icon of the npm package `aws-icons`, a name and a description."""

    id: str
    icon: str
    name: str
    details: Sequence[str] = ()


@dataclass(frozen=True)
class Group:
    """A frame with a title around nodes and other groups."""

    id: str
    kind: str
    """`stack`, `vpc` or `subnets`, which selects the color."""
    title: str
    content: Sequence[Node | Group] = field(default_factory=list)


@dataclass(frozen=True)
class Arrow:
    """A line from one node or group to another one."""

    start: str
    end: str
    label: str = ""
    control: bool = False
    """No traffic flows along the line. It is dashed."""
    both: bool = False
    """The line has a head at both ends."""


def draw(groups: Sequence[Group], arrows: Sequence[Arrow], *, title: str) -> str:
    """Return an SVG document."""
    icons = {node.icon for group in groups for node in _nodes(group)}
    images = [
        {"path": icon, "width": f"{_ICON_SIZE}px", "height": f"{_ICON_SIZE}px"}
        for icon in sorted(icons)
    ]
    dot = "\n".join(_graph(groups, arrows))
    process = subprocess.run(
        ["node", str(_RENDER), str(MODULES)],
        input=json.dumps({"dot": dot, "images": images}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return _finish(process.stdout, title)


def _graph(groups: Sequence[Group], arrows: Sequence[Arrow]) -> Iterator[str]:
    """Return the lines of a graph in Graphviz's language."""
    yield "digraph {"
    yield "graph [rankdir=TB, compound=true, ranksep=0.45, nodesep=0.3, pad=0.15,"
    yield f'  bgcolor=none, fontname="{_FONT}", fontsize=14]'
    yield f'node [shape=box, style=rounded, margin="0.08,0.05", fontname="{_FONT}", fontsize=13]'
    yield f'edge [fontname="{_FONT}", fontsize=12, arrowsize=0.8]'
    for group in groups:
        yield from _cluster(group)
    anchors = {group.id: group for top in groups for group in _groups(top)}
    for arrow in arrows:
        yield _edge(arrow, anchors)
    yield "}"


def _cluster(group: Group) -> Iterator[str]:
    yield f"subgraph cluster_{group.id} {{"
    yield f"graph [class={group.kind}, style=rounded, margin=12, labeljust=l,"
    yield f'  label="{group.title}"]'
    for each in group.content:
        if isinstance(each, Group):
            yield from _cluster(each)
        else:
            yield f"{each.id} [label=<{_label(each)}>]"
    if not group.content:
        # A group without nodes needs a point that arrows can start from.
        yield f'{_anchor(group)} [shape=point, style=invis, width=1.2, height=0.01, label=""]'
    yield "}"


def _edge(arrow: Arrow, groups: dict[str, Group]) -> str:
    ends, attributes = [], [f'label=" {arrow.label} "'] if arrow.label else []
    for end, clip in ((arrow.start, "ltail"), (arrow.end, "lhead")):
        group = groups.get(end)
        ends.append(_anchor(group) if group else end)
        if group:
            attributes.append(f"{clip}=cluster_{end}")
    if arrow.both:
        attributes.append("dir=both")
    if arrow.control:
        attributes.append("class=control")
    return f"{' -> '.join(ends)} [{', '.join(attributes)}]"


def _anchor(group: Group) -> str:
    """Return the node that stands for a group in arrows."""
    nodes = list(_nodes(group))
    return nodes[0].id if nodes else f"{group.id}_anchor"


def _label(node: Node) -> str:
    lines = [f"<B>{escape(node.name)}</B>", *map(escape, node.details)]
    text = '<BR ALIGN="LEFT"/>'.join(lines) + '<BR ALIGN="LEFT"/>'
    return (
        '<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="3"><TR>'
        f'<TD FIXEDSIZE="TRUE" WIDTH="{_ICON_SIZE + 6}" HEIGHT="{_ICON_SIZE + 6}">'
        f'<IMG SRC="{node.icon}"/></TD><TD ALIGN="LEFT" BALIGN="LEFT">{text}</TD></TR></TABLE>'
    )


def _finish(svg: str, title: str) -> str:
    """Add icons, colors, background and title to the output of Graphviz."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<!--.*?-->\n?", "", svg, flags=re.DOTALL)
    # Graphviz names nodes in tooltips, which readers do not need.
    svg = re.sub(r"<title>.*?</title>\n?", "", svg)
    svg = re.sub(
        r'xlink:href="([^"]+\.svg)"', lambda match: f'xlink:href="{_data_uri(match[1])}"', svg
    )
    svg, titles = _extract_titles(svg)
    background = '<rect class="background" width="100%" height="100%" rx="8"/>\n'
    head, body = svg.split(">\n", 1)
    head = head.replace("pt", "")
    return f'{head} role="img">\n<title>{escape(title)}</title>{_STYLE}{background}{body}'.replace(
        "</g>\n</svg>", f"{titles}</g>\n</svg>"
    )


def _extract_titles(svg: str) -> tuple[str, str]:
    """Move the titles of groups to the end, so that arrows do not cross them."""
    titles = []

    def extract(match: re.Match[str]) -> str:
        titles.append(f'<g class="title {match[2]}">{match[4]}</g>\n')
        return match[1] + match[3]

    pattern = r'(<g id="\w+" class="cluster (\w+)">\n)(<path [^>]*>\n)(<text.*?</text>)\n'
    return re.sub(pattern, extract, svg, flags=re.DOTALL), "".join(titles)


def _data_uri(icon: str) -> str:
    text = (_ICONS / icon).read_text(encoding="utf-8")
    return f"data:image/svg+xml;base64,{base64.b64encode(text.encode()).decode()}"


def _groups(group: Group) -> Iterator[Group]:
    yield group
    for each in group.content:
        if isinstance(each, Group):
            yield from _groups(each)


def _nodes(group: Group) -> Iterator[Node]:
    for each in _groups(group):
        yield from (node for node in each.content if isinstance(node, Node))
