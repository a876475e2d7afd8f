"""What the staff page shows and takes: who waits for a person, and a decision about one case."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from rebook.db.tables import Audit, Case, OfferSlot, Reply
from rebook.domain import clock
from rebook.domain.cases import (
    CLOSED_STATES,
    OPEN_STATES,
    TRANSITIONS,
    CaseEvent,
    CaseState,
)
from rebook.domain.decisions import Choice, Decision
from rebook.services import audit, cases, dossier, offers, staff, staff_actions
from rebook.services.answers import CLOSINGS
from rebook.services.cases import NoSuchCase
from rebook.services.dossier import Summary

MOST = 200
NOTE = 1000
NEEDS: dict[Choice, CaseEvent] = {
    Choice.BOOK_SLOT: CaseEvent.SLOT_CHOSEN,
    Choice.OFFER_NEW_TIMES: CaseEvent.NEW_TIMES_WANTED,
    **CLOSINGS,
}
"""The event each choice must be able to cause. Taking a case and a call made need an open case."""


class CannotDecide(Exception):
    """Says why; nothing was stored."""


@dataclass(frozen=True)
class Waiting:
    """A case that needs a person, and since when."""

    case: Summary
    since: datetime


@dataclass(frozen=True)
class Queue:
    waiting: list[Waiting]
    others: list[Summary]
    more: int


def queue(session: Session) -> Queue:
    """Those handed over, the longest waiting first; then the other open ones, the newest first."""
    rest = sorted(str(state) for state in OPEN_STATES - {CaseState.HANDED_OVER})
    since = _handed_over_at(session)
    waiting = [
        Waiting(case, since.get(case.id, case.opened_at))
        for case in dossier.summaries(session, [CaseState.HANDED_OVER])
    ]
    count = select(func.count()).select_from(Case).where(col(Case.state).in_(rest))
    return Queue(
        waiting=sorted(waiting, key=lambda one: (one.since, one.case.id)),
        others=dossier.summaries(session, rest, limit=MOST),
        more=max(session.exec(count).one() - MOST, 0),
    )


def closed(session: Session) -> list[Summary]:
    """The newest of those that are over."""
    return dossier.summaries(session, sorted(map(str, CLOSED_STATES)), limit=MOST)


def _handed_over_at(session: Session) -> dict[str, datetime]:
    rows = session.exec(
        select(Audit.case_id, func.max(Audit.at))
        .join(Case, col(Case.id) == col(Audit.case_id))
        .where(Case.state == CaseState.HANDED_OVER, Audit.action == CaseEvent.HANDED_TO_STAFF)
        .group_by(col(Audit.case_id))
    )
    return {case_id: at for case_id, at in rows if case_id}


def times(session: Session, case_id: str) -> list[tuple[str, str]]:
    """What may be booked now, as (`o2-1`, words): offered, held for this case, and still ahead."""
    case = session.get(Case, case_id)
    if case is None or not _leads_on(case, Choice.BOOK_SLOT):
        return []
    return [(name, slot.shown) for name, slot in staff.bookable(session, case)]


def choices(session: Session, case_id: str) -> list[Choice]:
    """What may be decided about the case as it stands."""
    case = session.get(Case, case_id)
    if case is None or not cases.is_open(case):
        return []
    possible = [Choice.TAKE_CASE, Choice.CALL_MADE, *NEEDS]
    return [choice for choice in possible if _leads_on(case, choice)]


def _leads_on(case: Case, choice: Choice) -> bool:
    event = NEEDS.get(choice)
    return event is None or (CaseState(case.state), event) in TRANSITIONS


def decide(session: Session, case_id: str, decision: Decision, *, key: str) -> Reply:
    """Leave it for the case's run. Raises `NoSuchCase`, `CannotDecide`.

    The same decision from the same page, whose `key` this is, is kept once.
    """
    case = session.get(Case, case_id)
    if case is None:
        raise NoSuchCase(f"there is no case {case_id}")
    source = f"office:{_fingerprint(key, decision)}"
    known = session.exec(select(Reply).where(Reply.source == source)).first()
    if known is not None:
        return known
    if decision.choice not in choices(session, case_id):
        raise CannotDecide(f"This cannot be done now: the case {staff.HEADLINES[_state(case)]}.")
    if decision.choice is Choice.BOOK_SLOT and _slot(session, case, decision.slot) is None:
        raise CannotDecide("Choose one of the times that are offered now.")
    if len(decision.note) > NOTE:
        raise CannotDecide(f"A note has at most {NOTE} characters.")
    reply = staff_actions.keep(session, case_id, decision, source=source, rule="staff page")
    actor = f"staff:{decision.by}"
    audit.record(session, "decided_on_page", case_id=case_id, actor=actor, choice=decision.choice)
    return reply


def _fingerprint(key: str, decision: Decision) -> str:
    whole = "\n".join((key, decision.choice, decision.slot, decision.by, decision.note))
    return hashlib.sha256(whole.encode()).hexdigest()


def _state(case: Case) -> CaseState:
    return CaseState(case.state)


def _slot(session: Session, case: Case, name: str) -> OfferSlot | None:
    slot = offers.find_slot(session, case.id, name)
    if slot is None or offers.superseded(session, slot) or slot.starts_at <= clock.now():
        return None
    return slot


@dataclass(frozen=True)
class Outcome:
    """What became of a decision; no words yet while the case's run has not taken it."""

    choice: Choice
    by: str
    words: str

    @property
    def refused(self) -> bool:
        return "refused" in self.words


def outcome(session: Session, case_id: str, reply_id: str) -> Outcome | None:
    reply = session.get(Reply, reply_id)
    decision = staff_actions.decision_of(reply) if reply else None
    if reply is None or decision is None or reply.case_id != case_id:
        return None
    words = reply.outcome.removeprefix("operator: ") if reply.taken_at else ""
    return Outcome(decision.choice, decision.by, words)


def notes(session: Session, case_id: str) -> list[tuple[datetime, str, str]]:
    """What staff wrote down: when, who, what."""
    rows = session.exec(
        select(Reply).where(Reply.case_id == case_id).order_by(col(Reply.received_at))
    )
    found = [(row.received_at, staff_actions.decision_of(row)) for row in rows]
    return [(at, said.by, said.note) for at, said in found if said is not None and said.note]
