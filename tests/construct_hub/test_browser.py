"""The package in the front-end of Construct Hub, found by a search for PrivateLink."""

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
# Long enough for a busy machine.
expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def hub(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a hub with the package and yield its URL."""
    site = tmp_path_factory.mktemp("hub")
    build(package, site)
    with serving(site) as url:
        yield url


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start one browser for all tests. Each test has a separate profile."""
    with browser() as instance:
        yield instance


@pytest.fixture
def front_page(chromium: Browser, hub: str) -> Iterator[Page]:
    """Yield the front page of the hub."""
    with page(chromium) as opened_page:
        opened_page.goto(hub)
        yield opened_page


@pytest.fixture
def results(front_page: Page) -> Page:
    """Return the results of a search without the name of the package."""
    front_page.get_by_placeholder(re.compile("^Search")).fill("privatelink")
    front_page.keyboard.press("Enter")
    expect(text(front_page)).to_contain_text("search results for privatelink")
    return front_page


@pytest.fixture
def python_page(results: Page, package: Package) -> Page:
    """Return the page of the package for Python, opened from the results."""
    results.get_by_role("heading", name=package.manifest["name"]).click()
    results.get_by_label("Select python icon").click()
    expect(text(results)).to_contain_text(f"pip install {package.manifest['name']}==")
    return results


def text(page: Page) -> Locator:
    """Return the root element, because highlighting and layout split text."""
    return page.locator("#root")


def save_screenshot(page: Page, name: str) -> None:
    """Save a screenshot of a page."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def test_the_front_page_displays_the_package(front_page: Page, package: Package) -> None:
    expect(text(front_page)).to_contain_text("Recently updated")
    expect(front_page.get_by_role("heading", name=package.manifest["name"])).to_be_visible()
    save_screenshot(front_page, "front-page")


def test_a_search_returns_the_package(results: Page, package: Package) -> None:
    expect(text(results)).to_contain_text("Displaying 1 of 1")
    expect(text(results)).to_contain_text(package.manifest["description"])
    expect(text(results)).to_contain_text(f"By {package.manifest['author']['name']}")
    save_screenshot(results, "search-results")


def test_the_page_has_the_install_command(python_page: Page, package: Package) -> None:
    name, version = package.manifest["name"], package.manifest["version"]
    expect(text(python_page)).to_contain_text(f"pip install {name}=={version}")
    expect(text(python_page)).to_contain_text("AWS CDK v2")
    expect(text(python_page)).to_contain_text("License Apache-2.0")
    save_screenshot(python_page, "package")


def test_the_readme_is_translated_to_python(python_page: Page) -> None:
    expect(text(python_page)).to_contain_text('PrivateLinkEndpointService(self, "Payments",')
    expect(text(python_page)).to_contain_text("load_balancers=LoadBalancers.network(")
    expect(text(python_page)).not_to_contain_text("loadBalancers:")


def test_the_readme_is_in_typescript(python_page: Page, package: Package) -> None:
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
    save_screenshot(python_page, "api")
