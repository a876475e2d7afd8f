"""What vendors report of messages we sent: it only ever moves forward, and it is evidence."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from rebook.db.tables import Case, ContactPoint, Intent
from rebook.domain.messages import Delivery, DeliveryReport
from rebook.services import audit, cases, intents, outreach, people
from rebook.services.intents import Stage

RANK = list(Delivery)
LOST = (Delivery.FAILED, Delivery.REFUSED)
KNOWN, NOT_OURS = "known", "not a message of ours"


@dataclass(frozen=True)
class Told:
    """A report, and the connection that brought it."""

    connection: str
    report: DeliveryReport


def record(session: Session, report: DeliveryReport, connection: str) -> str:
    """Apply one report. Returns a verdict in fixed words."""
    (intent_id,) = _ids(session, [Told(connection, report)]).values()
    if intent_id is None:
        return NOT_OURS
    case = _case_of(session, intent_id) if is_lost(report) else None
    intent = intents.lock(session, intent_id)
    verdict = note(session, intent, report)
    if case is not None and verdict != KNOWN:
        _bounced(session, case, intent, report)
    return verdict


def is_lost(report: DeliveryReport) -> bool:
    """It concerns the whole case: another way must be found."""
    return report.delivery in LOST


def note(session: Session, intent: Intent, report: DeliveryReport) -> str:
    """What it says of the message, which the caller has locked. Returns a verdict in fixed words."""
    if intent.state in intents.DOUBTFUL or (intent.state == Stage.PLANNED and intent.fence):
        intents.settle(
            session, intent, Stage.DONE, vendor_id=report.vendor_id, reason="the vendor reported it"
        )
    if intent.delivery and RANK.index(Delivery(intent.delivery)) >= RANK.index(report.delivery):
        return KNOWN
    intent.delivery = report.delivery
    session.add(intent)
    audit.record(
        session,
        f"message_{report.delivery}",
        case_id=intent.case_id,
        intent=intent.id,
        code=report.code[:12],
    )
    return report.delivery


def messages(session: Session, told: Collection[Told]) -> dict[Told, Intent | None]:
    """The message each is about, locked; None where it is none of ours.

    A report of a message that somebody works on right now is left out.
    """
    ids = _ids(session, told)
    locked = intents.lock_free(session, [one for one in ids.values() if one])
    return {
        one: locked.get(intent_id) if intent_id else None
        for one, intent_id in ids.items()
        if intent_id is None or intent_id in locked
    }


def _ids(session: Session, told: Collection[Told]) -> dict[Told, str | None]:
    """The intent of each: by our own name for it, else by the vendor's number."""
    named = {one.report.intent for one in told} - {""}
    ours = {row[0] for row in _rows(session, col(Intent.id).in_(named))} if named else set()
    rest = {one.report.vendor_id for one in told if one.report.intent not in ours} - {""}
    rows = _rows(session, col(Intent.vendor_id).in_(rest)) if rest else []
    numbered = {(connection, number): intent_id for intent_id, connection, number in rows}
    return {
        one: one.report.intent
        if one.report.intent in ours
        else numbered.get((one.connection, one.report.vendor_id))
        for one in told
    }


def _rows(session: Session, which: ColumnElement[bool]) -> Sequence[tuple[str, str, str]]:
    return session.exec(select(Intent.id, Intent.connection, Intent.vendor_id).where(which)).all()


def _case_of(session: Session, intent_id: str) -> Case:
    """Locked before its intent, as everybody does. Good news changes nothing in it."""
    return cases.load(session, session.get_one(Intent, intent_id).case_id)


def _bounced(session: Session, case: Case, intent: Intent, report: DeliveryReport) -> None:
    if report.opted_out:
        silence(session, intent, source="the vendor reported an opt-out")
        outreach.opted_out(session, case)
    if cases.is_open(case) and intent.state == Stage.DONE:
        outreach.give_up(session, case, intent, "it was not delivered")
        case.next_action_at = case.follow_up_at or case.next_action_at
        session.add(case)


def silence(session: Session, intent: Intent, *, source: str) -> None:
    """The vendor says this person asked for no more messages."""
    contact = session.get(ContactPoint, intent.payload.get("contact", ""))
    if contact is not None:
        people.suppress(session, contact.value, source=source)
