"""How many texts leave in a day, in all and to one range of numbers: a flood is stopped, not paid for."""

from sqlalchemy import text
from sqlmodel import Session

from rebook.db.tables import Case, ContactPoint, Intent
from rebook.domain import clock, toll
from rebook.domain.messages import Channel
from rebook.keyring import keyring
from rebook.services import audit, cases, configuration

ALL = "all"
FULL = "the day's limit of texts is reached"
FULL_BLOCK = "the day's limit of texts to such numbers is reached"
COUNT_ONE = text(
    "INSERT INTO text_tally AS tally (day, block_key, sent) VALUES (:day, :block, 1)"
    " ON CONFLICT (day, block_key) DO UPDATE SET sent = tally.sent + 1 WHERE tally.sent < :most"
    " RETURNING sent"
)


def refusal(session: Session, case: Case, intent: Intent) -> str:
    """Why this text must not leave; empty where it may, and then it is counted."""
    if intent.channel != Channel.SMS:
        return ""
    number = session.get_one(ContactPoint, intent.payload["contact"]).value
    policy = cases.policy_of(session, case)
    own = configuration.topology(session).business_phone
    why = toll.refusal(number, policy.text_countries, own)
    if not why and not _count(session, ALL, policy.texts_a_day):
        why = FULL
    if not why and not _count(session, toll.block(number), policy.texts_a_day_to_a_block):
        why = FULL_BLOCK
    if why:
        audit.record(session, "text_refused", case_id=case.id, intent=intent.id, reason=why)
    return why


def _count(session: Session, block: str, most: int) -> bool:
    """One more, unless that is too many: decided in one statement, so that no two are the last."""
    row = {"day": clock.now().date(), "block": keyring().index(f"block {block}"), "most": most}
    return most > 0 and session.connection().execute(COUNT_ONE, row).first() is not None
