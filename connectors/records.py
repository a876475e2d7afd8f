"""What tickets, invoices and other records that hold an appointment share: status words, times, links."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from connectors.errors import Refused
from connectors.parsing import known_zone, pairs
from rebook.domain.appointments import Status


@dataclass(frozen=True)
class Words:
    """A status field's values by what they mean; the first of each list is the one Rebook writes."""

    values: Mapping[Status, tuple[str, ...]]

    @classmethod
    def of(cls, settings: Mapping[str, str], defaults: Mapping[Status, str]) -> "Words":
        """From the settings `booked_values`, `cancelled_values`, `noshow_values`, `fulfilled_values`."""
        told = {s: settings.get(f"{s}_values") or defaults.get(s, "") for s in Status}
        return cls({status: tuple(listed(text)) for status, text in told.items()})

    def read(self, value: object) -> Status | None:
        """None for a value that no list names: what it means is not guessed."""
        word = str(value or "").strip().casefold()
        for status, values in self.values.items():
            if word and word in (value.casefold() for value in values):
                return status
        return None

    def write(self, status: Status) -> str:
        values = self.values[status]
        if not values:
            raise Refused(f"the setting {status}_values is empty", code="not_configured")
        return values[0]


def listed(setting: str) -> list[str]:
    """A setting of the form `a, b`."""
    return [part.strip() for part in setting.split(",") if part.strip()]


def needed(settings: Mapping[str, str], name: str) -> str:
    """A setting without which a call cannot be made."""
    if not settings.get(name):
        raise Refused(f"the setting {name} is empty", code="not_configured")
    return settings[name]


def host_label(settings: Mapping[str, str], name: str) -> str:
    """A setting that is one part of a host name: credentials go to no other host than the vendor's."""
    value = needed(settings, name)
    if not (value.isascii() and value.replace("-", "").isalnum() and len(value) <= 63):
        raise Refused(f"the setting {name} is not a host's name", code="not_configured")
    return value


def moment(text: object, zone: str | None) -> datetime | None:
    """An instant as people or we write it: with an offset, or `2030-03-12 10:00` by the wall clock of
    `zone`. None for what says less, and for an hour that the clock skips or shows twice."""
    written = str(text or "").strip()
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        return None
    if len(written) <= len("2030-03-12"):
        return None
    if read.tzinfo is None:
        if not zone or "T" in written:
            return None
        read = read.replace(tzinfo=ZoneInfo(known_zone(zone)))
        if read.utcoffset() != read.replace(fold=1).utcoffset():
            return None
    return read.astimezone(UTC)


def written(instant: datetime, zone: str) -> str:
    """An instant that staff can read and that says its offset."""
    return instant.astimezone(ZoneInfo(known_zone(zone))).isoformat(timespec="minutes")


def linked(link_fields: str, value_of: Callable[[str], object]) -> str:
    """`link_fields` reads `field=connection`; the first field that is set decides."""
    for field, connection in pairs(link_fields).items():
        if value := value_of(field):
            return f"{connection}:{value}"
    return ""
