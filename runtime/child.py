"""Turns itself into another program, after tying that program's life to its parent's.

Run by path, before anything of ours is importable, so it uses the standard library only:
`child.py PARENT_PID DEATH_SIGNAL USER|- NICENESS PROGRAM ARGUMENT...`
"""

import ctypes
import os
import pwd
import sys
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_SECUREBITS = 28
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
CAP_AMBIENT_RAISE = 2
SECBIT_NO_SETUID_FIXUP = 1 << 2
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
CAP_SETPCAP = 8
CAPABILITY_VERSION_3 = 0x20080522


def main(arguments: list[str]) -> None:
    parent, signal_number, user, niceness, *program = arguments
    give_way(int(niceness))
    if user != "-":
        become(user)
    die_with_parent(int(parent), int(signal_number))
    try:
        os.execvp(program[0], program)  # noqa: S606 (no shell is wanted here)
    except OSError as error:
        sys.exit(f"cannot start {program[0]}: {error.strerror}")


def give_way(niceness: int) -> None:
    """To processes that somebody waits for. Each of ours leads a session, and Linux shares time among
    sessions first (sched(7), "The autogroup feature"): niceness within one says nothing to others."""
    if niceness:
        os.nice(niceness)
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(niceness))


def become(user: str) -> None:
    """Give up root, keeping at most the right to walk through folders closed to others."""
    account = pwd.getpwnam(user)
    kept = searching_capability()
    if kept is not None:
        prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP)
    os.setgroups([])
    os.setresgid(account.pw_gid, account.pw_gid, account.pw_gid)
    os.setresuid(account.pw_uid, account.pw_uid, account.pw_uid)
    if kept is not None:
        keep_only(kept)
        prctl(PR_SET_NO_NEW_PRIVS, 1)


def searching_capability() -> int | None:
    """The lesser of the two that will do; Docker grants only the greater one by default."""
    if sys.platform != "linux":
        return None
    status = Path("/proc/self/status").read_text()
    effective = int(status.split("CapEff:")[1].split()[0], 16)
    held = [c for c in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE) if effective >> c & 1]
    return held[0] if held and effective >> CAP_SETPCAP & 1 else None


def keep_only(capability: int) -> None:
    """Ambient, so that it outlives the exec; every other capability is gone afterwards."""
    mask = 1 << capability
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    check(libc().capset(header, sets), "capset")
    prctl(PR_CAP_AMBIENT, CAP_AMBIENT_RAISE, capability)


def die_with_parent(parent: int, signal_number: int) -> None:
    """Must follow the change of user, which clears the death signal (prctl(2))."""
    if sys.platform == "linux":
        prctl(PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:
        sys.exit("the process that asked for this one is gone")


def prctl(option: int, *values: int) -> None:
    padded = [*values, 0, 0, 0, 0][:4]
    check(libc().prctl(option, *(ctypes.c_ulong(value) for value in padded)), "prctl")


def libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def check(result: int, call: str) -> None:
    if result != 0:
        sys.exit(f"{call} refused: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    main(sys.argv[1:])
