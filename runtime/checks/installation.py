"""The data folder: its keys, its room, what runs from it, and which releases these are."""

import json
import platform
import shutil
import stat
from importlib.metadata import version

from rebook import keyring
from rebook.settings import settings
from runtime.checks import Finding, fail, ok, warn
from runtime.ledger_access import data_folder, house_is_up, house_state

FEW_BYTES, NO_BYTES = 1_000_000_000, 200_000_000
MANY_RESTARTS = 3


def check() -> list[Finding]:
    return [keys(), room(), house(), releases()]


def keys() -> Finding:
    """There, closed to others, and readable as a keyring."""
    path = data_folder() / keyring.FILE
    if not path.exists():
        return fail(
            "keys", f"no {path}", "run `rebook up` once, or bring the file back from safety"
        )
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return fail("keys", f"{path} is open to others ({mode:04o})", f"chmod 600 {path}")
    try:
        found = keyring.load(data_folder())
        whole = found.decrypt(found.encrypt("whole")) == "whole"
    except (OSError, ValueError, TypeError, KeyError, json.JSONDecodeError):
        whole = False
    if not whole:
        return fail("keys", f"{path} is damaged", "bring it back from where you keep its copy")
    return ok("keys", f"{path}: keep a copy in another safe place")


def room() -> Finding:
    free = shutil.disk_usage(data_folder() if data_folder().exists() else "/").free
    found = f"{free / 1e9:.1f} GB free for {data_folder()}"
    if free < NO_BYTES:
        return fail("disk", found, "make room: the database stops when the disk is full")
    return warn("disk", found, "make room soon") if free < FEW_BYTES else ok("disk", found)


def house() -> Finding:
    """Does it run, and does each part stay up?"""
    state = house_state()
    if state is None:
        found = "starting or stopping" if house_is_up() else "not running"
        return warn("house", found, "`rebook up` starts it")
    restless = [
        f"{name} ({child['restarts']} times)"
        for name, child in state.children.items()
        if child["restarts"] >= MANY_RESTARTS
    ]
    if restless:
        logs = data_folder() / "logs"
        return warn("house", f"started again: {', '.join(restless)}", f"see their logs in {logs}")
    return ok("house", f"up, {len(state.children)} processes")


def releases() -> Finding:
    names = ("rebook", "prefect", "fastapi", "sqlmodel")
    shown = ", ".join(f"{name} {version(name)}" for name in names)
    return ok("releases", f"Python {platform.python_version()}, {shown}")


def public_address() -> Finding:
    """What vendors sign and clients click must be reachable from outside."""
    state = house_state()
    address = settings().public_url or (state.addresses["gateway"] if state else "")
    rehearsal = state is not None and "sandbox" in state.addresses
    if address.startswith("https://") or rehearsal:
        return ok("public address", address)
    found = address or "not set"
    return warn("public address", found, "set REBOOK_PUBLIC_URL to the gateway's https address")


def visitors() -> Finding:
    """Behind a proxy that names nobody, who guesses links cannot be told from who opens theirs."""
    header = settings().gateway_address_header
    if header:
        return ok("visitors", f"named by {header} from {settings().gateway_proxies}")
    if not settings().public_url.startswith("https://"):
        return ok("visitors", "no proxy")
    todo = "set REBOOK_GATEWAY_ADDRESS_HEADER to the header in which your proxy names them"
    return warn("visitors", "all have the proxy's address", todo)
