"""Sessions on the ledger. One transaction a use case: `with ledger() as session`, commit at the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlmodel import Session

from rebook.keyring import keyring
from rebook.settings import settings

AWAY = (OperationalError, InterfaceError, InternalError)
"""What a session says when its server stops, starts, or ends it."""
SOCKET_FILE = "postgres.socket"


class LedgerMissing(RuntimeError):
    """No database is named and none runs here."""


def ledger_url() -> URL:
    """Where the ledger is: the server named in the settings, or the embedded one of the data folder."""
    named = settings().database_url
    if named:
        return make_url(named).set(drivername="postgresql+psycopg")
    try:
        socket = (settings().data_dir / SOCKET_FILE).read_text().strip()
    except FileNotFoundError:
        raise LedgerMissing(
            "the ledger does not run: start it with `rebook up`, or name one in REBOOK_DATABASE_URL"
        ) from None
    return URL.create(
        "postgresql+psycopg",
        username="rebook",
        password=keyring().passwords["rebook"],
        database="rebook",
        query={"host": socket, "port": "5432"},
    )


@cache
def engine() -> Engine:
    return create_engine(
        ledger_url(), pool_pre_ping=True, pool_size=5, max_overflow=5, hide_parameters=True
    )


def call_dispatcher(session: Session) -> None:
    """Told when this transaction commits: a case should be woken now and not at the next look."""
    session.connection().execute(text("SELECT pg_notify('rebook_cases', '')"))


def call_workers(session: Session) -> None:
    """Told when this transaction commits: there is a run to be taken."""
    session.connection().execute(text("SELECT pg_notify('rebook_runs', '')"))


@contextmanager
def ledger() -> Iterator[Session]:
    """A session that commits when the block ends well and rolls back when it does not."""
    with Session(engine(), expire_on_commit=False) as session:
        yield session
        session.commit()
