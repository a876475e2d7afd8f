"""Rows the gateway stored: taken one at a time, opened, and marked when they are done with."""

import base64
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from nacl.exceptions import CryptoError
from sqlalchemy import Integer, bindparam
from sqlmodel import Session, col, select

from rebook.db.session import call_dispatcher
from rebook.db.tables import Connection, Inbox
from rebook.domain import clock
from rebook.keyring import keyring
from rebook.services import audit


@dataclass(frozen=True)
class Letter:
    """One opened inbox row. Lives in memory only."""

    id: int
    connection: str
    slug: str
    kind: str
    url: str
    headers: dict[str, str]
    body: bytes
    received_at: datetime


HEARD = timedelta(minutes=1)
"""How often it is noted that a connection was heard of: whoever asks, asks for hours or days."""
UNREAD = timedelta(seconds=15)
"""Then the reader is away or held up, and a run reads the row."""


MOST = 200
OPEN = (
    select(Inbox.id).where(col(Inbox.handled_at).is_(None)).limit(bindparam("most", type_=Integer))
)
UNTOUCHED = OPEN.where(~col(Inbox.for_a_run), col(Inbox.attempts) == 0).order_by(col(Inbox.id))
FOR_A_RUN = OPEN.where(
    col(Inbox.for_a_run)
    | (col(Inbox.attempts) > 0)
    | (col(Inbox.received_at) < bindparam("before"))
).order_by(col(Inbox.attempts), col(Inbox.id))


def unread(session: Session) -> list[int]:
    """Ids of rows that nobody has looked at, oldest first; not all of them."""
    return [found for found in session.exec(UNTOUCHED, params={"most": MOST}) if found is not None]


def waiting(session: Session, limit: int = MOST) -> list[int]:
    """Ids of rows for a run, oldest first; those that failed come after those that did not."""
    found = session.exec(FOR_A_RUN, params={"before": clock.now() - UNREAD, "most": limit})
    return [one for one in found if one is not None]


def leave_to_a_run(session: Session, inbox_id: int) -> None:
    """It says something of an appointment."""
    row = session.get_one(Inbox, inbox_id)
    row.for_a_run = True
    session.add(row)
    call_dispatcher(session)


OPEN_ROW = (
    select(Inbox)
    .where(Inbox.id == bindparam("id"), col(Inbox.handled_at).is_(None))
    .with_for_update(skip_locked=True)
)


def take(session: Session, inbox_id: int) -> Letter | None:
    """Lock and open one row; None where another run has it or it is done.

    Raises ValueError for a row that our key does not open.
    """
    row = session.exec(OPEN_ROW, params={"id": inbox_id}).first()
    return _opened(session, row) if row else None


def take_several(session: Session, inbox_ids: Collection[int]) -> list[Letter]:
    """`take` of those that are nobody else's, oldest first."""
    rows = session.exec(
        select(Inbox)
        .where(col(Inbox.id).in_(inbox_ids), col(Inbox.handled_at).is_(None))
        .order_by(col(Inbox.id))
        .with_for_update(skip_locked=True)
    )
    return [_opened(session, row) for row in rows.all()]


def _opened(session: Session, row: Inbox) -> Letter:
    connection = session.get(Connection, row.connection)
    try:
        sealed = json.loads(keyring().unseal(row.sealed))
    except CryptoError:
        raise ValueError("an inbox row that our key does not open") from None
    return Letter(
        id=row.id or 0,
        connection=row.connection,
        slug=connection.slug if connection else "",
        kind=row.kind,
        url=sealed.get("url", ""),
        headers=sealed.get("headers", {}),
        body=base64.b64decode(sealed["body"]),
        received_at=row.received_at,
    )


def _heard_lately(connection: Connection, now: datetime) -> bool:
    """A storm need not change the one row that all its cases read."""
    return connection.heard_at is not None and now - connection.heard_at < HEARD


def done(session: Session, inbox_id: int, verdict: str) -> None:
    """Handled: what it came to is in the audit trail."""
    row = session.get_one(Inbox, inbox_id)
    row.handled_at, row.fault = clock.now(), ""
    session.add(row)
    connection = session.get(Connection, row.connection)
    if connection is not None and not _heard_lately(connection, row.received_at):
        connection.heard_at = row.received_at
        session.add(connection)
    audit.record(
        session, "inbox_handled", inbox=inbox_id, connection=row.connection, verdict=verdict
    )


def failed(session: Session, inbox_id: int, fault: str, *, final: bool) -> None:
    """Not this time, or never: a row that cannot be understood is set aside for a person."""
    row = session.get_one(Inbox, inbox_id)
    row.attempts += 1
    row.fault = fault
    if final:
        row.handled_at = clock.now()
    session.add(row)
    action = "inbox_set_aside" if final else "inbox_failed"
    audit.record(session, action, inbox=inbox_id, connection=row.connection, fault=fault)
