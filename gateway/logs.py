"""The gateway's log: one JSON line a request, with ids, a route's pattern and figures; no content."""

import json
import logging
import sys
import time
import traceback
from datetime import UTC, datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger("gateway")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}


class Lines(logging.Formatter):
    """JSON escapes what could start a new line. An exception's text is never written."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line |= fault(record.exc_info[1])
        return json.dumps(line)


def configure() -> None:
    """To stderr. Libraries speak from warning on, the pool not even then: it names servers."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    LOG.setLevel(logging.INFO)
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)


def fault(error: BaseException) -> dict[str, str]:
    """What went wrong and where in our code, without the words of the error."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    place = f"{last.filename.rpartition('/')[2]}:{last.lineno}" if last else ""
    return {"error": type(error).__name__, "place": place}


class Journal:
    """Outermost: writes the line, and turns what nobody caught into a plain 500."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            LOG.error("fault", extra={"facts": fault(error)})
            if not status:
                await _plain_500(watched)
        LOG.info("request", extra={"facts": _facts(scope, status, begun)})


def _facts(scope: Scope, status: int, begun: float) -> dict[str, Any]:
    facts = {
        "method": scope["method"] if scope["method"] in METHODS else "other",
        "route": getattr(scope.get("route"), "path", "none"),
        "status": status,
        "ms": round((time.perf_counter() - begun) * 1000, 1),
    }
    return facts | ({"connection": scope["connection"]} if "connection" in scope else {})


async def _plain_500(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": b"something went wrong on our side"})
