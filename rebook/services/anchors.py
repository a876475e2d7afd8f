"""Heads of the audit chain kept in a file outside the database, so that a cut or rewritten tail shows."""

import os
from pathlib import Path

from rebook.settings import settings

FILE = "audit.anchors"


def append(seq: int, digest: str) -> None:
    """Add a head to the file, on disk before this returns."""
    descriptor = os.open(_path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{seq} {digest}\n")
        file.flush()
        os.fsync(file.fileno())


def read() -> dict[int, str]:
    """All heads kept so far; a half-written last line is left out."""
    if not _path().exists():
        return {}
    pairs = (line.split() for line in _path().read_text().splitlines())
    return {int(pair[0]): pair[1] for pair in pairs if len(pair) == 2 and len(pair[1]) == 64}


def _path() -> Path:
    return settings().data_dir / FILE
