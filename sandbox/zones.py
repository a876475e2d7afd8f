"""A real time zone where it is about noon right now, so that the town's people may be written to."""

from datetime import datetime
from zoneinfo import ZoneInfo

ZONES = [
    "Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Denver",
    "America/Chicago", "America/New_York", "America/Halifax", "America/Sao_Paulo",
    "America/Noronha", "Atlantic/Cape_Verde", "Europe/Lisbon", "Europe/Berlin", "Europe/Athens",
    "Africa/Nairobi", "Asia/Dubai", "Asia/Karachi", "Asia/Dhaka", "Asia/Bangkok",
    "Asia/Singapore", "Asia/Tokyo", "Australia/Brisbane", "Pacific/Noumea", "Pacific/Fiji",
    "Pacific/Tongatapu", "Pacific/Kiritimati", "Pacific/Pago_Pago",
]  # fmt: skip


def noon_zone(now: datetime) -> str:
    """The zone of the list whose wall clock is nearest to half past twelve."""

    def distance(name: str) -> float:
        local = now.astimezone(ZoneInfo(name))
        return abs(local.hour * 60 + local.minute - 750)

    return min(ZONES, key=distance)
