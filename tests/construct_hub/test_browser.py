"""The package in the hub's own front-end, as someone finds it who looks for PrivateLink."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from cdk_privatelink import PrivateLinkEndpointService
from tests.browser import browser, page
from tests.local_hub.front_end import build
from tests.local_hub.package import ROOT, Package
from tests.local_hub.server import serving

SCREENSHOTS = ROOT / "dist" / "construct_hub"
# A busy machine is no failure.
expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def hub(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a hub with the package in it."""
    site = tmp_path_factory.mktemp("hub")
    build(package, site)
    with serving(site) as url:
        yield url


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all tests, each of which has a profile of its own."""
    with browser() as started:
        yield started


@pytest.fixture
def front_page(chromium: Browser, hub: str) -> Iterator[Page]:
    """The hub as one comes to it."""
    with page(chromium) as opened:
        opened.goto(hub)
        yield opened


@pytest.fixture
def results(front_page: Page) -> Page:
    """What the hub finds for one who does not know the package's name."""
    front_page.get_by_placeholder(re.compile("^Search")).fill("privatelink")
    front_page.keyboard.press("Enter")
    expect(text(front_page)).to_contain_text("search results for privatelink")
    return front_page


@pytest.fixture
def python_page(results: Page, package: Package) -> Page:
    """The package's page, opened from the results, in Python."""
    results.get_by_role("heading", name=package.manifest["name"]).click()
    results.get_by_label("Select python icon").click()
    expect(text(results)).to_contain_text("pip install")
    return results


def text(page: Page) -> Locator:
    """All that the front-end shows: its highlighting splits code, and its layout the rest."""
    return page.locator("#root")


def photograph(page: Page, name: str) -> None:
    """Keep what a page looks like, for whoever wants to see it."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def test_the_front_page_shows_it(front_page: Page, package: Package) -> None:
    expect(text(front_page)).to_contain_text("Recently updated")
    expect(front_page.get_by_role("heading", name=package.manifest["name"])).to_be_visible()
    photograph(front_page, "front-page")


def test_the_search_finds_it(results: Page, package: Package) -> None:
    expect(text(results)).to_contain_text("Displaying 1 of 1")
    expect(text(results)).to_contain_text(package.manifest["description"])
    expect(text(results)).to_contain_text(f"By {package.manifest['author']['name']}")
    photograph(results, "search-results")


def test_its_page_says_how_to_install_it(python_page: Page, package: Package) -> None:
    name, version = package.manifest["name"], package.manifest["version"]
    expect(text(python_page)).to_contain_text(f"pip install {name}=={version}")
    expect(text(python_page)).to_contain_text("AWS CDK v2")
    expect(text(python_page)).to_contain_text("License Apache-2.0")
    photograph(python_page, "package")


def test_its_readme_speaks_python(python_page: Page) -> None:
    expect(text(python_page)).to_contain_text('PrivateLinkEndpointService(self, "Payments",')
    expect(text(python_page)).to_contain_text("load_balancers=LoadBalancers.network(")
    expect(text(python_page)).not_to_contain_text("loadBalancers:")


def test_its_readme_speaks_typescript(python_page: Page, package: Package) -> None:
    python_page.get_by_label("Select typescript icon").click()
    expect(text(python_page)).to_contain_text(f"npm install {package.manifest['name']}@")
    expect(text(python_page)).to_contain_text("loadBalancers: LoadBalancers.network(")


def test_the_construct_has_the_arguments_of_the_python_edition(python_page: Page) -> None:
    name = PrivateLinkEndpointService.__name__
    python_page.get_by_role("link", name=name, exact=True).click()
    expect(text(python_page)).to_contain_text(f"cdk_privatelink.{name}(")
    anchors = python_page.locator("a[data-heading-id^='#Initializer.parameter.']").all()
    shown = {anchor.get_attribute("data-heading-title") for anchor in anchors}
    arguments = inspect.signature(PrivateLinkEndpointService.__init__).parameters
    assert shown == arguments.keys() - {"self"}
    assert {"load_balancers", "allowed_principals", "acceptance_required"} < shown
    photograph(python_page, "api")
