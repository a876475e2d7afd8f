"""The platform's own sequence in place of our invitations: begun through one gate, settled by evidence."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, select

from rebook.db.tables import Appointment, Case, ContactPoint, Intent
from rebook.domain import clock
from rebook.domain.appointments import Person
from rebook.domain.cases import CaseState
from rebook.domain.messages import Channel
from rebook.domain.texts import Purpose
from rebook.services import (
    budget,
    cases,
    configuration,
    gate,
    intents,
    leases,
    outreach,
    people,
    voices,
)
from rebook.services.intents import Stage
from rebook.services.leases import Actor

EVERY = "*"


@dataclass(frozen=True)
class Entry:
    """Whom a sequence is begun for. Lives in memory only."""

    intent_id: str
    fence: int
    connection: str
    person: Person


def chosen(session: Session, case: Case) -> str:
    """The connection whose sequence speaks, by where the loss was seen; '' where our messages do."""
    campaigns = configuration.topology(session).campaigns
    lost = session.get_one(Appointment, case.appointment_id)
    return campaigns.get(lost.connection, campaigns.get(EVERY, ""))


def speaks_for_us(session: Session, case: Case) -> bool:
    """Begin the sequence in place of our first word. False where our own messages must speak.

    A case has one sequence at most, and none once a message of ours may have left.
    """
    if voices.sequence(session, case.id) is not None:
        return voices.sequence_goes_on(session, case.id)
    connection = chosen(session, case)
    contact = people.reach(session, case.person_id, Channel.EMAIL)
    if not connection or contact is None or people.is_suppressed(session, contact.value_key):
        return False
    if _we_spoke(session, case):
        return False
    intents.plan(
        session,
        case.id,
        voices.STEP,
        kind="campaign",
        connection=connection,
        channel="campaign",
        to_key=contact.value_key,
        due_at=gate.when(session, case, direct=False),
        payload={"contact": contact.id},
    )
    return True


def _we_spoke(session: Session, case: Case) -> bool:
    sent = select(Intent.id).where(
        Intent.case_id == case.id,
        Intent.kind == "message",
        col(Intent.state).not_in([str(stage) for stage in voices.SILENT]),
    )
    return session.exec(sent).first() is not None


def claim(session: Session, actor: Actor, intent_id: str) -> Entry | None:
    """The gate. None, with the reason stored, where the sequence may not begin now or at all."""
    case = leases.check(session, actor)
    intent = intents.lock(session, intent_id)
    if intent.state != Stage.PLANNED:
        return None
    if refusal := _refusal(session, case, intent):
        not_begun(session, case, intent, refusal)
        return None
    opens = gate.when(session, case, direct=False)
    if opens > clock.now():
        intent.due_at = opens
        session.add(intent)
        return None
    fence = intents.claim(intent)
    case.first_word_at = case.first_word_at or clock.now()
    session.add_all([intent, case])
    return Entry(intent.id, fence, intent.connection, people.described(session, case.person_id))


def _refusal(session: Session, case: Case, intent: Intent) -> str:
    if people.is_suppressed(session, intent.to_key):
        return "the client opted out"
    if CaseState(case.state) is not CaseState.OFFERED:
        return "the case has moved on"
    if budget.is_spent(session, case):
        return "the contact budget is spent"
    return ""


def not_begun(session: Session, case: Case, intent: Intent, reason: str) -> None:
    """It is not begun (any more): one that was tried before may run, and is stopped."""
    if intent.attempts:
        intents.settle(session, intent, Stage.GIVEN_UP, reason=reason)
        voices.want_stopped(session, case, intent)
    else:
        intents.settle(session, intent, Stage.DROPPED, reason=reason)
    if CaseState(case.state) is CaseState.OFFERED:
        case.follow_up_at = clock.now()
        session.add(case)


def begun(session: Session, actor: Actor, entry: Entry, vendor_id: str) -> None:
    """The platform took the client in. Where the case has moved on since, it is stopped (again)."""
    outreach.settle(session, entry.intent_id, entry.fence, Stage.DONE, vendor_id=vendor_id)
    case = cases.load(session, actor.case_id)
    if CaseState(case.state) not in voices.SPOKEN_IN:
        voices.want_stopped(session, case, intents.lock(session, entry.intent_id))


def refused(session: Session, actor: Actor, entry: Entry, reason: str) -> None:
    """A definite no. Who opted out there hears from nobody; to any other we write ourselves."""
    outreach.settle(session, entry.intent_id, entry.fence, Stage.REFUSED, reason=reason)
    case = cases.load(session, actor.case_id)
    intent = intents.lock(session, entry.intent_id)
    if intent.state != Stage.REFUSED:
        return
    if reason == outreach.OPTED_OUT:
        contact = session.get_one(ContactPoint, intent.payload["contact"])
        people.suppress(session, contact.value, source="the vendor reported an opt-out")
        outreach.opted_out(session, case)
    elif CaseState(case.state) is CaseState.OFFERED:
        _our_first_word(session, case)


def _our_first_word(session: Session, case: Case) -> None:
    now = clock.now()
    told = outreach.plan(session, case, Purpose.OFFER_SMS, "outreach-1") is not None
    wait = cases.policy_of(session, case).email_after_hours if told else 0
    case.first_word_at, case.follow_up_at = None, now + timedelta(hours=wait)
    session.add(case)


def entry_of(session: Session, actor: Actor, intent_id: str) -> Entry:
    """Whom a sequence in doubt, or one to be stopped, was begun for."""
    case = leases.check(session, actor)
    intent = intents.lock(session, intent_id)
    person = people.described(session, case.person_id)
    return Entry(intent.id, intent.fence, intent.connection, person)


def judge(session: Session, actor: Actor, intent_id: str, *, runs: bool) -> bool:
    """After the wait for evidence: it runs, or is begun once more. False where a person must look."""
    case = leases.check(session, actor)
    intent = intents.lock(session, intent_id)
    if intent.state not in intents.DOUBTFUL:
        return True
    moved_on = CaseState(case.state) not in voices.SPOKEN_IN
    if runs:
        intents.settle(session, intent, Stage.DONE, reason="evidence found")
    elif moved_on or intent.attempts >= intents.MOST_ATTEMPTS:
        intents.settle(session, intent, Stage.GIVEN_UP, reason="no evidence that it runs")
    else:
        intents.plan_again(session, intent)
    if moved_on:
        voices.want_stopped(session, case, intent)
    return moved_on or intent.state != Stage.GIVEN_UP
