"""What vendors report of messages we sent: it only ever moves forward, and it is evidence."""

from sqlmodel import Session, select

from rebook.db.tables import Case, ContactPoint, Intent
from rebook.domain.messages import Delivery, DeliveryReport
from rebook.services import audit, cases, intents, outreach, people
from rebook.services.intents import Stage

RANK = list(Delivery)
LOST = (Delivery.FAILED, Delivery.REFUSED)


def record(session: Session, report: DeliveryReport, connection: str) -> str:
    """Apply one report. Returns a verdict in fixed words."""
    intent_id = _intent_of(session, report, connection)
    if intent_id is None:
        return "not a message of ours"
    case = _case_of(session, intent_id) if report.delivery in LOST else None
    intent = intents.lock(session, intent_id)
    if intent.state in intents.DOUBTFUL or (intent.state == Stage.PLANNED and intent.fence):
        intents.settle(
            session, intent, Stage.DONE, vendor_id=report.vendor_id, reason="the vendor reported it"
        )
    if intent.delivery and RANK.index(Delivery(intent.delivery)) >= RANK.index(report.delivery):
        return "known"
    intent.delivery = report.delivery
    session.add(intent)
    audit.record(
        session,
        f"message_{report.delivery}",
        case_id=intent.case_id,
        intent=intent.id,
        code=report.code[:12],
    )
    if case is not None:
        _bounced(session, case, intent, report)
    return report.delivery


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


def _intent_of(session: Session, report: DeliveryReport, connection: str) -> str | None:
    by_vendor = (Intent.connection == connection) & (Intent.vendor_id == report.vendor_id)
    by_name = select(Intent.id).where(Intent.id == report.intent)
    named = session.exec(by_name).first() if report.intent else None
    return named or session.exec(select(Intent.id).where(by_vendor)).first()
