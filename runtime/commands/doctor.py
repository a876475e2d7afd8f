"""`rebook doctor`: looks at everything, says what is wrong and what to do."""

import sys
from collections.abc import Callable

import psycopg
from rich.markup import escape
from sqlalchemy.exc import SQLAlchemyError

from rebook.db.session import LedgerMissing
from rebook.keyring import KeyringMissing
from runtime.checks import Finding, Level, fail, installation, ledger, platforms, prefect
from runtime.commands.house import err
from runtime.commands.terminal import AsJson, out, print_json
from runtime.folder_lock import AlreadyRunning
from runtime.ledger_access import ledger_at_hand
from runtime.postgres import PostgresFailed

STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}
NO_LEDGER = (LedgerMissing, KeyringMissing, AlreadyRunning, PostgresFailed)


def doctor(as_json: AsJson = False) -> None:
    """Look at keys, clocks, the ledger, Prefect and every connection. Exit 1 if something fails."""
    with err.status("looking at everything"):
        found = examine()
    if as_json:
        print_json(found)
    else:
        _tell(found)
    if any(finding.level is Level.FAIL for finding in found):
        sys.exit(1)


def examine() -> list[Finding]:
    found = [*installation.check(), installation.public_address(), installation.visitors()]
    try:
        with ledger_at_hand():
            found += _part("ledger", ledger.check)
            found += prefect.check()
            found += _part("connections", platforms.check)
    except NO_LEDGER as error:
        found += [fail("ledger", "not reachable", str(error)), *prefect.check()]
    return found


def _part(about: str, check: Callable[[], list[Finding]]) -> list[Finding]:
    """A ledger that fails in the middle is a finding, not the end of the examination."""
    try:
        return check()
    except (SQLAlchemyError, psycopg.Error, ValueError) as error:
        todo = "is its PostgreSQL running, and are its tables up to date (`rebook up`)?"
        return [fail(about, f"could not be read ({type(error).__name__})", todo)]


def _tell(found: list[Finding]) -> None:
    width = max(len(finding.about) for finding in found)
    for finding in found:
        level = f"[{STYLES[finding.level]}]{finding.level:<4}[/]"
        out.print(f"{level}  {finding.about:<{width}}  {escape(finding.found)}", soft_wrap=True)
        if finding.todo:
            out.print(f"      {'':<{width}}  -> {escape(finding.todo)}", soft_wrap=True)
