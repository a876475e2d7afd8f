"""The course of a case: what is due now, and each turn of the default story."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from rebook.db.tables import Case, Intent, Reply
from rebook.domain import clock
from rebook.domain.appointments import Slot
from rebook.domain.cases import OPEN_STATES, CaseEvent, CaseState
from rebook.domain.plan import Facts, Step, deadline, next_step
from rebook.domain.policy import Policy
from rebook.domain.texts import Answer, Purpose
from rebook.services import (
    audit,
    campaigns,
    cases,
    intents,
    leases,
    offers,
    outreach,
    pages,
    staff,
    visit_status,
    voices,
    wished,
)
from rebook.services.intents import Owed
from rebook.services.leases import Actor

RETRY = (30, 120, 600, 3600)
"""Seconds after which a failed step is tried again; after the last a person is asked."""


SENDS = ("message", "campaign", "staff")
CREATES = (*SENDS, "booking")
FOLLOWED_UP = (CaseState.OFFERED, CaseState.HANDED_OVER)


def facts(session: Session, case: Case) -> Facts:
    """What the next step is decided by."""
    owed = intents.owed(session, case.id)
    return Facts(
        now=clock.now(),
        state=CaseState(case.state),
        grace_until=case.grace_until,
        send_at=_first(owed, SENDS, planned=True),
        evidence_at=_first(owed, CREATES, planned=False),
        booking_at=_first(owed, ("booking",), planned=True),
        sync_at=_first(owed, ("sync",), planned=True),
        follow_up_at=case.follow_up_at if CaseState(case.state) in FOLLOWED_UP else None,
        retry_at=case.retry_at,
    )


def _first(owed: Sequence[Owed], kinds: Collection[str], *, planned: bool) -> datetime | None:
    times = (one.due_at for one in owed if one.kind in kinds and one.planned is planned)
    return min(times, default=None)


def decide(session: Session, actor: Actor) -> Step:
    """The next step; sets the case's deadline by the same facts."""
    case = leases.check(session, actor)
    found = facts(session, case)
    set_deadline(session, case, found)
    step = next_step(found)
    if step in (Step.WAIT, Step.DONE) and found.pause_is_over:
        case.failures, case.retry_at = 0, None
    return step


def set_deadline(session: Session, case: Case, found: Facts | None = None) -> None:
    """When the case acts again by itself: none only when it is closed and owes nothing."""
    session.flush()
    found = found or facts(session, case)
    due = deadline(found)
    if due is None and CaseState(case.state) in OPEN_STATES:
        due = found.now + timedelta(hours=1)
    case.next_action_at = due
    session.add(case)


def finish(session: Session, actor: Actor) -> CaseState:
    """The run has nothing left to do: it lets go of the case."""
    case = leases.check(session, actor)
    leases.release(case)
    audit.record(session, "run_finished", case_id=case.id, state=case.state)
    return CaseState(case.state)


def make_offer(session: Session, actor: Actor, candidates: Iterable[Slot]) -> int | None:
    """Offer what is free and plan the first word. Returns the offer's number, None if handed over."""
    case = leases.check(session, actor)
    if CaseState(case.state) is not CaseState.OPEN:
        return None
    visit_status.want(session, case)
    lost_race, wanted = case.reason == offers.TAKEN, case.reason == wished.WISHED
    found = list(candidates)
    offer = offers.make(session, case, found)
    if offer is None:
        _nothing_to_offer(session, actor, case, tried=bool(found))
        return None
    policy = cases.policy_of(session, case)
    case.failures, case.retry_at = 0, None
    if lost_race:
        _begin_anew(case, policy)
        case.reason = ""
        if not _tell_first_reachable(session, case, "taken", offer.n):
            follow_up(session, case)
    elif wanted:
        _begin_anew(case, policy)
        case.reason = ""
        if not _answer_wish(session, case, wished.answer_to(session, case, offer)):
            follow_up(session, case)
    elif case.touches == 0:
        _first_word(session, case, policy)
    else:
        follow_up(session, case)
    if CaseState(case.state) is CaseState.OFFERED:
        staff.show(session, case)
    session.add(case)
    pages.refresh(session, case, free=candidates)
    return offer.n


def _nothing_to_offer(session: Session, actor: Actor, case: Case, *, tried: bool) -> None:
    """No time is free, or others took all that were while they were being held: then once more."""
    if tried and case.reason == wished.WISHED:
        step_failed(session, actor, offers.TAKEN)
        return
    wanted = case.reason == wished.WISHED
    hand_over(session, case, "no free times were found")
    if wanted:
        _answer_wish(session, case, Answer.TO_STAFF)


