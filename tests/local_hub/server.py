"""A server on loopback for the files of a site."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_HOST = "127.0.0.1"


class Handler(SimpleHTTPRequestHandler):
    """Serves the files that there are."""

    def end_headers(self) -> None:
        """Keep browsers from showing what was served here before."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: one line for each request would bury where to look."""


class FrontEnd(Handler):
    """Serves a front-end, too, for all pages that it draws itself."""

    def translate_path(self, path: str) -> str:
        """Serve the front-end for what is no file, but a page that it draws itself."""
        found = super().translate_path(path)
        # That data is missing has to be told: the front-end then says so on its page.
        if Path(found).is_file() or path.startswith("/data/"):
            return found
        return super().translate_path("/index.html")


@contextmanager
def serving(site: Path, port: int = 0, *, handler: type[Handler] = FrontEnd) -> Iterator[str]:
    """Serve a folder, by default on a free port, and give the URL."""
    with ThreadingHTTPServer((_HOST, port), partial(handler, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://{_HOST}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
