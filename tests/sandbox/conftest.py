"""A running sandbox on a free port, with a gateway beside it that only records what it is sent."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import uvicorn

from sandbox.app import Sandbox, create_app
from sandbox.config import Config
from tests.sandbox.gate import Gate

Json = dict[str, Any]
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""No certificates are loaded, which takes longer than most tests: everything is plain http."""
T = TypeVar("T")


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Gateway:
    """`answers` are statuses for the next requests; when they run out it is 200."""

    url: str
    received: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    reply: bytes = b""

    def wait(self, count: int, path: str = "") -> list[Received]:
        return eventually(lambda: self.at(path) if len(self.at(path)) >= count else None)

    def at(self, path: str) -> list[Received]:
        return [one for one in list(self.received) if path in one.path]


def eventually(look: Callable[[], T | None], seconds: float = 30.0) -> T:
    """Ask until there is an answer; the test fails when there is none in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = look()
        if found is not None:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


@pytest.fixture(scope="session")
def door() -> Iterator[Gateway]:
    """One recording gateway for all tests."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            known.received.append(Received(self.path, headers, body))
            self.send_response(known.answers.pop(0) if known.answers else 200)
            self.send_header("content-length", str(len(known.reply)))
            self.end_headers()
            self.wfile.write(known.reply)

        def do_GET(self) -> None:
            """Some platforms ask whether somebody is there before they save an address."""
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_request(self, code: object = "-", size: object = "-") -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known = Gateway(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield known
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def gateway(door: Gateway) -> Gateway:
    door.received.clear()
    door.answers.clear()
    door.reply = b""
    return door


@dataclass
class Running:
    """The sandbox as its clients see it."""

    url: str
    app: Sandbox
    clock_file: Path
    http: httpx.Client

    def connection(self, name: str) -> Json:
        entries = self.http.get("/_control/connections").json()
        found: Json = next(entry for entry in entries if entry["connection"] == name)
        return found

    def act(self, path: str, **fields: object) -> Json:
        answer = self.http.post(f"/_control{path}", json=fields)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def fault(self, platform: str, kind: str, **fields: object) -> None:
        self.act("/faults", platform=platform, kind=kind, **fields)

    def fired(self) -> list[int]:
        listed = self.http.get("/_control/faults").json()["faults"]
        return [fault["fired"] for fault in listed]

    def state(self) -> Json:
        return dict(self.http.get("/_control/state").json())

    def deliveries(self, platform: str) -> list[Json]:
        path = f"/_control/deliveries?platform={platform}"
        return list(self.http.get(path).json()["deliveries"])

    def acuity(self) -> httpx.Client:
        entry = self.connection("acuity")
        login = (entry["credentials"]["user_id"], entry["credentials"]["api_key"])
        return httpx.Client(base_url=entry["base_url"], auth=login, timeout=60, verify=PLAIN)

    def google(self) -> httpx.Client:
        entry = self.connection("google")
        bearer = {"Authorization": f"Bearer {entry['credentials']['access_token']}"}
        return httpx.Client(base_url=entry["base_url"], headers=bearer, timeout=60, verify=PLAIN)

    def calendar(self) -> str:
        return str(self.connection("google")["settings"]["calendars"]).split(",")[0]


class Town:
    """Starts sandboxes and stops them all."""

    def __init__(self, gateway: Gateway, folder: Path) -> None:
        self._defaults: Json = {
            "gateway": gateway.url,
            "clock_file": folder / "clock.json",
            "limits": False,
        }
        self._started: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(self, **options: Any) -> Running:
        config = Config(**{**self._defaults, **options})
        app = create_app(config)
        port = _free_port()
        server = uvicorn.Server(
            uvicorn.Config(app, port=port, log_level="warning", timeout_graceful_shutdown=1)
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        self._started.append((server, thread))
        eventually(lambda: server.started or None)
        assert config.clock_file
        url = f"http://127.0.0.1:{port}"
        return Running(
            url, app, config.clock_file, httpx.Client(base_url=url, verify=PLAIN, timeout=60)
        )

    def stop(self) -> None:
        for server, _ in self._started:
            server.should_exit = server.force_exit = True
        for _, thread in self._started:
            thread.join(5)


@pytest.fixture
def serve(gateway: Gateway, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Sandboxes of this test's own, with options of their own."""
    town = Town(gateway, tmp_path)
    yield town.start
    town.stop()


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.close()


@pytest.fixture(scope="session")
def shared(door: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    town = Town(door, tmp_path_factory.mktemp("sandbox"))
    yield town.start()
    town.stop()


@pytest.fixture
def sandbox(shared: Running, gateway: Gateway) -> Running:
    """The one that all tests share, put back to its first state."""
    shared.act("/clock", offset_seconds=0)
    shared.act("/reset")
    gateway.received.clear()
    return shared


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
