"""What a client pressed on their page becomes a reply of the case, as words would."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from rebook.db.tables import Case
from rebook.domain import wording
from rebook.domain.messages import Channel
from rebook.domain.replies import Meaning, Understood, Window
from rebook.services import cases, more_times, offers, replies, standing

Outcome = tuple[str, str | None]
PARTS = {"any": (0, 24), "morning": (6, 12), "afternoon": (12, 18), "evening": (18, 24)}
"""Parts of a day by the client's clock, as in words."""
MEANINGS = {"call_me": Meaning.CALL_ME, "withdraw": Meaning.WITHDRAW}
WORDS = {"any": "any time", "morning": "in the morning", "afternoon": "in the afternoon",
         "evening": "in the evening"}  # fmt: skip


def choose_time(
    session: Session, token: str, start: datetime, source: str, at: datetime
) -> Outcome:
    """One of the times that were free and are held by nobody: who is first has it."""

    def keep(case: Case) -> str:
        slot = more_times.slot_at(session, case, token, start)
        if slot is None:
            return "no such time"
        slot.shown = slot.shown or wording.short(start, offers.zone_of(session, case))
        session.add(slot)
        understood = Understood(Meaning.ACCEPT, "chosen on the page", slot.code, confidence=1.0)
        replies.keep(session, case, Channel.PAGE, understood, source, at, slot=slot)
        return str(Meaning.ACCEPT)

    return _once(session, token, source, keep)


def wish(session: Session, token: str, day: date, part: str, source: str, at: datetime) -> Outcome:
    """Another day, and a part of it: times are sought there."""

    def keep(case: Case) -> str:
        zone = offers.zone_of(session, case)
        window = window_of(day, part, zone)
        understood = Understood(
            Meaning.PREFER, "wished for on the page", window=window, confidence=1.0
        )
        said = f"{wording.day(window.start, zone)}, {WORDS[part]}"
        replies.keep(session, case, Channel.PAGE, understood, source, at, said=said)
        return str(Meaning.PREFER)

    return _once(session, token, source, keep)


def window_of(day: date, part: str, zone: str) -> Window:
    first, last = PARTS[part]
    return Window(_local(day, first, zone), _local(day, last, zone))


def _local(day: date, hour: int, zone: str) -> datetime:
    day += timedelta(days=hour // 24)
    return datetime.combine(day, time(hour % 24), ZoneInfo(zone))


def press(session: Session, token: str, meaning: str, source: str, at: datetime) -> Outcome:
    """A button that says what a few words would: call me, or I no longer need it."""

    def keep(case: Case) -> str:
        understood = Understood(MEANINGS[meaning], "pressed on the page", confidence=1.0)
        replies.keep(session, case, Channel.PAGE, understood, source, at)
        return meaning

    return _once(session, token, source, keep)


def keep_visit(session: Session, token: str) -> Outcome:
    """The client comes as booked after all: the case was no loss."""
    case = replies.case_by_token(session, token)
    if case is None:
        return "unknown", None
    case = cases.load(session, case.id)
    kept = standing.keep(session, case)
    return "kept" if kept else f"not to be kept: the case is {case.state}", None


def _once(session: Session, token: str, source: str, keep: Callable[[Case], str]) -> Outcome:
    case = replies.case_by_token(session, token)
    if case is None or replies.known(session, source):
        return "seen before or unknown", None
    return keep(case), case.id
