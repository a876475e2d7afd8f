"""What all platforms share on the wire: a refusal with its body, and reading JSON or forms."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.responses import JSONResponse, Response

Json = dict[str, Any]


class Refusal(Exception):
    """An answer that is not a success, with the body the platform documents for it."""

    def __init__(
        self, status: int, body: Json | list[Json] | str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = dict(headers or {})

    def response(self) -> Response:
        if isinstance(self.body, str):
            return Response(self.body, self.status, self.headers, media_type="text/plain")
        return JSONResponse(self.body, self.status, self.headers)


class BadBody(Exception):
    """The body is not what its content type says; each platform words its own 400."""


async def read_json(request: Request) -> Json:
    raw = await request.body()
    if not raw:
        return {}
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadBody from None
    if not isinstance(value, dict):
        raise BadBody
    return value


async def read_form(request: Request) -> dict[str, str]:
    """The last value of each field; an unreadable body is an empty form."""
    raw = (await request.body()).decode("utf-8", "replace")
    return dict(parse_qsl(raw, keep_blank_values=True))


def truth(value: object) -> bool:
    """Vendors take `true`, `1` and JSON true alike."""
    return value is True or str(value).lower() in {"true", "1"}
