"""CPU seconds and memory of a house by process, read from /proc: a process with all its descendants."""

import os
from collections.abc import Mapping
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def seconds(roots: Mapping[str, int]) -> dict[str, float]:
    """By the name of each root: its own time, its descendants', and that of those they buried."""
    stats = dict(_every())
    found = dict.fromkeys(roots, 0.0)
    owners = {pid: name for name, pid in roots.items()}
    for pid, (_, used) in stats.items():
        name = _owner(pid, stats, owners)
        if name:
            found[name] += used
    return found


def _every() -> list[tuple[int, tuple[int, float]]]:
    listed = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        used = sum(int(field) for field in fields[11:15]) / TICKS
        listed.append((int(folder.name), (int(fields[1]), used)))
    return listed


def _owner(pid: int, stats: Mapping[int, tuple[int, float]], owners: Mapping[int, str]) -> str:
    while pid in stats:
        if pid in owners:
            return owners[pid]
        pid = stats[pid][0]
    return ""


def memory_mib(roots: Mapping[str, int]) -> float:
    """Proportional share of all of them together."""
    stats = dict(_every())
    owners = {pid: name for name, pid in roots.items()}
    return sum(_pss_kib(pid) for pid in stats if _owner(pid, stats, owners)) / 1024


def _pss_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
