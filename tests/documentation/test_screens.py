"""The site in a browser, on a wide and on a narrow screen."""

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
from tests.documentation.pages import ROOT, Html
from tests.local_hub.server import Handler, serving

SCREENSHOTS = ROOT / "dist" / "documentation"
SCREENS: dict[str, ViewportSize] = {
    "wide": {"width": 1440, "height": 900},
    "narrow": {"width": 390, "height": 844},
}
# Pages with screenshots for people. The tests open all pages.
SCREENSHOT_PAGES = (
    "/",
    "/start/",
    "/how-it-works/",
    "/errors/",
    "/quotas/",
    "/security/",
    "/api/provider/",
    "/examples/private_dns/",
)
# The theme draws diagrams into closed shadow roots, which tests have to open.
OPEN_SHADOW_ROOTS = """
const closed = Element.prototype.attachShadow;
Element.prototype.attachShadow = function () { return closed.call(this, { mode: "open" }); };
"""
# The width of the page, and the numbers of drawn and missing diagrams and images.
STATE = """() => ({
  width: document.documentElement.scrollWidth,
  drawn: [...document.querySelectorAll("div.mermaid")].filter(
    (each) => each.shadowRoot?.querySelector("svg")?.getBoundingClientRect().height > 50
  ).length,
  left: document.querySelectorAll("pre.mermaid").length,
  missing: [...document.images].filter((each) => each.complete && !each.naturalWidth).length,
})"""
# A busy machine must not fail the tests.
expect.set_options(timeout=60_000)


class Reader(NamedTuple):
    """A reader of the site, with the requests and errors of the browser."""

    page: Page
    url: str
    requests: list[str]
    """The addresses that the browser requested."""
    errors: list[str]
    """The errors that the browser reported."""

    def open(self, address: str) -> None:
        """Open a page of the site."""
        self.page.goto(self.url + address)

    def save_screenshot(self, name: str) -> None:
        """Save a screenshot for people."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        (screen,) = [name for name, size in SCREENS.items() if size == self.page.viewport_size]
        self.page.screenshot(path=SCREENSHOTS / f"{name}-{screen}.png")


@pytest.fixture(scope="module")
def url(site: Path) -> Iterator[str]:
    """Serve the site on loopback."""
    with serving(site, handler=Handler) as url:
        yield url


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start one browser for all tests."""
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def reader(chromium: Browser, url: str) -> Iterator[Reader]:
    """Open a page with an empty profile."""
    with page(chromium) as opened:
        opened.add_init_script(OPEN_SHADOW_ROOTS)
        reader = Reader(opened, url, [], [])
        opened.on("request", lambda request: reader.requests.append(request.url))
        opened.on("pageerror", lambda error: reader.errors.append(f"{error}"))
        opened.on(
            "console",
            lambda line: reader.errors.append(line.text) if line.type == "error" else None,
        )
        yield reader


@pytest.fixture(params=SCREENS)
def screen(request: pytest.FixtureRequest, reader: Reader) -> str:
    """Resize the page to one of the screens."""
    reader.page.set_viewport_size(SCREENS[request.param])
    return str(request.param)


def test_pages_fit_both_screens_and_show_all_diagrams(
    reader: Reader, site: Path, pages: dict[str, Html]
) -> None:
    for address in sorted(pages.keys() - {"/404.html"}):
        reader.open(address)
        source = (site / address.lstrip("/") / "index.html").read_text(encoding="utf-8")
        diagrams = source.count('class="mermaid"')
        for size in SCREENS.values():
            reader.page.set_viewport_size(size)
            # Layout changes take a moment.
            expected = {"width": size["width"], "drawn": diagrams, "left": 0, "missing": 0}
            reader.page.wait_for_function(
                f"expected => JSON.stringify(({STATE})()) === JSON.stringify(expected)",
                arg=expected,
            )
            if address in SCREENSHOT_PAGES:
                reader.save_screenshot(address.strip("/").replace("/", "-") or "home")
    # The browser requests nothing from other hosts, and reports no errors.
    assert {urlsplit(address).hostname for address in reader.requests} == {"127.0.0.1"}
    assert reader.errors == []


@pytest.mark.parametrize("address", ["/how-it-works/"])
@pytest.mark.usefixtures("screen")
def test_text_in_diagrams_is_legible(reader: Reader, address: str) -> None:
    reader.open(address)
    expect(reader.page.locator(".mermaid svg").first).to_be_visible()
    heights = reader.page.evaluate(
        """() => [...document.querySelectorAll("div.mermaid")].flatMap((each) =>
          [...each.shadowRoot.querySelectorAll("text, .nodeLabel")]
            .map((label) => label.getBoundingClientRect().height).filter(Boolean))"""
    )
    assert len(heights) > 10
    assert min(heights) > 7


def test_navigation_opens_a_page(reader: Reader, screen: str) -> None:
    reader.open("/")
    if screen == "narrow":
        reader.page.locator("header label[for=__drawer]").click()
    reader.page.locator(".md-nav--primary").get_by_role("link", name="How it works").click()
    expect(reader.page).to_have_url(re.compile("/how-it-works/$"))
    expect(reader.page.get_by_role("heading", level=1)).to_contain_text("How it works")


def test_search_finds_an_error_message(reader: Reader, screen: str) -> None:
    reader.open("/")
    if screen == "narrow":
        reader.page.locator("header label[for=__search]").first.click()
    box = reader.page.get_by_role("textbox", name="Search")
    box.click()
    box.press_sequentially("names a load balancer twice")
    found = reader.page.locator(".md-search-result__link", has_text="Load balancers").first
    expect(found).to_be_visible()
    reader.save_screenshot("search")
    found.click()
    expect(reader.page).to_have_url(re.compile("/errors/.*#load-balancers$"))


@pytest.mark.usefixtures("screen")
def test_reference_shows_every_argument_of_the_construct(reader: Reader) -> None:
    reader.open("/api/provider/")
    name = PrivateLinkEndpointService.__name__
    expect(reader.page.get_by_role("heading", name=name, exact=False).first).to_be_visible()
    signature = reader.page.locator(".doc-signature").first
    arguments = inspect.signature(PrivateLinkEndpointService.__init__).parameters.keys() - {"self"}
    assert "load_balancers" in arguments
    for argument in arguments:
        expect(signature).to_contain_text(f"{argument}:")
