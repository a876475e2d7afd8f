"""When a client may be written to: contact hours on the client's own wall clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from rebook.domain.policy import Policy

EARLIEST, LATEST = 8, 21
"""A policy may narrow these hours and never widen them (47 CFR 64.1200(c)(1))."""
LONGEST_ANSWER = timedelta(minutes=10)
SKEW = timedelta(minutes=1)
"""A vendor's clock may be a little ahead of ours."""


def may_write_at(now: datetime, zone: str, policy: Policy) -> datetime:
    """`now` where it lies within contact hours, else the instant at which they begin next."""
    local = ZoneInfo(zone)
    first, last = hours(policy)
    here = now.astimezone(local)
    if first <= here.hour < last and not _is_holiday(here.date(), policy):
        return now
    day = here.date() + timedelta(days=1 if here.hour >= first else 0)
    while _is_holiday(day, policy):
        day += timedelta(days=1)
    opens = datetime(day.year, day.month, day.day, first, tzinfo=local)
    return max(opens.astimezone(UTC), now)


def hours(policy: Policy) -> tuple[int, int]:
    """From and to. A policy whose hours leave no time of the day is as if it had none."""
    first = max(EARLIEST, policy.contact_from_hour)
    last = min(LATEST, policy.contact_to_hour)
    return (first, last) if first < last else (EARLIEST, LATEST)


def _is_holiday(day: date, policy: Policy) -> bool:
    return day.isoformat() in policy.holidays.replace(",", " ").split()


def answers_directly(now: datetime, last_word: datetime | None, policy: Policy) -> bool:
    """The client wrote a few minutes ago: answering is no intrusion at any hour."""
    if last_word is None:
        return False
    window = min(timedelta(minutes=policy.answer_window_minutes), LONGEST_ANSWER)
    return -SKEW <= now - last_word <= window
