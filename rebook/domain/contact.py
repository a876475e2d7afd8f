"""When a client may be written to: contact hours on the client's own wall clock."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rebook.domain.policy import Policy


def may_write_at(now: datetime, zone: str, policy: Policy) -> datetime:
    """`now` where it lies within contact hours, else the instant at which they begin next."""
    local = ZoneInfo(zone)
    here = now.astimezone(local)
    if policy.contact_from_hour <= here.hour < policy.contact_to_hour:
        return now
    day = here.date() + timedelta(days=1 if here.hour >= policy.contact_to_hour else 0)
    opens = datetime(day.year, day.month, day.day, policy.contact_from_hour, tzinfo=local)
    return max(opens.astimezone(ZoneInfo("UTC")), now)


def answers_directly(now: datetime, last_word: datetime | None, policy: Policy) -> bool:
    """The client wrote a few minutes ago: answering is no intrusion at any hour."""
    if last_word is None:
        return False
    return now - last_word <= timedelta(minutes=policy.answer_window_minutes)
