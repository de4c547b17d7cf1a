"""Registries of packages on loopback, empty, as long as they are needed."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_HOST = "127.0.0.1"
# Seconds, and generous: a busy machine is no failure.
_PATIENCE = 60


@contextmanager
def pypi(folder: Path) -> Iterator[str]:
    """Serve what is uploaded to a folder, as PyPI would, and give the address."""
    folder.mkdir()
    address = f"{_HOST}:{_free_port()}"
    port = address.split(":")[1]
    # Anybody may upload, and what is not here is not looked for elsewhere.
    command = ["-m", "pypiserver", "run", "--interface", _HOST, "--port", port]
    options = ["--authenticate", ".", "--passwords", ".", "--disable-fallback", str(folder)]
    with _running([sys.executable, *command, *options], folder, address):
        yield address


@contextmanager
def npm(folder: Path, package: str, verdaccio: str) -> Iterator[tuple[str, str]]:
    """Serve what is uploaded to a folder, as npm would, and give the address and a token.

    What is not there is asked for where this machine gets its packages from.
    """
    folder.mkdir()
    # What it audits with asks for a tag of node-fetch, which not every mirror of npm has.
    (folder / "package.json").write_text('{"overrides": {"node-fetch": "^2"}}', encoding="utf-8")
    quiet = ["--no-audit", "--no-fund", "--loglevel", "error"]
    subprocess.run(["npm", "install", *quiet, verdaccio], cwd=folder, check=True)
    address = f"{_HOST}:{_free_port()}"
    configuration = folder / "config.yaml"
    elsewhere = subprocess.check_output(["npm", "config", "get", "registry"], text=True).strip()
    may = {"access": "$all", "publish": "$authenticated"}
    settings = {
        "storage": "./storage",
        "auth": {"htpasswd": {"file": "./htpasswd"}},
        "uplinks": {"elsewhere": {"url": elsewhere}},
        "packages": {package: may, "**": may | {"proxy": "elsewhere"}},
        "web": {"enable": False},
        "log": {"type": "stdout", "level": "warn"},
    }
    # What is JSON is YAML.
    configuration.write_text(json.dumps(settings), encoding="utf-8")
    options = ["--config", str(configuration), "--listen", address]
    server = folder / "node_modules" / ".bin" / "verdaccio"
    with _running([str(server), *options], folder, address):
        yield address, _token(address)


def _token(address: str) -> str:
    """Sign up with a registry, and be told a token of its own."""
    name, password = "rehearsal", secrets.token_hex()
    request = urllib.request.Request(
        f"http://{address}/-/user/org.couchdb.user:{name}",
        json.dumps({"name": name, "password": password}).encode(),
        {"Content-Type": "application/json"},
        method="PUT",
    )
    with urllib.request.urlopen(request) as response:
        return str(json.load(response)["token"])


@contextmanager
def _running(command: list[str], folder: Path, address: str) -> Iterator[None]:
    """Run a server until it is not needed any more, and wait until it listens."""
    log = folder.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=output, start_new_session=True
        )
    try:
        deadline = time.monotonic() + _PATIENCE
        while not _listens(address):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{command} does not listen: {log.read_text()}")
            time.sleep(0.1)
        yield
    finally:
        # The node of a virtual environment is the child of a script, which it would outlive.
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _listens(address: str) -> bool:
    host, port = address.split(":")
    with socket.socket() as tried:
        return tried.connect_ex((host, int(port))) == 0


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((_HOST, 0))
        return int(free.getsockname()[1])
