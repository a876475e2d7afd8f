"""A mail program's one click: the address, and whoever is behind it, hears no more from us."""

from datetime import datetime

from sqlmodel import Session, col, select

from rebook.db.tables import Case, ContactPoint
from rebook.domain.cases import OPEN_STATES
from rebook.domain.messages import Channel
from rebook.domain.replies import Meaning, Understood
from rebook.domain.unsubscribing import holds
from rebook.keyring import keyring
from rebook.services import people, replies

RULE = "one click in the mail program"


def by_link(session: Session, contact_id: str, token: str, source: str, at: datetime) -> str:
    """Their open cases end as if they had written STOP. Repeating it changes nothing."""
    contact = session.get(ContactPoint, contact_id)
    if contact is None or not holds(keyring().door_key, contact_id, token):
        return "not a link of ours"
    if people.is_suppressed(session, contact.value_key):
        return "opted out before"
    silent = people.suppress(session, contact.value, source=RULE)
    for case in _open_cases(session, silent):
        understood = Understood(Meaning.OPT_OUT, RULE, confidence=1.0)
        replies.keep(session, case, Channel.EMAIL, understood, f"{source}:{case.id}", at)
    return "opted out"


def _open_cases(session: Session, person_ids: list[str]) -> list[Case]:
    return list(
        session.exec(
            select(Case)
            .where(col(Case.person_id).in_(person_ids), col(Case.state).in_(sorted(OPEN_STATES)))
            .order_by(col(Case.id))
        )
    )
