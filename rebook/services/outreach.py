"""Messages to clients: planned with the state change, claimed through one gate, settled by what came back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from rebook.db.tables import Appointment, Case, ContactPoint, Intent, Person
from rebook.domain import clock, texts, wording
from rebook.domain.cases import CaseEvent, CaseState
from rebook.domain.messages import Channel
from rebook.domain.segments import segments
from rebook.domain.texts import Purpose
from rebook.services import (
    audit,
    cases,
    configuration,
    gate,
    intents,
    leases,
    offers,
    pages,
    people,
)
from rebook.services.intents import Stage
from rebook.services.leases import Actor

SENDABLE: dict[Purpose, frozenset[CaseState]] = {
    Purpose.OFFER_SMS: frozenset({CaseState.OFFERED}),
    Purpose.OFFER_EMAIL: frozenset({CaseState.OFFERED}),
    Purpose.LAST_SMS: frozenset({CaseState.OFFERED}),
    Purpose.TAKEN_SMS: frozenset({CaseState.OFFERED}),
    Purpose.TAKEN_EMAIL: frozenset({CaseState.OFFERED}),
    Purpose.BOOKED_SMS: frozenset({CaseState.REBOOKED}),
    Purpose.BOOKED_EMAIL: frozenset({CaseState.REBOOKED}),
    Purpose.TOO_LATE_SMS: frozenset({CaseState.REBOOKED, CaseState.BOOKING}),
    Purpose.LATE_SMS: frozenset({CaseState.VOIDED}),
}
"""A message leaves only while the case is still where it was when the message made sense."""

OPTED_OUT = "opted out"
INVITATIONS = frozenset({Purpose.OFFER_SMS, Purpose.OFFER_EMAIL, Purpose.LAST_SMS})
UNASKED = INVITATIONS | {Purpose.LATE_SMS}
"""What counts against the contact budget."""
LISTING = frozenset(
    {Purpose.OFFER_SMS, Purpose.OFFER_EMAIL, Purpose.TAKEN_SMS, Purpose.TAKEN_EMAIL}
)
INVITING_STEPS = ("outreach", "taken")
EMAILS = frozenset({Purpose.OFFER_EMAIL, Purpose.TAKEN_EMAIL, Purpose.BOOKED_EMAIL})


@dataclass(frozen=True)
class Outgoing:
    """What a claimed intent says to send. Lives in memory only."""

    intent_id: str
    fence: int
    connection: str
    to: str
    text: str
    subject: str
    html: str
    token: str


def plan(session: Session, case: Case, purpose: Purpose, step: str) -> Intent | None:
    """Write the message for `purpose`. None where the client cannot be reached that way."""
    channel = Channel.EMAIL if purpose in EMAILS else Channel.SMS
    topology = configuration.topology(session)
    connection = topology.email if channel is Channel.EMAIL else topology.sms
    contact = people.reach(session, case.person_id, channel)
    if contact is None or not connection or people.is_suppressed(session, contact.value_key):
        return None
    written = texts.write(
        purpose, fields(session, case), configuration.templates(session).texts, cause=case.cause
    )
    direct = gate.answers(session, case)
    return intents.plan(
        session,
        case.id,
        step,
        kind="message",
        connection=connection,
        channel=channel,
        to_key=contact.value_key,
        direct_answer=direct,
        due_at=gate.when(session, case, direct=direct),
        detail=_cost(channel, written.text),
        payload={
            "purpose": purpose,
            "contact": contact.id,
            "text": written.text,
            "subject": written.subject,
            "html": written.html,
            "offer": _shown_offer(session, case, purpose),
        },
    )


def _cost(channel: Channel, text: str) -> dict[str, int]:
    return {"segments": segments(text).count} if channel is Channel.SMS else {}


def _shown_offer(session: Session, case: Case, purpose: Purpose) -> int:
    """The offer whose choices the text lists: a later answer speaks of these."""
    offer = offers.current(session, case.id) if purpose in LISTING else None
    return offer.n if offer else 0


def fields(session: Session, case: Case) -> dict[str, str]:
    """What a text may speak of, made safe."""
    lost = session.get_one(Appointment, case.appointment_id)
    person = session.get(Person, case.person_id) if case.person_id else None
    topology = configuration.topology(session)
    zone = offers.zone_of(session, case)
    offer = offers.current(session, case.id)
    slots = offers.standing(session, offer) if offer else []
    name = wording.safe(person.given_name, 20) if person else ""
    return {
        "business": topology.business_name,
        "phone": topology.business_phone,
        "name": name,
        "greeting": f"Hi {name}, " if name else "",
        "comma_name": f" {name}" if name else "",
        "service": wording.safe(lost.service) or "appointment",
        "old": wording.short(lost.starts_at, zone),
        "place": wording.safe(lost.place, 80),
        "when": _booked(session, case, zone),
        "choices": texts.choices([(slot.code, slot.shown) for slot in slots]),
        "link": pages.link(case.id),
    }


def _booked(session: Session, case: Case, zone: str) -> str:
    start = pages.booked_start(session, case.id)
    return wording.short(start, zone) if start else ""


def claim(session: Session, actor: Actor, intent_id: str) -> Outgoing | None:
    """Through the gate. None, with the reason stored, where it may not leave now or at all."""
    case = leases.check(session, actor)
    intent = intents.lock(session, intent_id)
    if intent.state != Stage.PLANNED:
        return None
    purpose = Purpose(intent.payload["purpose"])
    verdict = gate.judge(
        session, case, intent, states=SENDABLE[purpose], counted=purpose in UNASKED
    )
    if verdict.refusal:
        intents.settle(session, intent, Stage.DROPPED, reason=verdict.refusal)
        return None
    if verdict.until is not None:
        _defer(session, intent, verdict.until)
        return None
    return _outgoing(session, case, intent)


def _defer(session: Session, intent: Intent, until: datetime) -> None:
    intent.due_at = until
    session.add(intent)
    audit.record(
        session, "deferred", case_id=intent.case_id, intent=intent.id, until=until.isoformat()
    )


def _outgoing(session: Session, case: Case, intent: Intent) -> Outgoing:
    contact = session.get_one(ContactPoint, intent.payload["contact"])
    fence = intents.claim(intent)
    if case.first_word_at is None:
        case.first_word_at = clock.now()
        session.add(case)
    session.add(intent)
    return Outgoing(
        intent_id=intent.id,
        fence=fence,
        connection=intent.connection,
        to=contact.value,
        text=intent.payload["text"],
        subject=intent.payload["subject"],
        html=intent.payload["html"],
        token=pages.token(case.id),
    )


def settle(
    session: Session,
    intent_id: str,
    fence: int,
    stage: Stage,
    *,
    vendor_id: str = "",
    reason: str = "",
) -> None:
    """What the vendor answered. An older attempt's answer does not overwrite a newer one."""
    intent = intents.lock(session, intent_id)
    if intent.fence == fence and intent.state in intents.DOUBTFUL:
        intents.settle(session, intent, stage, vendor_id=vendor_id, reason=reason)


