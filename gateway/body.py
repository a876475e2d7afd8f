"""Reads a request's body within a size and a time, exactly as it was sent."""

import asyncio

from starlette.requests import ClientDisconnect, Request

from gateway.refusals import CLOSE, Refusal

DRAINED = 1_048_576
"""A sender reads its 413 only after it has sent everything; so much more is read and dropped."""


async def read_body(request: Request, *, limit: int, seconds: float) -> bytes:
    """Raises `Refusal` 400, 408, 413 or 415."""
    _refuse_disguises(request)
    if int(request.headers.get("content-length", "0")) > max(limit, DRAINED):
        raise _too_large()
    try:
        async with asyncio.timeout(seconds):
            return await _collect(request, limit)
    except TimeoutError:
        raise Refusal(408, "the body took too long", CLOSE) from None
    except ClientDisconnect:
        raise Refusal(400, "the body ended early", CLOSE) from None


def _refuse_disguises(request: Request) -> None:
    headers = request.headers
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refusal(415, "encoded bodies are not taken")
    if "content-length" in headers and "transfer-encoding" in headers:
        raise Refusal(400, "one length, please", CLOSE)


async def _collect(request: Request, limit: int) -> bytes:
    body = bytearray()
    dropped = 0
    async for chunk in request.stream():
        if len(body) + len(chunk) <= limit and not dropped:
            body += chunk
        else:
            dropped += len(chunk)
        if dropped > DRAINED:
            break
    if dropped:
        raise _too_large()
    return bytes(body)


def _too_large() -> Refusal:
    return Refusal(413, "too large", CLOSE)
