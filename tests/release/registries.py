"""Empty package registries on loopback."""

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
# Seconds. Long enough for a busy machine.
_TIMEOUT = 60


@contextmanager
def pypi(folder: Path) -> Iterator[str]:
    """Serve uploaded packages like PyPI and yield the address."""
    folder.mkdir()
    address = f"{_HOST}:{_find_free_port()}"
    port = address.split(":")[1]
    # Uploads need no login, and there is no fallback to another registry.
    command = ["-m", "pypiserver", "run", "--interface", _HOST, "--port", port]
    options = ["--authenticate", ".", "--passwords", ".", "--disable-fallback", str(folder)]
    with _run_server([sys.executable, *command, *options], folder, address):
        yield address


@contextmanager
def npm(folder: Path, package: str, verdaccio: str) -> Iterator[tuple[str, str]]:
    """Serve uploaded packages like npm and yield the address and a token.

    The registry proxies other packages from the registry of this machine.
    """
    folder.mkdir()
    # Verdaccio requires a tag of node-fetch that some mirrors of npm do not have.
    (folder / "package.json").write_text('{"overrides": {"node-fetch": "^2"}}', encoding="utf-8")
    quiet = ["--no-audit", "--no-fund", "--loglevel", "error"]
    subprocess.run(["npm", "install", *quiet, verdaccio], cwd=folder, check=True)
    address = f"{_HOST}:{_find_free_port()}"
    configuration = folder / "config.yaml"
    upstream = subprocess.check_output(["npm", "config", "get", "registry"], text=True).strip()
    access = {"access": "$all", "publish": "$authenticated"}
    settings = {
        "storage": "./storage",
        "auth": {"htpasswd": {"file": "./htpasswd"}},
        "uplinks": {"upstream": {"url": upstream}},
        "packages": {package: access, "**": access | {"proxy": "upstream"}},
        "web": {"enable": False},
        "log": {"type": "stdout", "level": "warn"},
    }
    # JSON is valid YAML.
    configuration.write_text(json.dumps(settings), encoding="utf-8")
    options = ["--config", str(configuration), "--listen", address]
    server = folder / "node_modules" / ".bin" / "verdaccio"
    with _run_server([str(server), *options], folder, address):
        yield address, _create_token(address)


def _create_token(address: str) -> str:
    """Sign up with a registry and return the token."""
    name, password = "dry-run", secrets.token_hex()
    request = urllib.request.Request(
        f"http://{address}/-/user/org.couchdb.user:{name}",
        json.dumps({"name": name, "password": password}).encode(),
        {"Content-Type": "application/json"},
        method="PUT",
    )
    with urllib.request.urlopen(request) as response:
        return str(json.load(response)["token"])


@contextmanager
def _run_server(command: list[str], folder: Path, address: str) -> Iterator[None]:
    """Start a server, wait until it listens, and stop it at the end of the context."""
    log = folder.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=output, start_new_session=True
        )
    try:
        deadline = time.monotonic() + _TIMEOUT
        while not _is_listening(address):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{command} does not listen: {log.read_text()}")
            time.sleep(0.1)
        yield
    finally:
        # `node` in a virtual environment is the child of a script, so the whole group must end.
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _is_listening(address: str) -> bool:
    host, port = address.split(":")
    with socket.socket() as connection:
        return connection.connect_ex((host, int(port))) == 0


def _find_free_port() -> int:
    with socket.socket() as listener:
        listener.bind((_HOST, 0))
        return int(listener.getsockname()[1])
