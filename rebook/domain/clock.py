"""The one clock. In the sandbox and in tests it follows a movable offset kept in a small file."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_seen: tuple[tuple[str, int, int, int], float] = (("", -1, -1, -1), 0.0)


def now() -> datetime:
    """The current instant in UTC, moved by the offset where `REBOOK_CLOCK_FILE` names one."""
    return datetime.now(UTC) + timedelta(seconds=offset_seconds())


def steady() -> float:
    """Seconds that only pass: nobody sets them back, and a sleeping machine does not hold them up."""
    return time.clock_gettime(STEADY)


def offset_seconds() -> float:
    """Seconds by which the clock is moved: 0.0 unless a clock file says otherwise."""
    global _seen
    name = os.environ.get("REBOOK_CLOCK_FILE", "")
    if not name:
        return 0.0
    try:
        found = os.stat(name)
        version = (name, found.st_mtime_ns, found.st_ino, found.st_size)
        if _seen[0] != version:
            _seen = (version, float(json.loads(Path(name).read_text())["offset_seconds"]))
    except FileNotFoundError:
        return 0.0
    except (ValueError, KeyError, TypeError):
        return _seen[1]
    return _seen[1]
