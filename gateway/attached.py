"""A posted mail without its attachments: they are read and dropped, and never kept anywhere."""

import asyncio
import secrets

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from gateway.refusals import CLOSE, Refusal

MOST_READ = 31_457_280
"""What SendGrid takes as one mail with everything in it (30 MB)."""


class Words:
    """The parts of a form that are no files, each as it came, and no more than `limit` bytes of them."""

    def __init__(self, boundary: bytes, limit: int) -> None:
        self._limit = limit
        self._name = b""
        self._value = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._data = bytearray()
        self.parts: list[tuple[list[tuple[bytes, bytes]], bytes]] = []
        self.kept = 0
        self.parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._field,
                "on_header_value": self._more,
                "on_header_end": self._header,
                "on_part_data": self._body,
                "on_part_end": self._end,
            },
        )

    def _begin(self) -> None:
        self._headers, self._data = [], bytearray()

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _more(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header(self) -> None:
        self._headers.append((self._name, self._value))
        self._name = self._value = b""

    @property
    def _is_a_file(self) -> bool:
        disposed = [v for n, v in self._headers if n.lower() == b"content-disposition"]
        return any(b"filename" in parse_options_header(value)[1] for value in disposed)

    def _body(self, data: bytes, start: int, end: int) -> None:
        if self._is_a_file:
            return
        self.kept += end - start
        if self.kept > self._limit:
            raise Refusal(413, "too large", CLOSE)
        self._data += data[start:end]

    def _end(self) -> None:
        if not self._is_a_file:
            self.parts.append((self._headers, bytes(self._data)))


async def read_words(request: Request, *, limit: int, seconds: float) -> tuple[bytes, str]:
    """The form without its files, and its content type. Raises `Refusal`."""
    kind, options = parse_options_header(request.headers.get("content-type", "").encode())
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= 200:
        raise Refusal(400, "not a form", CLOSE)
    words = Words(boundary, limit)
    try:
        async with asyncio.timeout(seconds):
            await _feed(request, words)
    except TimeoutError:
        raise Refusal(408, "the body took too long", CLOSE) from None
    except ClientDisconnect:
        raise Refusal(400, "the body ended early", CLOSE) from None
    except FormParserError:
        raise Refusal(400, "not a form", CLOSE) from None
    return _written(words)


async def _feed(request: Request, words: Words) -> None:
    read = 0
    async for chunk in request.stream():
        read += len(chunk)
        if read > MOST_READ:
            raise Refusal(413, "too large", CLOSE)
        if chunk:
            words.parser.write(chunk)


def _written(words: Words) -> tuple[bytes, str]:
    mark = f"words-{secrets.token_hex(16)}"
    body = bytearray()
    for headers, data in words.parts:
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        body += f"--{mark}\r\n".encode() + lines + b"\r\n" + data + b"\r\n"
    return bytes(body) + f"--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"
