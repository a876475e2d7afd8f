"""A form with a photo, read in memory: nothing of it touches a disk before it is sealed."""

from collections.abc import AsyncGenerator

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from gateway.refusals import Refusal

PHOTO_LIMIT = 6_291_456
FORM_LIMIT = PHOTO_LIMIT + 16_384
"""A photo as phones take them, and the few words beside it."""
FIELDS = 20
WORDS = 8192


class _InMemory(MultiPartParser):
    spool_max_size = FORM_LIMIT + 1


async def read_multipart(kind: str, body: bytes) -> tuple[dict[str, str], bytes]:
    """The fields by name and the photo, empty where there is none. Raises `Refusal` 400."""
    parser = _InMemory(
        Headers({"content-type": kind}),
        _all_of(body),
        max_files=1,
        max_fields=FIELDS,
        max_part_size=WORDS,
    )
    try:
        parts = (await parser.parse()).multi_items()
    except (MultiPartException, ValueError):
        raise Refusal(400, "not a form") from None
    names = [name for name, _ in parts]
    if len(set(names)) != len(names):
        raise Refusal(400, "not a form of ours")
    fields = {name: value for name, value in parts if isinstance(value, str)}
    photos = [value for name, value in parts if isinstance(value, UploadFile) and name == "photo"]
    return fields, await photos[0].read() if photos else b""


async def _all_of(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


def is_photo(data: bytes) -> bool:
    """By its first bytes: what a browser says of a file proves nothing."""
    return (
        data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))
        or data[:4] + data[8:12] == b"RIFFWEBP"
    )
