"""A real local server that answers what a test says, in place of a platform or of Prefect."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar


class Platform(BaseHTTPRequestHandler):
    """Answers what a test says, on any path."""

    answer: tuple[int, str] = (200, "{}")
    headers_too: ClassVar[dict[str, str]] = {}
    wanted: str = ""
    release = threading.Event()

    def do_GET(self) -> None:
        if type(self).answer[0] == 0:
            type(self).release.wait(30)
        allowed = not self.wanted or self.headers.get("Authorization") == self.wanted
        self.send_response_only(self.answer[0] or 200 if allowed else 401)
        date = {"Date": format_datetime(datetime.now(UTC), usegmt=True)} | self.headers_too
        for name, value in date.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.answer[1].encode())

    def log_message(self, *_: Any) -> None:
        """Tests read answers, not logs."""


@contextmanager
def answering(host: str = "127.0.0.1", **settings_of_it: Any) -> Iterator[str]:
    released = threading.Event()
    kind = type("OnePlatform", (Platform,), {"release": released, **settings_of_it})
    server = ThreadingHTTPServer((host, 0), kind)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        released.set()
        server.shutdown()
        server.server_close()
