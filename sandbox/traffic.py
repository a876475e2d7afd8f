"""What each platform received and what it sent out, the newest last, for tests and the page."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from typing import Any

KEPT = 5000
OF_INTEREST = {
    "content-type",
    "if-match",
    "if-none-match",
    "user-agent",
    "x-idempotency-key",
    "idempotency-key",
}


class Traffic:
    def __init__(self) -> None:
        self.calls: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self.deliveries: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def call(self, platform: str, scope: dict[str, Any], body: bytes, at: datetime) -> Any:
        """A record that is completed with its status once the platform has answered."""
        record = {
            "platform": platform,
            "method": scope["method"],
            "path": scope["path"],
            "query": scope["query_string"].decode("latin-1"),
            "body": body.decode("utf-8", "replace"),
            "headers": _interesting(scope["headers"]),
            "at": at.isoformat(),
            "status": None,
            "fault": None,
        }
        self.calls.append(record)
        return record

    def delivery(self, platform: str, url: str, kind: str, at: datetime) -> dict[str, Any]:
        record: dict[str, Any] = {
            "platform": platform,
            "url": url,
            "kind": kind,
            "at": at.isoformat(),
            "attempts": 0,
            "status": None,
            "outcome": "waiting",
            "body": "",
        }
        self.deliveries.append(record)
        return record

    def clear(self) -> None:
        self.calls.clear()
        self.deliveries.clear()


def of(records: Iterable[dict[str, Any]], platform: str) -> list[dict[str, Any]]:
    return [record for record in records if platform in ("", record["platform"])]


def _interesting(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    decoded = ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers)
    return {name: value for name, value in decoded if name in OF_INTEREST}
