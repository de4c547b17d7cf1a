"""The browser of the tests: found on this machine, or installed from Debian, and kept at home.

`python -m tests.browser` installs it where there is none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Route, sync_playwright

_COMMANDS = "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"
_MAC_APPLICATIONS = "Chromium", "Google Chrome"
# Recommended by the first is the second: fonts as wide as those that pages are made for.
_DEBIAN_PACKAGES = "chromium", "fonts-liberation"
_ADVICE = "Install Chromium or Google Chrome: the tests that look at pages need one of them."

# In milliseconds, and generous: a busy machine is no failure.
_TIMEOUT = 60_000

# What a browser would otherwise do on its own besides showing the page.
_QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> str | None:
    """Find a browser that is installed."""
    on_path = map(shutil.which, _COMMANDS)
    on_mac = (f"/Applications/{name}.app/Contents/MacOS/{name}" for name in _MAC_APPLICATIONS)
    return next(filter(None, on_path), None) or next(filter(os.path.exists, on_mac), None)


def install() -> None:
    """Install Debian's Chromium if there is no browser yet, or say what is missing.

    Only the tests that need it fail without one, so that it keeps nobody from anything else.
    """
    if find():
        return
    if shutil.which("apt-get") and (os.geteuid() == 0 or shutil.which("sudo")):
        sys.stderr.write("There is no browser: Debian's Chromium is installed.\n")
        # Without a terminal, nobody would answer a question for a password.
        root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
        apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
        subprocess.run([*apt, "update"], check=False)
        subprocess.run(
            [*apt, "install", "--yes", "--no-install-recommends", *_DEBIAN_PACKAGES], check=False
        )
    if not find():
        sys.stderr.write(f"{_ADVICE}\n")


@contextmanager
def browser() -> Iterator[Browser]:
    """Start the browser without a window, and with a profile that is new and soon gone."""
    executable = find()
    if executable is None:
        raise FileNotFoundError(_ADVICE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=_QUIET)
        try:
            yield started
        finally:
            started.close()


@contextmanager
def page(started: Browser) -> Iterator[Page]:
    """Open a page that reaches this machine only."""
    with started.new_context(
        viewport={"width": 1280, "height": 900}, service_workers="block"
    ) as context:
        context.set_default_timeout(_TIMEOUT)
        context.route("**/*", _keep_at_home)
        yield context.new_page()


def _keep_at_home(route: Route) -> None:
    if urlsplit(route.request.url).hostname == "127.0.0.1":
        route.continue_()
    else:
        route.abort()


if __name__ == "__main__":
    install()
