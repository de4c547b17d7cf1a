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
    """Serves the files of a folder."""

    def end_headers(self) -> None:
        """Disable the cache of the browser, because other sites can have the same port."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing: one line per request would hide the URL."""


class FrontEnd(Handler):
    """Serves the front-end for all paths without a file."""

    def translate_path(self, path: str) -> str:
        """Return the path of the file, or the path of the front-end for its pages."""
        file = super().translate_path(path)
        # Missing data results in the status 404, for which the front-end has a message.
        if Path(file).is_file() or path.startswith("/data/"):
            return file
        return super().translate_path("/index.html")


@contextmanager
def serving(site: Path, port: int = 0, *, handler: type[Handler] = FrontEnd) -> Iterator[str]:
    """Serve a folder and yield the URL. Default: on a free port."""
    with ThreadingHTTPServer((_HOST, port), partial(handler, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://{_HOST}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
