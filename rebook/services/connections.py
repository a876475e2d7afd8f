"""Accounts on platforms as the ledger keeps them: settings, credentials, tokens that rotate."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, select

from rebook.db.session import ledger, reading
from rebook.db.tables import Connection, Cursor
from rebook.domain import clock
from rebook.services import audit
from rebook.services import door_secrets as secrets_of


class NoSuchConnection(LookupError):
    """No connection has this name."""


@dataclass(frozen=True)
class Account:
    """One connection, opened. Lives in memory only."""

    id: str
    slug: str
    base_url: str
    settings: dict[str, str]
    credentials: dict[str, str] = field(repr=False, default_factory=dict)
    paused: str = ""


def store(
    session: Session,
    account: Account,
    *,
    door_secrets: Sequence[str],
    tokens: Mapping[str, str] | None = None,
) -> bool:
    """Keep a connection as the operator saved it. Rotating tokens we hold are not overwritten."""
    known = session.get(Connection, account.id)
    row = known or Connection(id=account.id, slug=account.slug)
    before = (row.slug, row.base_url, row.settings, row.credentials, secrets_of.entered(row))
    after = (
        account.slug,
        account.base_url,
        account.settings,
        account.credentials,
        list(door_secrets),
    )
    if known and before == after:
        return False
    entered_again = tokens and account.credentials != row.credentials
    row.slug, row.base_url, row.settings, row.credentials = after[:4]
    secrets_of.enter(row, door_secrets)
    row.tokens = dict(tokens or {}) if entered_again else row.tokens or dict(tokens or {})
    row.paused = ""
    session.add(row)
    audit.record(session, "connection_saved", connection=account.id, platform=account.slug)
    return True


def door_secrets(row: Connection) -> dict[str, str]:
    """What the operator entered, for the block that is made again."""
    return {f"key{number}": secret for number, secret in enumerate(secrets_of.entered(row))}


def load(session: Session, connection: str) -> Account:
    """Raises `NoSuchConnection`."""
    row = session.get(Connection, connection)
    if row is None:
        raise NoSuchConnection(f"there is no connection named {connection}")
    return Account(row.id, row.slug, row.base_url, row.settings, row.credentials, row.paused)


def all_ids(session: Session) -> list[str]:
    return list(session.exec(select(Connection.id).order_by(Connection.id)))


def pause(session: Session, connection: str, why: str) -> None:
    """Nothing more is asked of this account until an admin connects it again."""
    row = session.get_one(Connection, connection)
    if not row.paused:
        row.paused = why
        session.add(row)
        audit.record(session, "connection_paused", connection=connection, why=why)


def cursor(session: Session, connection: str) -> str | None:
    row = session.get(Cursor, connection)
    return row.value if row else None


def move_cursor(session: Session, connection: str, value: str) -> None:
    """In the transaction that stored what it brought."""
    row = session.get(Cursor, connection) or Cursor(
        connection=connection, value=value, moved_at=clock.now()
    )
    row.value, row.moved_at = value, clock.now()
    session.add(row)
    polled = session.get_one(Connection, connection)
    polled.polled_at = polled.heard_at = clock.now()
    session.add(polled)


class LedgerTokens:
    """OAuth tokens of a connection in the ledger: one refresher at a time, under a row lock.

    Read once: what another process renews meanwhile lapses or is refused here, and is then read.
    """

    def __init__(self, connection: str) -> None:
        self._connection = connection
        self._known: dict[str, str] | None = None

    def read(self) -> dict[str, str]:
        if self._known is None:
            with reading() as session:
                self._known = dict(session.get_one(Connection, self._connection).tokens)
        return dict(self._known)

    def renew(self, exchange: Callable[[dict[str, str]], dict[str, str]]) -> dict[str, str]:
        """Where another process renewed them since we read ours, theirs are returned."""
        known = self._known or self.read()
        with ledger() as session:
            row = session.exec(
                select(Connection).where(Connection.id == self._connection).with_for_update()
            ).one()
            if row.tokens.get("access_token") != known.get("access_token"):
                self._known = dict(row.tokens)
                return dict(row.tokens)
            fresh: dict[str, Any] = {**row.tokens, **exchange(dict(row.tokens))}
            row.tokens = fresh
            session.add(row)
        self._known = dict(fresh)
        return fresh
