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
    """A step failed: nothing is done before this, or a fault would be repeated without a pause."""

    def due(self, instant: datetime | None) -> bool:
        """Has its time come, and is the pause after a failed step over?"""
        return instant is not None and self.after_pause(instant) <= self.now

    @property
    def pause_is_over(self) -> bool:
        """There was one, and what failed before it has had its next try."""
        return self.retry_at is not None and self.retry_at <= self.now

    def after_pause(self, instant: datetime) -> datetime:
        return instant if self.retry_at is None else max(instant, self.retry_at)


def next_step(facts: Facts) -> Step:
    """Settle doubts first, then finish what was begun, then begin what is due, else wait."""
    if facts.due(facts.evidence_at):
        return Step.SETTLE
    if facts.state is CaseState.BOOKING and facts.due(facts.booking_at):
        return Step.BOOK
    if facts.due(facts.send_at):
        return Step.SEND
    if facts.due(facts.sync_at):
        return Step.SYNC_BACK
    if facts.state is CaseState.OPEN and facts.due(facts.grace_until):
        return Step.OFFER
    if facts.due(facts.follow_up_at):
        return Step.FOLLOW_UP
    if facts.state in CLOSED_STATES and deadline(facts) is None:
        return Step.DONE
    return Step.WAIT


def deadline(facts: Facts) -> datetime | None:
    """When the case must act again by itself; None only when it is closed and nothing is owed."""
    times = [facts.evidence_at, facts.send_at, facts.sync_at, facts.follow_up_at]
    if facts.state is CaseState.BOOKING:
        times.append(facts.booking_at)
    if facts.state is CaseState.OPEN:
        times.append(facts.grace_until)
    owed = [instant for instant in times if instant is not None]
    return facts.after_pause(min(owed)) if owed else None
