"""Heads of the audit chain kept in a file outside the database, so that a cut or rewritten tail shows."""

import os
from datetime import UTC, datetime
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


def read(path: Path | None = None) -> dict[int, str]:
    """All heads kept so far, here or in a copy; a half-written last line is left out."""
    source = path or _path()
    if not source.exists():
        return {}
    pairs = (line.split() for line in source.read_text().splitlines())
    return {int(pair[0]): pair[1] for pair in pairs if len(pair) == 2 and len(pair[1]) == 64}


def set_aside_after(last: int, known: dict[int, str]) -> dict[int, str]:
    """Keep heads up to `last`, `known` ones where we have none; returns those taken out.

    The file as it was stays beside the new one.
    """
    before = read()
    kept = {seq: head for seq, head in (known | before).items() if seq <= last}
    if _path().exists():
        _path().rename(_path().with_name(f"{FILE}.before-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"))
    for seq in sorted(kept):
        append(seq, kept[seq])
    return {seq: head for seq, head in before.items() if seq > last}


def _path() -> Path:
    return settings().data_dir / FILE
