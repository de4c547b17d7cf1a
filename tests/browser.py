"""The browser of the tests, which reaches this machine only.

`python -m tests.browser` installs Debian's Chromium if no browser is installed.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

_COMMANDS = "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"
_MAC_APPLICATIONS = "Chromium", "Google Chrome"
# The fonts have the widths of the fonts that pages are designed for.
_DEBIAN_PACKAGES = "chromium", "fonts-liberation"
_ADVICE = "The tests of pages need a browser: install Chromium or Google Chrome."

# In milliseconds. A busy machine must not fail the tests.
_TIMEOUT = 60_000

# Turn off everything that a browser does besides showing pages.
_QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> str | None:
    """Return the path of an installed browser."""
    on_path = map(shutil.which, _COMMANDS)
    on_mac = (f"/Applications/{name}.app/Contents/MacOS/{name}" for name in _MAC_APPLICATIONS)
    return next(filter(None, on_path), None) or next(filter(os.path.exists, on_mac), None)


def install() -> None:
    """Install Debian's Chromium if no browser is installed, and print each command.

    If that is not possible, print what is missing. The tests that need a browser are skipped.
    """
    if find():
        return
    if shutil.which("apt-get") and (os.geteuid() == 0 or shutil.which("sudo")):
        # Without a terminal, nobody could enter a password.
        root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
        apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
        install = ["install", "--yes", "--no-install-recommends", *_DEBIAN_PACKAGES]
        sys.stderr.write("No browser is installed. The tests of pages need one: installing it.\n")
        for command in (["update"], install):
            sys.stderr.write(f"$ {shlex.join([*apt, *command])}\n")
            subprocess.run([*apt, *command], check=False)
    if not find():
        sys.stderr.write(f"{_ADVICE} They are skipped.\n")


@contextmanager
def browser() -> Iterator[Browser]:
    """Start the browser without a window and with an empty profile, or skip the test."""
    executable = find()
    if executable is None:
        pytest.skip(_ADVICE)
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
        context.route("**/*", _block_other_hosts)
        yield context.new_page()


def _block_other_hosts(route: Route) -> None:
    if urlsplit(route.request.url).hostname == "127.0.0.1":
        route.continue_()
    else:
        route.abort()


if __name__ == "__main__":
    install()
