"""The time a case's client wishes for: kept with the reply that said it, until another takes its place."""

from datetime import timedelta

from sqlmodel import Session

from rebook.db.tables import Appointment, Case, Offer, Reply
from rebook.domain import clock
from rebook.domain.texts import Answer
from rebook.domain.wishes import Wish
from rebook.services import cases, offers

WISHED = "the client wished another time"


def wish_of(session: Session, case: Case) -> Wish | None:
    reply = session.get(Reply, case.wish) if case.wish else None
    if reply is None or reply.wish_from is None or reply.wish_to is None:
        return None
    lost = session.get_one(Appointment, case.appointment_id)
    return Wish(reply.wish_from, reply.wish_to, lost.ends_at - lost.starts_at)


def sought(session: Session, case: Case) -> Wish | None:
    """The wish that times are looked for by: one just said, or one that can still come true."""
    wish = wish_of(session, case)
    if wish is None or case.reason == WISHED or wish.end > clock.now():
        return wish
    return None


def answer_to(session: Session, case: Case, offer: Offer) -> Answer:
    """What the offer is, measured by the wish: what was asked for, or the nearest and why."""
    wish = wish_of(session, case)
    slots = offers.slots_of(session, offer)
    if wish is None or all(wish.met_by(slot.starts_at) for slot in slots):
        return Answer.WISH
    policy, now = cases.policy_of(session, case), clock.now()
    if wish.start >= now + timedelta(days=policy.latest_days):
        return Answer.TOO_FAR
    if wish.start + wish.span <= now + timedelta(minutes=policy.earliest_minutes):
        return Answer.TOO_SOON
    return Answer.NEAREST
