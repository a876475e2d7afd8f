"""What each thing a client can mean does to their case. A choice of a slot is taken in `answers`."""

from collections.abc import Callable
from datetime import timedelta

from sqlmodel import Session, col, func, select

from rebook.db.tables import Case, Intent, Reply
from rebook.domain import clock
from rebook.domain.cases import CaseEvent, CaseState
from rebook.domain.replies import Meaning
from rebook.domain.texts import Answer
from rebook.services import cases, offers, outreach, staff, story
from rebook.services.wished import WISHED

ASKED = "asked back"
ON_ITS_WAY = "new times are on their way"
TO_STAFF = "given to staff"
MOST_ANSWERS = 8
"""In a day: a machine that answers every text of ours would otherwise talk with us for ever."""
UNTENDED = frozenset({"no answer", "the client cannot be reached"})
"""Reasons of a hand-over that the client's own words undo: no person was asked to judge anything."""


def act(session: Session, case: Case, reply: Reply, *, decided: bool) -> str:
    """Do what the client's words ask for. They do not undo what a person just `decided`."""
    meaning = Meaning(reply.intent)
    if meaning in AT_ANY_TIME:
        return AT_ANY_TIME[meaning](session, case, reply)
    state = CaseState(case.state)
    if decided or state not in (CaseState.OPEN, CaseState.OFFERED, CaseState.HANDED_OVER):
        return _note(session, case, reply)
    if state is CaseState.HANDED_OVER and not _ours_again(case, meaning):
        return _note(session, case, reply)
    if _answers_today(session, case) >= MOST_ANSWERS:
        return _hand_over(session, case, reply, "the conversation goes in circles")
    return ACTS[meaning](session, case, reply)


def _ours_again(case: Case, meaning: Meaning) -> bool:
    return case.reason in UNTENDED or meaning is Meaning.WITHDRAW


def _note(session: Session, case: Case, reply: Reply) -> str:
    """The words are for whoever has the case; the course it takes does not change."""
    staff.note(session, case, f"staff-words-{reply.id}")
    return TO_STAFF


def _answers_today(session: Session, case: Case) -> int:
    return session.exec(
        select(func.count()).where(
            Intent.case_id == case.id,
            col(Intent.step).startswith("answer-"),
            col(Intent.planned_at) > clock.now() - timedelta(days=1),
        )
    ).one()


def _hand_over(
    session: Session, case: Case, reply: Reply, reason: str, words: Answer | None = None
) -> str:
    if CaseState(case.state) is CaseState.HANDED_OVER:
        _note(session, case, reply)
    else:
        story.hand_over(session, case, reason)
    if words is not None:
        outreach.answer(session, case, reply, words)
    return TO_STAFF


def _prefer(session: Session, case: Case, reply: Reply) -> str:
    """Times are looked for within the wish; nothing is booked until the client picks one by its number."""
    if reply.wish_from is None:
        return _ask(
            session, case, reply, Answer.ASK_DAY, "the client wishes a time we cannot bound"
        )
    if CaseState(case.state) is CaseState.OPEN:
        case.reason = WISHED
    else:
        cases.move(session, case, CaseEvent.NEW_TIMES_WANTED, actor="client", reason=WISHED)
    case.wish, case.grace_until = reply.id, clock.now()
    session.add(case)
    return "times are looked for as wished"


def _ask(session: Session, case: Case, reply: Reply, words: Answer, reason: str) -> str:
    """Once about each offer; then a person reads it."""
    if CaseState(case.state) is CaseState.OPEN:
        return ON_ITS_WAY
    renewed = offers.renew(session, case)
    if (
        CaseState(case.state) is CaseState.HANDED_OVER
        or not (renewed or words is Answer.DECLINED)
        or _has_asked(session, case)
        or not outreach.answer(session, case, reply, words)
    ):
        return _hand_over(session, case, reply, reason, Answer.TO_STAFF)
    return ASKED


def _has_asked(session: Session, case: Case) -> bool:
    offer = offers.current(session, case.id)
    asked = select(Reply.id).where(Reply.case_id == case.id, Reply.outcome == ASKED)
    if offer is not None:
        asked = asked.where(col(Reply.taken_at) >= offer.made_at)
    return session.exec(asked).first() is not None


def _decline(session: Session, case: Case, reply: Reply) -> str:
    return _ask(session, case, reply, Answer.DECLINED, "none of the times suit the client")


def _unclear(session: Session, case: Case, reply: Reply) -> str:
    return _ask(session, case, reply, Answer.UNCLEAR, "the client's words need a person")


def _withdraw(session: Session, case: Case, reply: Reply) -> str:
    cases.move(
        session,
        case,
        CaseEvent.CLIENT_WITHDREW,
        actor="client",
        reason="the client no longer wants it",
    )
    outreach.answer(session, case, reply, Answer.WITHDRAWN)
    return "the case was closed"


def _later(session: Session, case: Case, _reply: Reply) -> str:
    """The offer stays; the turns of the story are counted from the client's word."""
    if CaseState(case.state) is not CaseState.OFFERED:
        return ON_ITS_WAY
    offers.renew(session, case)
    now = clock.now()
    case.first_word_at = now
    case.follow_up_at = now + timedelta(hours=cases.policy_of(session, case).email_after_hours)
    session.add(case)
    return "the client will come back to it"


def _call_me(session: Session, case: Case, reply: Reply) -> str:
    return _hand_over(session, case, reply, "the client wants to be called", Answer.CALL)


def _question(session: Session, case: Case, reply: Reply) -> str:
    return _hand_over(session, case, reply, "the client has a question", Answer.TO_STAFF)


def _already(session: Session, case: Case, reply: Reply) -> str:
    return _hand_over(session, case, reply, "the client says that it is settled already")


def _wrong_person(session: Session, case: Case, reply: Reply) -> str:
    return _hand_over(session, case, reply, "the contact is somebody else's")


def _help(session: Session, case: Case, reply: Reply) -> str:
    sent = outreach.answer(session, case, reply, Answer.HELP)
    return "told who we are and how to stop" if sent else TO_STAFF


def _welcome_back(session: Session, case: Case, reply: Reply) -> str:
    outreach.answer(session, case, reply, Answer.WELCOME_BACK)
    staff.note(session, case, f"staff-words-{reply.id}")
    return "messages again"


Act = Callable[[Session, Case, Reply], str]
AT_ANY_TIME: dict[Meaning, Act] = {Meaning.HELP: _help, Meaning.OPT_IN: _welcome_back}
ACTS: dict[Meaning, Act] = {
    Meaning.PREFER: _prefer,
    Meaning.DECLINE: _decline,
    Meaning.WITHDRAW: _withdraw,
    Meaning.LATER: _later,
    Meaning.CALL_ME: _call_me,
    Meaning.QUESTION: _question,
    Meaning.ALREADY: _already,
    Meaning.WRONG_PERSON: _wrong_person,
    Meaning.UNCLEAR: _unclear,
}
