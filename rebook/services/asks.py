"""Questions the gateway has put, opened and answered one at a time while somebody waits."""

import base64
import json
from datetime import timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from rebook.db.call_tables import Ask
from rebook.domain import clock
from rebook.domain.pageview import seal_view
from rebook.keyring import keyring
from rebook.services.inbox import Letter

PATIENCE = timedelta(seconds=4)
"""Then nobody waits any more: the gateway has said so, and put the question into the inbox."""
KEPT = timedelta(hours=1)


def waiting(session: Session) -> list[int]:
    """Ids of what is asked at this moment, oldest first."""
    now = clock.now()
    rows = session.exec(
        select(Ask.id)
        .where(col(Ask.answered_at).is_(None), col(Ask.asked_at) > now - PATIENCE)
        .order_by(col(Ask.id))
    )
    return [found for found in rows if found is not None]


def take(session: Session, ask_id: int) -> tuple[Letter, str] | None:
    """The opened question and the secret its answer is closed under; None where it is answered."""
    row = session.exec(
        select(Ask)
        .where(Ask.id == ask_id, col(Ask.answered_at).is_(None))
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return None
    opened = json.loads(keyring().unseal(row.sealed))
    letter = Letter(
        id=ask_id,
        connection=row.connection,
        slug="",
        kind=row.kind,
        url=opened["url"],
        headers=opened["headers"],
        body=base64.b64decode(opened["body"]),
        received_at=row.asked_at,
    )
    return letter, opened["secret"]


def answer(session: Session, ask_id: int, secret: str, body: bytes, content_type: str) -> None:
    row = session.get_one(Ask, ask_id)
    view = {"body": base64.b64encode(body).decode(), "type": content_type}
    row.answer, row.answered_at = seal_view(secret, view), clock.now()
    session.add(row)


def give_up(session: Session, ask_id: int) -> None:
    """No answer will come of it; the gateway says what it says where none comes."""
    row = session.get_one(Ask, ask_id)
    row.answered_at = clock.now()
    session.add(row)


def sweep(session: Session) -> None:
    """Nobody needs them any more: the call itself is in the ledger."""
    session.connection().execute(delete(Ask).where(col(Ask.asked_at) < clock.now() - KEPT))
