"""A gateway that does what ours does with a webhook: handshake, verify, translate, and remember."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import connectors
from connectors.contract import Answer, Connector, StoredWebhook, Translated, WebhookRequest
from connectors.errors import BadSignature
from connectors.signatures import lower_headers

Entry = Mapping[str, Any]


def connect(entry: Entry) -> Connector:
    """Our connector, built from what the sandbox says of how it is reached."""
    return connectors.connect(
        entry["slug"], entry["base_url"], entry["settings"], entry["credentials"]
    )


class Gate:
    """`expects` an entry of the sandbox; what then comes in signed is in `heard`, in our words."""

    def __init__(self) -> None:
        self.heard: list[Translated] = []
        self.requests: list[WebhookRequest] = []
        self.refused = 0
        self._entries: dict[str, Entry] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def expects(self, entry: Entry) -> str:
        """The address of this connection's hook, which the platform is told."""
        self._entries[entry["connection"]] = entry
        return f"{self.url}/hooks/{entry['connection']}"

    def wait(self, count: int, seconds: float = 30.0) -> list[Translated]:
        until = time.monotonic() + seconds
        while len(self.heard) < count and time.monotonic() < until:
            time.sleep(0.02)
        assert len(self.heard) >= count, (
            f"{len(self.heard)} of {count} came, {self.refused} refused"
        )
        return list(self.heard)

    def take(self, request: WebhookRequest) -> Answer:
        name = request.url.removeprefix(f"{self.url}/hooks/").partition("?")[0].split("/")[0]
        entry = self._entries[name]
        door = connectors.door(entry["slug"], entry["settings"])
        self.requests.append(request)
        if not request.body and (shaken := door.respond(request)):
            return shaken
        try:
            door.verify(request, [secret.encode() for secret in entry["webhook_secrets"]])
        except BadSignature:
            self.refused += 1
            return Answer(status=401)
        kept = StoredWebhook(
            request.kind, request.url, request.headers, request.body, datetime.now(UTC)
        )
        self.heard += door.translate(kept)
        return door.respond(request) or Answer()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(gate: Gate) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            path = self.path.partition("?")[0].removeprefix("/hooks/")
            kind = path.partition("/")[2]
            headers = lower_headers(dict(self.headers.items()))
            answer = gate.take(WebhookRequest("POST", gate.url + self.path, headers, body, kind))
            self.send_response(answer.status)
            self.send_header("content-type", answer.content_type)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_request(self, code: object = "-", size: object = "-") -> None:
            """Quiet."""

    return Handler
