"""Sessions on the ledger. One transaction a use case: `with ledger() as session`, commit at the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Engine, bindparam, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError, InterfaceError, InternalError, OperationalError
from sqlalchemy.orm import attributes
from sqlmodel import Session, select
from sqlmodel.sql.expression import SelectOfScalar

from rebook.db.tables import (
    Appointment,
    Connection,
    ContactPoint,
    Inbox,
    Intent,
    OfferSlot,
    Person,
    SettingVersion,
)
from rebook.keyring import keyring
from rebook.settings import settings
from rebook.sockets import has_news

T = TypeVar("T")
AWAY = (OperationalError, InterfaceError, InternalError)
"""What a session says when its server stops, starts, or ends it."""
SOCKET_FILE = "postgres.socket"
KEPT = (Appointment, Connection, ContactPoint, Inbox, Intent, OfferSlot, Person, SettingVersion)


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


class LeanCursor(psycopg.Cursor[Any]):
    """Says of its columns what DBAPI asks for and SQLAlchemy reads: their names and types."""

    @property
    def description(self) -> Any:
        found = self.pgresult
        if found is None or not found.nfields:
            return None
        names = (found.fname(number) or b"" for number in range(found.nfields))
        return [
            (name.decode(self._encoding), found.ftype(number), None, None, None, None, None)
            for number, name in enumerate(names)
        ]


@cache
def engine() -> Engine:
    made = create_engine(
        ledger_url(),
        pool_size=5,
        max_overflow=5,
        hide_parameters=True,
        connect_args={"cursor_factory": LeanCursor},
    )
    event.listen(made, "checkout", _still_open)
    return made


def _still_open(connection: psycopg.Connection[Any], *_: object) -> None:
    """A server that ended a connection has said so on it: no need to ask one that says nothing."""
    if has_news(connection.fileno()):
        raise DisconnectionError("its server has ended it")


def call_dispatcher(session: Session) -> None:
    """Told when this transaction commits: a case should be woken now and not at the next look."""
    session.connection().execute(text("SELECT pg_notify('rebook_cases', '')"))


def call_workers(session: Session, place: int = 0) -> None:
    """Told when this transaction commits: there is a run to be taken. The first worker, or a later one."""
    session.connection().execute(
        text("SELECT pg_notify('rebook_runs', :place)"), {"place": str(place)}
    )


@event.listens_for(Session, "loaded_as_persistent")
def _keep(session: Session, row: object) -> None:
    """What is asked for by its id in many places of one transaction is read, and decrypted, once.

    A session forgets rows that nobody holds.
    """
    if isinstance(row, KEPT):
        session.info.setdefault("kept", []).append(row)


def once(session: Session, question: str, about: str, ask: Callable[[], T]) -> T:
    """What many places of one transaction ask is asked once; `forget` it where it changes."""
    answers: dict[str, T] = session.info.setdefault(question, {})
    if about not in answers:
        answers[about] = ask()
    return answers[about]


def forget(session: Session, question: str) -> None:
    session.info.pop(question, None)


class LedgerSession(Session):
    """SQLModel's, which asks for a row by its id in a question built once instead of each time."""

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        if options or isinstance(ident, (tuple, dict)):
            return super().get(entity, ident, **options)
        known = self.identity_map.get(self.identity_key(entity, ident))
        if known is None:
            return self.exec(_by_id(entity), params={"id": ident}).first()
        stale = attributes.instance_state(known).expired
        return super().get(entity, ident) if stale else known


@cache
def _by_id(entity: type[Any]) -> SelectOfScalar[Any]:
    (key,) = inspect(entity).primary_key
    return select(entity).where(key == bindparam("id"))


@contextmanager
def ledger() -> Iterator[Session]:
    """A session that commits when the block ends well and rolls back when it does not."""
    with LedgerSession(engine(), expire_on_commit=False) as session:
        yield session
        session.commit()


@lru_cache(1)
def _each_for_itself(engine: Engine) -> Engine:
    return engine.execution_options(isolation_level="AUTOCOMMIT")


class ReadOnly(RuntimeError):
    """Something was changed in a session that only reads."""


@contextmanager
def reading() -> Iterator[Session]:
    """A session for questions whose answers stand for themselves: each is a transaction of its own.

    A lock asked for in it is gone with its statement. Raises `ReadOnly` where a row was changed.
    """
    with LedgerSession(
        _each_for_itself(engine()), expire_on_commit=False, autoflush=False
    ) as session:
        yield session
        if session.new or session.dirty or session.deleted:
            raise ReadOnly("a row was changed in a session that only reads")
