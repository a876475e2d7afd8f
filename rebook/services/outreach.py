"""Messages to clients: planned with the state change, claimed through one gate, settled by what came back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, select

from rebook.db.tables import Case, ContactPoint, Intent, Reply
from rebook.domain import clock
from rebook.domain.cases import OPEN_STATES, CaseEvent, CaseState
from rebook.domain.contact import answers_directly, may_write_at
from rebook.domain.messages import Channel
from rebook.domain.texts import Answer, Purpose
from rebook.services import (
    audit,
    budget,
    cases,
    composing,
    configuration,
    intents,
    leases,
    offers,
    pages,
    people,
    voices,
)
from rebook.services.intents import Stage
from rebook.services.leases import Actor
from rebook.services.tolls import refusal as toll_refusal

SENDABLE: dict[Purpose | Answer, frozenset[CaseState]] = {
    **dict.fromkeys(Answer, frozenset({CaseState.OFFERED})),
    Purpose.OFFER_SMS: frozenset({CaseState.OFFERED}),
    Purpose.OFFER_EMAIL: frozenset({CaseState.OFFERED}),
    Purpose.LAST_SMS: frozenset({CaseState.OFFERED}),
    Purpose.TAKEN_SMS: frozenset({CaseState.OFFERED}),
    Purpose.TAKEN_EMAIL: frozenset({CaseState.OFFERED}),
    Purpose.BOOKED_SMS: frozenset({CaseState.REBOOKED}),
    Purpose.BOOKED_EMAIL: frozenset({CaseState.REBOOKED}),
    Purpose.TOO_LATE_SMS: frozenset({CaseState.REBOOKED, CaseState.BOOKING}),
    Purpose.LINK_SMS: OPEN_STATES | {CaseState.REBOOKED},
    Purpose.LINK_EMAIL: OPEN_STATES | {CaseState.REBOOKED},
    Answer.WITHDRAWN: frozenset({CaseState.WITHDRAWN}),
    Answer.CALL: frozenset({CaseState.HANDED_OVER}),
    Answer.TO_STAFF: frozenset({CaseState.HANDED_OVER}),
    Answer.HELP: frozenset(CaseState),
    Answer.WELCOME_BACK: frozenset(CaseState),
}
"""A message leaves only while the case is still where it was when the message made sense."""

OPTED_OUT = "opted out"
INVITATIONS = frozenset({Purpose.OFFER_SMS, Purpose.OFFER_EMAIL, Purpose.LAST_SMS})
INVITING_STEPS = (budget.STEPS, "taken", "answer")
WHILE_IT_STOPS = timedelta(minutes=1)
EMAILS = frozenset(purpose for purpose in Purpose if purpose.endswith("_email"))


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


def plan(
    session: Session, case: Case, purpose: Purpose, step: str, answer: Answer | None = None
) -> Intent | None:
    """Write the message for `purpose`. None where the client cannot be reached that way."""
    channel = Channel.EMAIL if purpose in EMAILS else Channel.SMS
    topology = configuration.topology(session)
    connection = topology.email if channel is Channel.EMAIL else topology.sms
    contact = people.reach(session, case.person_id, channel)
    if contact is None or not connection or people.is_suppressed(session, contact.value_key):
        return None
    written = composing.compose(session, case, purpose, answer)
    direct = _answers(session, case)
    return intents.plan(
        session,
        case.id,
        step,
        kind="message",
        connection=connection,
        channel=channel,
        to_key=contact.value_key,
        direct_answer=direct,
        due_at=_when(session, case, direct=direct),
        payload={
            "purpose": purpose,
            "contact": contact.id,
            "text": written.text,
            "subject": written.subject,
            "html": written.html,
            "answer": answer or "",
            "offer": composing.shown_offer(session, case, purpose, answer),
        },
    )


def answer(session: Session, case: Case, reply: Reply, words: Answer) -> bool:
    """Answer what the client said, the way they said it or another. False where there is no way."""
    ways = (Purpose.ANSWER_SMS, Purpose.ANSWER_EMAIL)
    return any(
        plan(session, case, purpose, f"answer-{reply.id}-{purpose}", words)
        for purpose in (reversed(ways) if reply.channel == Channel.EMAIL else ways)
    )


def _answers(session: Session, case: Case) -> bool:
    last = session.exec(select(func.max(Reply.received_at)).where(Reply.case_id == case.id)).one()
    return answers_directly(clock.now(), last, cases.policy_of(session, case))


def _when(session: Session, case: Case, *, direct: bool) -> datetime:
    now = clock.now()
    if direct:
        return now
    return may_write_at(now, offers.zone_of(session, case), cases.policy_of(session, case))


def claim(session: Session, actor: Actor, intent_id: str) -> Outgoing | None:
    """The gate. None, with the reason stored, where the message may not leave now or at all."""
    case = leases.check(session, actor)
    intent = intents.lock(session, intent_id)
    if intent.state != Stage.PLANNED:
        return None
    refusal = _refusal(session, case, intent)
    if refusal:
        intents.settle(session, intent, Stage.DROPPED, reason=refusal)
        return None
    opens = _opens(session, case, intent)
    if opens > clock.now():
        intent.due_at = opens
        session.add(intent)
        audit.record(
            session, "deferred", case_id=case.id, intent=intent.id, until=opens.isoformat()
        )
        return None
    if toll := toll_refusal(session, case, intent):
        give_up(session, case, intent, toll)
        return None
    return _outgoing(session, case, intent)


def _opens(session: Session, case: Case, intent: Intent) -> datetime:
    """In contact hours; an invitation not before the platform's own sequence is seen to be stopped."""
    opens = _when(session, case, direct=intent.direct_answer)
    invites = Purpose(intent.payload["purpose"]) in INVITATIONS
    if invites and voices.may_still_speak(session, case.id):
        return max(opens, clock.now() + WHILE_IT_STOPS)
    return opens


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


def _refusal(session: Session, case: Case, intent: Intent) -> str:
    purpose = Purpose(intent.payload["purpose"])
    speaks = Answer(said) if (said := intent.payload.get("answer")) else purpose
    if people.is_suppressed(session, intent.to_key):
        return "the client opted out"
    if session.get_one(ContactPoint, intent.payload["contact"]).disowned_at:
        return "the contact is somebody else's"
    if CaseState(case.state) not in SENDABLE[speaks]:
        return "the case has moved on"
    if intent.attempts >= intents.MOST_ATTEMPTS:
        return "it was tried often enough"
    if purpose not in INVITATIONS:
        return ""
    if voices.sequence_goes_on(session, case.id) or voices.cannot_be_stopped(session, case.id):
        return "the platform's own sequence speaks to the client"
    return "the contact budget is spent" if budget.is_spent(session, case) else ""


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
