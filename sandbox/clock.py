"""The town's movable clock: one offset in seconds, kept in a file that other processes read too."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path


class Clock:
    """Every "now" of the sandbox, signature timestamps included, comes from here."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._changed = -1
        self._offset = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.offset())

    def timestamp(self) -> float:
        return self.now().timestamp()

    def offset(self) -> float:
        """The offset as the file has it; an unreadable file leaves the last one in force."""
        if self._file is None:
            return self._offset
        try:
            changed = self._file.stat().st_mtime_ns
            if changed != self._changed:
                self._offset = float(json.loads(self._file.read_text())["offset_seconds"])
                self._changed = changed
        except FileNotFoundError:
            return 0.0
        except (ValueError, KeyError, TypeError):
            return self._offset
        return self._offset

    def set(self, offset: float) -> None:
        """Replace the file in one step, so that no reader sees half of it."""
        self._offset = offset
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        fresh.write_text(json.dumps({"offset_seconds": offset}))
        fresh.replace(self._file)
        self._changed = -1

    def advance(self, seconds: float) -> float:
        self.set(self.offset() + seconds)
        return self._offset
