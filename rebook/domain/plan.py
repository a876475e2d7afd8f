"""What a case's run does next: a pure answer from a few facts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rebook.domain.cases import CLOSED_STATES, CaseState


class Step(StrEnum):
    """Each value is the name of a step an operator sees."""

    SETTLE = "look for evidence"
    SEND = "send what is due"
    BOOK = "book the chosen slot"
    SYNC_BACK = "tell the other systems"
    OFFER = "offer new times"
    FOLLOW_UP = "follow up"
    WAIT = "wait"
    DONE = "done"


@dataclass(frozen=True)
class Facts:
    """`*_at` is when the earliest thing of its kind is due; None when there is none."""

    now: datetime
    state: CaseState
    grace_until: datetime
    send_at: datetime | None = None
    evidence_at: datetime | None = None
    sync_at: datetime | None = None
    booking_at: datetime | None = None
    follow_up_at: datetime | None = None
    retry_at: datetime | None = None
    """A step that failed is not tried again before this."""

    def due(self, instant: datetime | None) -> bool:
        return instant is not None and instant <= self.now


def next_step(facts: Facts) -> Step:
    """Settle doubts first, then finish what was begun, then begin what is due, else wait."""
    if facts.due(_evidence_at(facts)):
        return Step.SETTLE
    if facts.state is CaseState.BOOKING and facts.due(facts.booking_at):
        return Step.BOOK
    if facts.due(facts.send_at):
        return Step.SEND
    if facts.due(facts.sync_at):
        return Step.SYNC_BACK
    if facts.state is CaseState.OPEN and facts.due(_offer_at(facts)):
        return Step.OFFER
    if facts.due(facts.follow_up_at):
        return Step.FOLLOW_UP
    if facts.state in CLOSED_STATES and deadline(facts) is None:
        return Step.DONE
    return Step.WAIT


def deadline(facts: Facts) -> datetime | None:
    """When the case must act again by itself; None only when it is closed and nothing is owed."""
    times = [_evidence_at(facts), facts.send_at, facts.sync_at, facts.follow_up_at]
    if facts.state is CaseState.BOOKING:
        times.append(facts.booking_at)
    if facts.state is CaseState.OPEN:
        times.append(_offer_at(facts))
    return min((instant for instant in times if instant is not None), default=None)


def _offer_at(facts: Facts) -> datetime:
    return max(facts.grace_until, facts.retry_at or facts.grace_until)


def _evidence_at(facts: Facts) -> datetime | None:
    if facts.evidence_at is None or facts.retry_at is None:
        return facts.evidence_at
    return max(facts.evidence_at, facts.retry_at)
