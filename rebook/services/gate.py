"""The gate every message to a client passes at the moment it would leave: send, wait until, or never.

Consent is the appointment the contact came with; a suppression takes it back for good.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col

from rebook.db.tables import Appointment, Case, ContactPoint, Intent, Reply
from rebook.domain import clock
from rebook.domain.cases import CaseState
from rebook.domain.contact import answers_directly, may_write_at
from rebook.services import budget, cases, intents, offers, people, tolls, voices

WHILE_IT_STOPS = timedelta(minutes=1)
ASKED_AT = "asked_at"
"""In a message's payload: when the client asked for it, where that was no reply."""


@dataclass(frozen=True)
class Verdict:
    """`refusal` is final, `blocked` so for this channel; `until` is when to ask again; else it leaves."""

    refusal: str = ""
    until: datetime | None = None
    blocked: str = ""


def judge(
    session: Session,
    case: Case,
    intent: Intent,
    *,
    states: Collection[CaseState],
    invites: bool,
    unasked: bool,
) -> Verdict:
    """Of a locked intent. `states` are those in which its words make sense."""
    refusal = _refusal(session, case, intent, states=states, invites=invites)
    if not refusal and unasked and budget.is_spent(session, case):
        refusal = "the contact budget is spent"
    if refusal:
        return Verdict(refusal=refusal)
    opens = _opens(session, case, intent, invites=invites)
    if opens > clock.now():
        return Verdict(until=opens)
    return Verdict(blocked=tolls.refusal(session, case, intent))


def _refusal(
    session: Session, case: Case, intent: Intent, *, states: Collection[CaseState], invites: bool
) -> str:
    if people.is_suppressed(session, intent.to_key):
        return "the client opted out"
    if session.get_one(ContactPoint, intent.payload["contact"]).disowned_at:
        return "the contact is somebody else's"
    if CaseState(case.state) not in states:
        return "the case has moved on"
    if _comes_too_late(session, case, intent):
        return "the visit is over"
    if _speaks_of_old_times(session, case, intent):
        return "the times it lists were replaced"
    if intent.attempts >= intents.MOST_ATTEMPTS:
        return "it was tried often enough"
    if invites and _sequence_speaks(session, case):
        return "the platform's own sequence speaks to the client"
    return ""


def _sequence_speaks(session: Session, case: Case) -> bool:
    return voices.sequence_goes_on(session, case.id) or voices.cannot_be_stopped(session, case.id)


def _comes_too_late(session: Session, case: Case, intent: Intent) -> bool:
    """Word of a delay is of no use when the visit is over."""
    visit = session.get_one(Appointment, case.appointment_id)
    return intent.step.startswith("late") and clock.now() > visit.ends_at


def _speaks_of_old_times(session: Session, case: Case, intent: Intent) -> bool:
    number = intent.payload.get("offer")
    if not number:
        return False
    current = offers.current(session, case.id)
    return current is None or current.n != number


def _opens(session: Session, case: Case, intent: Intent, *, invites: bool) -> datetime:
    """In contact hours; an invitation not before the platform's own sequence is seen to be stopped."""
    direct = intent.direct_answer and (
        answers(session, case) or _was_asked_for(session, case, intent)
    )
    opens = when(session, case, direct=direct)
    if invites and voices.may_still_speak(session, case.id):
        return max(opens, clock.now() + WHILE_IT_STOPS)
    return opens


def answers(session: Session, case: Case) -> bool:
    """Would a message now be a direct answer to what the client just said?"""
    last = budget.last_word(session, col(Reply.case_id) == case.id)
    return answers_directly(clock.now(), last, cases.policy_of(session, case))


def _was_asked_for(session: Session, case: Case, intent: Intent) -> bool:
    """Is it what the client asked for a few minutes ago, such as a lost link?"""
    asked = intent.payload.get(ASKED_AT)
    at = datetime.fromisoformat(asked) if asked else None
    return answers_directly(clock.now(), at, cases.policy_of(session, case))


def when(session: Session, case: Case, *, direct: bool) -> datetime:
    """When a message may leave at the earliest."""
    now = clock.now()
    if direct:
        return now
    return may_write_at(now, offers.zone_of(session, case), cases.policy_of(session, case))
