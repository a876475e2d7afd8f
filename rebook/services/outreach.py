"""Messages to clients: planned with the state change, claimed through one gate, settled by what came back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from rebook.db.tables import Case, ContactPoint, Intent, Reply
from rebook.domain import clock
from rebook.domain.cases import OPEN_STATES, CaseEvent, CaseState
from rebook.domain.messages import Channel
from rebook.domain.segments import segments
from rebook.domain.texts import Answer, Purpose
from rebook.services import (
    audit,
    cases,
    composing,
    configuration,
    gate,
    intents,
    leases,
    pages,
    people,
)
from rebook.services.intents import Stage
from rebook.services.leases import Actor

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
    Purpose.LATE_SMS: frozenset({CaseState.VOIDED}),
    Purpose.BY_LINK_SMS: frozenset({CaseState.HANDED_OVER}),
    Purpose.BY_LINK_EMAIL: frozenset({CaseState.HANDED_OVER}),
    Purpose.LINK_SMS: OPEN_STATES | {CaseState.REBOOKED, CaseState.VOIDED},
    Purpose.LINK_EMAIL: OPEN_STATES | {CaseState.REBOOKED, CaseState.VOIDED},
    Answer.WITHDRAWN: frozenset({CaseState.WITHDRAWN}),
    Answer.CALL: frozenset({CaseState.HANDED_OVER}),
    Answer.TO_STAFF: frozenset({CaseState.HANDED_OVER}),
    Answer.HELP: frozenset(CaseState),
    Answer.WELCOME_BACK: frozenset(CaseState),
}
"""A message leaves only while the case is still where it was when the message made sense."""

OPTED_OUT = "opted out"
INVITATIONS = frozenset({Purpose.OFFER_SMS, Purpose.OFFER_EMAIL, Purpose.LAST_SMS})
UNASKED = INVITATIONS | {Purpose.LATE_SMS}
"""What counts against the contact budget."""
INVITING_STEPS = ("outreach", "taken", "answer")
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
    written = composing.compose(session, case, purpose, answer, contact.id)
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
            "answer": answer or "",
            "offer": composing.shown_offer(session, case, purpose, answer),
        },
    )


def _cost(channel: Channel, text: str) -> dict[str, int]:
    return {"segments": segments(text).count} if channel is Channel.SMS else {}


def answer(session: Session, case: Case, reply: Reply, words: Answer) -> bool:
    """Answer what the client said, the way they said it or another. False where there is no way."""
    by_text = [Purpose.ANSWER_SMS] if configuration.topology(session).sms_answers else []
    ways = [*by_text, Purpose.ANSWER_EMAIL]
    return any(
        plan(session, case, purpose, f"answer-{reply.id}-{purpose}", words)
        for purpose in (reversed(ways) if reply.channel == Channel.EMAIL else ways)
    )


def claim(session: Session, actor: Actor, intent_id: str) -> Outgoing | None:
    """Through the gate. None, with the reason stored, where it may not leave now or at all."""
    case = leases.check(session, actor)
    intent = intents.lock(session, intent_id)
    if intent.state != Stage.PLANNED:
        return None
    verdict = _judged(session, case, intent)
    if verdict.refusal:
        intents.settle(session, intent, Stage.DROPPED, reason=verdict.refusal)
    elif verdict.until is not None:
        _defer(session, intent, verdict.until)
    elif verdict.blocked:
        give_up(session, case, intent, verdict.blocked)
    else:
        return _outgoing(session, case, intent)
    return None


def _judged(session: Session, case: Case, intent: Intent) -> gate.Verdict:
    purpose = Purpose(intent.payload["purpose"])
    speaks = Answer(said) if (said := intent.payload.get("answer")) else purpose
    return gate.judge(
        session,
        case,
        intent,
        states=SENDABLE[speaks],
        invites=purpose in INVITATIONS,
        unasked=purpose in UNASKED,
    )


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


def put_off(
    session: Session,
    case: Case,
    intent_id: str,
    fence: int,
    reason: str,
    after: float | None = None,
) -> None:
    """The vendor certainly did nothing: the same attempt again in a while, or in its own time."""
    intent = intents.lock(session, intent_id)
    if intent.fence != fence or intent.state != Stage.SENDING:
        return
    intent.state, intent.reason = Stage.PLANNED, reason
    intent.attempts -= 1
    if intent.attempts == 0:
        intent.claimed_at = None
    case.failures += 1
    wait = min(3600.0, 15.0 * 2 ** min(case.failures, 8))
    asked = min(after or 0, intents.MOST_PATIENCE)
    intent.due_at = clock.now() + timedelta(seconds=max(wait, asked))
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