def _answer_wish(session: Session, case: Case, words: Answer) -> bool:
    reply = session.get(Reply, case.wish)
    return reply is not None and outreach.answer(session, case, reply, words)


def _first_word(session: Session, case: Case, policy: Policy) -> None:
    _begin_anew(case, policy)
    if campaigns.speaks_for_us(session, case):
        case.follow_up_at = clock.now() + timedelta(hours=policy.hand_over_after_hours)
        return
    if outreach.plan(session, case, Purpose.OFFER_SMS, _step(session, case, 1)) is None:
        follow_up(session, case)


def _begin_anew(case: Case, policy: Policy) -> None:
    """The turns are counted from the first word about these times."""
    case.touches, case.first_word_at = 1, None
    case.follow_up_at = clock.now() + timedelta(hours=policy.email_after_hours)


def _step(session: Session, case: Case, turn: int) -> str:
    """Each telling of the story has steps of its own: it begins again when staff ask for new times."""
    known = session.exec(
        select(Intent.step).where(
            Intent.case_id == case.id, col(Intent.step).startswith(f"outreach-{turn}")
        )
    ).all()
    return f"outreach-{turn}" + (f"-{len(known) + 1}" if known else "")


def _tell_first_reachable(session: Session, case: Case, what: str, number: int) -> bool:
    """By text where there is a phone, else by mail. False where there is neither."""
    return any(
        outreach.plan(session, case, Purpose(f"{what}_{suffix}"), f"{what}-{number}-{suffix}")
        for suffix in ("sms", "email")
    )


def follow_up(session: Session, case: Case) -> None:
    """The next turn of the story: a mail, a last text, then a person."""
    if CaseState(case.state) is CaseState.HANDED_OVER:
        staff.remind(session, case)
        return
    if voices.sequence_goes_on(session, case.id):
        if case.follow_up_at is None or case.follow_up_at <= clock.now():
            hand_over(session, case, "no answer")
        return
    policy = cases.policy_of(session, case)
    turns = (
        (Purpose.OFFER_EMAIL, policy.last_sms_after_hours),
        (Purpose.LAST_SMS, policy.hand_over_after_hours),
    )
    if case.touches <= len(turns) and not offers.renew(session, case):
        _seek_anew(session, case)
        return
    start = case.first_word_at or clock.now()
    for turn, (purpose, next_after) in enumerate(turns, start=1):
        if case.touches <= turn:
            case.touches = turn + 1
            if outreach.plan(session, case, purpose, _step(session, case, turn + 1)):
                case.follow_up_at = start + timedelta(hours=next_after)
                session.add(case)
                return
    reached = case.first_word_at is not None
    hand_over(session, case, "no answer" if reached else "the client cannot be reached")


def _seek_anew(session: Session, case: Case) -> None:
    """What was offered has passed or is gone: the next turn speaks of fresh times."""
    cases.move(session, case, CaseEvent.NEW_TIMES_WANTED, reason="the offered times have passed")
    case.grace_until = clock.now()
    session.add(case)


def take_turn(session: Session, actor: Actor) -> str:
    """What is due when the client has not answered. Returns the case's state."""
    case = leases.check(session, actor)
    follow_up(session, case)
    return case.state


def give_to_person(session: Session, actor: Actor, reason: str) -> None:
    hand_over(session, leases.check(session, actor), reason)


def hand_over(session: Session, case: Case, reason: str, *, actor: str = audit.SYSTEM) -> None:
    """The case goes to its assignee: still open, with an alarm when it ages."""
    policy = cases.policy_of(session, case)
    later = clock.now() + timedelta(hours=policy.staff_reminder_hours)
    if CaseState(case.state) is not CaseState.HANDED_OVER:
        cases.move(
            session,
            case,
            CaseEvent.HANDED_TO_STAFF,
            actor=actor,
            reason=reason,
            owner=case.owner or policy.assignee,
            follow_up_at=later,
        )
        cases.drop_planned(session, [case.id], "the case was handed over")
    staff.show(session, case)
    pages.refresh(session, case)


def step_failed(session: Session, actor: Actor, reason: str, after: float | None = None) -> None:
    """A step could not be done: try it again later, and after several tries ask a person."""
    case = leases.check(session, actor)
    case.failures += 1
    audit.record(session, "step_failed", case_id=case.id, reason=reason, failures=case.failures)
    given_up = case.failures > len(RETRY)
    pause = RETRY[0] if given_up else RETRY[case.failures - 1]
    wait = min(max(pause, after or 0), intents.MOST_PATIENCE)
    case.failures = 0 if given_up else case.failures
    case.retry_at = clock.now() + timedelta(seconds=wait)
    case.next_action_at = case.retry_at
    session.add(case)
    if given_up and cases.is_open(case):
        hand_over(session, case, reason)