def judge(session: Session, actor: Actor, intent_id: str, found: list[str]) -> None:
    """After the wait for evidence: it was sent, or it goes once more, or another way."""
    case = leases.check(session, actor)
    intent = intents.lock(session, intent_id)
    if intent.state not in intents.DOUBTFUL:
        return
    if len(found) > 1:
        audit.record(session, "duplicate_sent", case_id=case.id, intent=intent.id, count=len(found))
    if found:
        intents.settle(session, intent, Stage.DONE, vendor_id=found[0], reason="evidence found")
    elif intent.attempts < intents.MOST_ATTEMPTS:
        intents.plan_again(session, intent)
    else:
        give_up(session, case, intent, "no evidence of sending")


def give_up(session: Session, case: Case, intent: Intent, reason: str) -> None:
    """This way does not reach the client: the next step of the story is due at once."""
    intents.settle(session, intent, Stage.GIVEN_UP, reason=reason)
    _next_way(session, case, intent)


def _next_way(session: Session, case: Case, intent: Intent) -> None:
    if intent.step.startswith(INVITING_STEPS) and CaseState(case.state) is CaseState.OFFERED:
        case.follow_up_at = clock.now()
        session.add(case)


def opted_out(session: Session, case: Case) -> bool:
    """The client wants silence: the case ends, unless it is booking what they chose."""
    if CaseState(case.state) not in (CaseState.OPEN, CaseState.OFFERED, CaseState.HANDED_OVER):
        return False
    cases.move(session, case, CaseEvent.CONTACT_REFUSED, reason="the client opted out")
    return True


def evidence_query(session: Session, intent_id: str) -> dict[str, Any]:
    """What a finder needs to recognise the message: connection, text, to, since."""
    intent = session.get_one(Intent, intent_id)
    contact = session.get(ContactPoint, intent.payload.get("contact", ""))
    return {
        "connection": intent.connection,
        "text": intent.payload.get("text", ""),
        "to": contact.value if contact else intent.payload.get("to", ""),
        "since": intent.claimed_at or intent.planned_at,
    }


def put_off(session: Session, case: Case, intent_id: str, fence: int, reason: str) -> None:
    """The vendor certainly did nothing: the same attempt again in a while."""
    intent = intents.lock(session, intent_id)
    if intent.fence != fence or intent.state != Stage.SENDING:
        return
    intent.state, intent.reason = Stage.PLANNED, reason
    intent.attempts -= 1
    case.failures += 1
    wait = min(3600.0, 15.0 * 2 ** min(case.failures, 8))
    intent.due_at = clock.now() + timedelta(seconds=wait)
    session.add_all([intent, case])
    audit.record(session, "put_off", case_id=case.id, intent=intent.id, reason=reason)


def refused(session: Session, case: Case, intent_id: str, reason: str) -> None:
    """A definite no: an opt-out silences the person, anything else leads to the next channel."""
    intent = intents.lock(session, intent_id)
    if intent.kind != "message" or intent.state != Stage.REFUSED:
        return
    if reason == OPTED_OUT:
        contact = session.get_one(ContactPoint, intent.payload["contact"])
        people.suppress(session, contact.value, source="the vendor reported an opt-out")
        opted_out(session, case)
    else:
        _next_way(session, case, intent)
