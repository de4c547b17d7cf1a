"""The site: complete, without a warning, and without a link or anything else that leads nowhere."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import cdk_privatelink
from tests.documentation.site import ROOT, Html, sources, target_of

REPOSITORY = "https://github.com/cdk-privatelink/cdk-privatelink"
BRANCH = f"{REPOSITORY}/blob/main/"


def test_links_lead_somewhere(site: Path, pages: dict[str, Html]) -> None:
    dead = []
    for address, page in pages.items():
        for link in page.links:
            found = target_of(address, link)
            if found is None:
                continue
            target, anchor = found
            known = target in pages or (site / target.lstrip("/")).is_file()
            if not known or (anchor and anchor not in pages[target].anchors):
                dead.append((address, link))
    assert dead == []


def test_links_to_the_repository_lead_to_files_of_it(pages: dict[str, Html]) -> None:
    links = {link for page in pages.values() for link in page.links if link.startswith(BRANCH)}
    assert [link for link in links if not (ROOT / link.removeprefix(BRANCH)).is_file()] == []
    # What is in the repository and not on the site, like the tests, is linked to there.
    assert f"{BRANCH}LICENSE" in links


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[str, Html]) -> None:
    for address, page in pages.items():
        for loaded in page.loaded:
            found = target_of(address, loaded)
            assert found, f"{address}: {loaded}"
            target = found[0]
            assert target in pages or (site / target.lstrip("/")).is_file(), f"{address}: {loaded}"


def test_every_page_can_be_reached_from_the_first(pages: dict[str, Html]) -> None:
    reached, new = set(), {"/"}
    while new:
        reached |= new
        found = [target_of(page, link) for page in new for link in pages[page].links]
        new = {each[0] for each in found if each and each[0] in pages} - reached
    assert pages.keys() - reached == {"/404.html"}


def test_pages_elsewhere_in_the_repository_are_there(pages: dict[str, Html]) -> None:
    examples = [path.parent.name for path in ROOT.glob("examples/*/README.md")]
    expected = {"/CHANGELOG/", "/CONTRIBUTING/", *(f"/examples/{name}/" for name in examples)}
    assert expected <= pages.keys()


def test_the_reference_has_all_that_is_exported(pages: dict[str, Html]) -> None:
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


def test_docstrings_are_told_without_the_signs_of_sphinx(site: Path) -> None:
    for page in (site / "api").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for sign in (":meth:", ":attr:", ":class:", ":see:", ":param", "<p>::", "``"):
            assert sign not in text, f"{page.parent.name}: {sign}"
    provider = (site / "api" / "provider" / "index.html").read_text(encoding="utf-8")
    method = "PrivateLinkEndpointService.add_connection_notification"
    assert f"{cdk_privatelink.__name__}.{method}" in provider


def test_links_lead_somewhere_in_the_repository_too() -> None:
    for page in sources():
        text = page.read_text(encoding="utf-8")
        for link, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)", text):
            target = page.parent / link if link else page
            assert target.exists(), f"{page.relative_to(ROOT)}: {link}"
            assert not anchor or anchor in anchors(target), f"{page.relative_to(ROOT)}: #{anchor}"


def anchors(page: Path) -> list[str]:
    """What GitHub makes of the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
