"""The built site is complete, and every link on it works."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import cdk_privatelink
from tests.documentation.pages import ROOT, Html, sources, target_of

REPOSITORY = "https://github.com/cdk-privatelink/cdk-privatelink"
BRANCH = f"{REPOSITORY}/blob/main/"


def test_links_on_the_site_have_targets(site: Path, pages: dict[str, Html]) -> None:
    broken = []
    for address, page in pages.items():
        for link in page.links:
            internal = target_of(address, link)
            if internal is None:
                continue
            target, anchor = internal
            exists = target in pages or (site / target.lstrip("/")).is_file()
            if not exists or (anchor and anchor not in pages[target].anchors):
                broken.append((address, link))
    assert broken == []


def test_links_to_the_repository_have_targets(pages: dict[str, Html]) -> None:
    links = {link for page in pages.values() for link in page.links if link.startswith(BRANCH)}
    files = {link.removeprefix(BRANCH).partition("#")[0] for link in links}
    assert [file for file in files if not (ROOT / file).is_file()] == []
    # Files that are not on the site are linked in the repository.
    assert f"{BRANCH}LICENSE" in links


def test_pages_load_nothing_from_other_hosts(site: Path, pages: dict[str, Html]) -> None:
    for address, page in pages.items():
        for loaded in page.loaded:
            internal = target_of(address, loaded)
            assert internal, f"{address}: {loaded}"
            target = internal[0]
            assert target in pages or (site / target.lstrip("/")).is_file(), f"{address}: {loaded}"


def test_every_page_is_reachable_from_the_first_page(pages: dict[str, Html]) -> None:
    reached, new = set(), {"/"}
    while new:
        reached |= new
        targets = [target_of(page, link) for page in new for link in pages[page].links]
        new = {each[0] for each in targets if each and each[0] in pages} - reached
    assert pages.keys() - reached == {"/404.html"}


def test_site_contains_pages_from_outside_of_the_docs_folder(pages: dict[str, Html]) -> None:
    examples = [path.parent.name for path in ROOT.glob("examples/*/README.md")]
    expected = {
        "/CHANGELOG/",
        "/CONTRIBUTING/",
        "/SECURITY/",
        *(f"/examples/{name}/" for name in examples),
    }
    assert expected <= pages.keys()


def test_reference_documents_every_exported_name(pages: dict[str, Html]) -> None:
    anchors = {
        anchor
        for address, page in pages.items()
        if address.startswith("/api/")
        for anchor in page.anchors
    }
    module = cdk_privatelink.__name__
    for name in cdk_privatelink.__all__:
        assert f"{module}.{name}" in anchors
        exported = getattr(cdk_privatelink, name)
        if inspect.isclass(exported):
            members = [each for each in vars(exported) if not each.startswith("_")]
            missing = [each for each in members if f"{module}.{name}.{each}" not in anchors]
            assert missing == [], name


def test_docstrings_show_no_sphinx_markup(site: Path) -> None:
    for page in (site / "api").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for markup in (":meth:", ":attr:", ":class:", ":see:", ":param ", "<p>::", "``"):
            assert markup not in text, f"{page.parent.name}: {markup}"
    provider = (site / "api" / "provider" / "index.html").read_text(encoding="utf-8")
    method = "PrivateLinkEndpointService.add_connection_notification"
    assert f"{cdk_privatelink.__name__}.{method}" in provider


def test_links_in_the_repository_have_targets() -> None:
    for page in sources():
        text = page.read_text(encoding="utf-8")
        for link, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)", text):
            target = page.parent / link if link else page
            assert target.exists(), f"{page.relative_to(ROOT)}: {link}"
            assert not anchor or anchor in anchors(target), f"{page.relative_to(ROOT)}: #{anchor}"


def anchors(page: Path) -> list[str]:
    """Return the anchors that GitHub creates for the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
