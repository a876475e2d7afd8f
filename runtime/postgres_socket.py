"""Where the server's socket lies: in its own folder, or in a short private one if that is too deep.

A UNIX socket's path has room for 107 bytes on Linux and 103 on macOS.
"""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

ROOM = 103
SOCKET = ".s.PGSQL.5432"


def socket_dir(folder: Path, owner: tuple[int, int]) -> Path:
    """The same answer for the same folder as long as the short folder is there and still ours."""
    inside = folder / "socket"
    if len(os.fsencode(inside / SOCKET)) <= ROOM:
        return _own(inside, owner)
    note = folder / "socket-dir"
    remembered = _remembered(note)
    if remembered and _is_private(remembered, owner):
        return remembered
    short = _own(Path(tempfile.mkdtemp(prefix="rebook-")), owner)
    note.write_text(str(short))
    return short


def forget_short_dir(folder: Path) -> None:
    """Called when the server has ended: nothing stays in the temp folder."""
    note = folder / "socket-dir"
    short = _remembered(note)
    note.unlink(missing_ok=True)
    if short and short.is_dir():
        for name in (SOCKET, f"{SOCKET}.lock"):
            (short / name).unlink(missing_ok=True)
        with suppress(OSError):
            short.rmdir()


def _own(directory: Path, owner: tuple[int, int]) -> Path:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if directory.stat().st_uid != owner[0]:
        os.chown(directory, *owner)
    return directory


def _remembered(note: Path) -> Path | None:
    with suppress(FileNotFoundError):
        return Path(note.read_text())
    return None


def _is_private(directory: Path, owner: tuple[int, int]) -> bool:
    with suppress(FileNotFoundError):
        found = directory.lstat()
        private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
        return private and found.st_uid == owner[0]
    return False
