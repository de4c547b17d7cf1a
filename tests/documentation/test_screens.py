"""The site in a real browser, on a wide and on a narrow screen."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from cdk_privatelink import PrivateLinkEndpointService
from tests.browser import browser, page
from tests.documentation.site import ROOT, Html
from tests.local_hub.server import Handler, serving

SCREENSHOTS = ROOT / "dist" / "documentation"
SCREENS: dict[str, ViewportSize] = {
    "wide": {"width": 1440, "height": 900},
    "narrow": {"width": 390, "height": 844},
}
# What is photographed of the pages, for whoever wants to see it; all of them are looked at.
PHOTOGRAPHED = (
    "/",
    "/start/",
    "/how-it-works/",
    "/errors/",
    "/quotas/",
    "/security/",
    "/api/provider/",
    "/examples/private_dns/",
)
# Pictures are drawn into what is closed to all but the theme: whoever looks has to keep it open.
OPEN = """
const closed = Element.prototype.attachShadow;
Element.prototype.attachShadow = function () { return closed.call(this, { mode: "open" }); };
"""
# How wide the page is, and how many pictures are drawn, and not.
STATE = """() => ({
  width: document.documentElement.scrollWidth,
  drawn: [...document.querySelectorAll("div.mermaid")].filter(
    (each) => each.shadowRoot?.querySelector("svg")?.getBoundingClientRect().height > 50
  ).length,
  left: document.querySelectorAll("pre.mermaid").length,
})"""
# A busy machine is no failure.
expect.set_options(timeout=60_000)


class Reader(NamedTuple):
    """Someone who reads the site."""

    page: Page
    url: str
    asked: list[str]
    """The addresses of all that the browser has asked for."""
    complaints: list[str]
    """What the browser has to complain of."""

    def open(self, address: str) -> None:
        """Go to a page of the site."""
        self.page.goto(self.url + address)

    def photograph(self, name: str) -> None:
        """Keep what the screen shows, for whoever wants to see it."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        (screen,) = [name for name, size in SCREENS.items() if size == self.page.viewport_size]
        self.page.screenshot(path=SCREENSHOTS / f"{name}-{screen}.png")


@pytest.fixture(scope="module")
def url(site: Path) -> Iterator[str]:
    """The site, served on loopback."""
    with serving(site, handler=Handler) as url:
        yield url


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all tests."""
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def reader(chromium: Browser, url: str) -> Iterator[Reader]:
    """Someone who has not been here before."""
    with page(chromium) as opened:
        opened.add_init_script(OPEN)
        reader = Reader(opened, url, [], [])
        opened.on("request", lambda asked: reader.asked.append(asked.url))
        opened.on("pageerror", lambda error: reader.complaints.append(f"{error}"))
        opened.on(
            "console",
            lambda said: reader.complaints.append(said.text) if said.type == "error" else None,
        )
        yield reader


@pytest.fixture(params=SCREENS)
def screen(request: pytest.FixtureRequest, reader: Reader) -> str:
    """Give the reader one of the screens."""
    reader.page.set_viewport_size(SCREENS[request.param])
    return str(request.param)


def test_every_page_fits_both_screens(reader: Reader, site: Path, pages: dict[str, Html]) -> None:
    for address in sorted(pages.keys() - {"/404.html"}):
        reader.open(address)
        source = (site / address.lstrip("/") / "index.html").read_text(encoding="utf-8")
        pictures = source.count('class="mermaid"')
        for size in SCREENS.values():
            reader.page.set_viewport_size(size)
            # What moves on the way to another size comes to rest.
            expected = {"width": size["width"], "drawn": pictures, "left": 0}
            reader.page.wait_for_function(
                f"expected => JSON.stringify(({STATE})()) === JSON.stringify(expected)",
                arg=expected,
            )
            if address in PHOTOGRAPHED:
                reader.photograph(address.strip("/").replace("/", "-") or "home")
    # All of it is at home, and nothing is missing.
    assert {urlsplit(asked).hostname for asked in reader.asked} == {"127.0.0.1"}
    assert reader.complaints == []


@pytest.mark.parametrize("address", ["/how-it-works/", "/examples/private_dns/"])
@pytest.mark.usefixtures("screen")
def test_pictures_are_legible(reader: Reader, address: str) -> None:
    reader.open(address)
    expect(reader.page.locator(".mermaid svg").first).to_be_visible()
    heights = reader.page.evaluate(
        """() => [...document.querySelectorAll("div.mermaid")].flatMap((each) =>
          [...each.shadowRoot.querySelectorAll("text, .nodeLabel")]
            .map((label) => label.getBoundingClientRect().height).filter(Boolean))"""
    )
    assert len(heights) > 10
    assert min(heights) > 7


def test_the_navigation_leads_to_every_part(reader: Reader, screen: str) -> None:
    reader.open("/")
    if screen == "narrow":
        reader.page.locator("header label[for=__drawer]").click()
    reader.page.locator(".md-nav--primary").get_by_role("link", name="How it works").click()
    expect(reader.page).to_have_url(re.compile("/how-it-works/$"))
    expect(reader.page.get_by_role("heading", level=1)).to_contain_text("How it works")


def test_the_search_finds_what_an_error_says(reader: Reader, screen: str) -> None:
    reader.open("/")
    if screen == "narrow":
        reader.page.locator("header label[for=__search]").first.click()
    box = reader.page.get_by_role("textbox", name="Search")
    box.click()
    box.press_sequentially("names a load balancer twice")
    found = reader.page.locator(".md-search-result__link", has_text="Load balancers").first
    expect(found).to_be_visible()
    reader.photograph("search")
    found.click()
    expect(reader.page).to_have_url(re.compile("/errors/.*#load-balancers$"))


@pytest.mark.usefixtures("screen")
def test_the_reference_shows_the_construct_with_its_arguments(reader: Reader) -> None:
    reader.open("/api/provider/")
    name = PrivateLinkEndpointService.__name__
    expect(reader.page.get_by_role("heading", name=name, exact=False).first).to_be_visible()
    signature = reader.page.locator(".doc-signature").first
    arguments = inspect.signature(PrivateLinkEndpointService.__init__).parameters.keys() - {"self"}
    assert "load_balancers" in arguments
    for argument in arguments:
        expect(signature).to_contain_text(f"{argument}:")
