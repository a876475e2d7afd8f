"""How every command speaks: results to stdout, the rest to stderr, and no traceback for what can happen."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Annotated, Any

import psycopg
import typer
from rich.console import Console
from sqlalchemy.exc import OperationalError, ProgrammingError

from rebook.db.session import LedgerMissing
from rebook.keyring import KeyringMissing
from runtime.commands.house import err, fail
from runtime.folder_lock import AlreadyRunning
from runtime.ledger_access import ledger_at_hand
from runtime.postgres import PostgresFailed
from runtime.postgres_tools import ToolFailed

out = Console(highlight=False)
AsJson = Annotated[bool, typer.Option("--json", help="For a script: JSON on stdout.")]
AWAY = "the ledger does not answer: is its PostgreSQL running? `rebook doctor` looks closer"
OLD = "the ledger's tables are not what this release expects: `rebook up` brings them up to date"


def print_json(value: Any) -> None:
    """Instants as ISO 8601 in UTC."""
    sys.stdout.write(json.dumps(value, indent=1, default=_plain, ensure_ascii=False) + "\n")


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return value.isoformat() if isinstance(value, datetime) else str(value)


def print_columns(rows: Sequence[Sequence[str]]) -> None:
    """Aligned, one row a line however narrow the terminal; the first row is the heading."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        out.print(line.rstrip(), style="dim" if number == 0 else None, soft_wrap=True, markup=False)


@contextmanager
def at_work(what: str, *, make: bool = False) -> Iterator[None]:
    """The ledger at hand, and a sign of life on a terminal while it takes its time."""
    try:
        with err.status(what), ledger_at_hand(make=make):
            yield
    except (LedgerMissing, KeyringMissing, AlreadyRunning, PostgresFailed, ToolFailed) as error:
        fail(str(error))
    except (OperationalError, psycopg.OperationalError):
        fail(AWAY)
    except ProgrammingError:
        fail(OLD)
