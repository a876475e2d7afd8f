"""What the page shows of the town: appointments, threads, mails, deliveries."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from itertools import islice

from sandbox.acuity.model import Appointment
from sandbox.sendgrid.mail import Mail
from sandbox.town import Town
from sandbox.twilio.sms import Sms
from sandbox.wire import Json

SHOWN_MAILS = 30


@dataclass(frozen=True)
class Line:
    """An appointment in the list. `fate` is empty while it stands."""

    id: int
    name: str
    service: str
    practitioner: str
    when: datetime
    fate: str
    fresh: bool


@dataclass(frozen=True)
class Thread:
    number: str
    name: str
    messages: list[Sms]
    opted_out: bool


def moved(seconds: float) -> str:
    """The clock's offset in words, empty where it shows the real time."""
    if abs(seconds) < 1:
        return ""
    sign = "ahead" if seconds > 0 else "behind"
    hours = abs(seconds) / 3600
    return f"{hours / 24:.3g} days {sign}" if hours >= 24 else f"{hours:.2g} h {sign}"


def upcoming(town: Town) -> list[Line]:
    """Those to come and those lost, soonest first."""
    now = town.clock.now()
    lines = [
        _line(one, town)
        for one in town.acuity.book.appointments.values()
        if one.end > now or one.canceled
    ]
    return sorted(lines, key=lambda line: (line.when, line.id))


def _line(one: Appointment, town: Town) -> Line:
    return Line(
        one.id,
        f"{one.first_name} {one.last_name}",
        one.service.name,
        one.calendar.name,
        one.start.astimezone(town.kit.zone),
        ("missed" if one.no_show else "cancelled") if one.canceled else "",
        one.scheduled_by is not None or one.created > town.built,
    )


def threads(town: Town) -> list[Thread]:
    """One per person who wrote or was written to, the newest first."""
    grouped: dict[str, list[Sms]] = {}
    for message in town.twilio.phone.messages:
        thread = grouped.pop(message.client, [])
        grouped[message.client] = [*thread, message]
    return [_thread(town, number, messages) for number, messages in reversed(grouped.items())]


def _thread(town: Town, number: str, messages: list[Sms]) -> Thread:
    return Thread(number, name_of(town, number), messages, number in town.twilio.phone.opted_out)


def open_thread(town: Town, number: str) -> Thread | None:
    """The one asked for, otherwise the newest."""
    found = threads(town)
    return next((t for t in found if t.number == number), found[0] if found else None)


def name_of(town: Town, contact: str) -> str:
    for one in town.acuity.book.appointments.values():
        if contact in (one.phone, one.email):
            return f"{one.first_name} {one.last_name}"
    return contact


def mails(town: Town) -> list[tuple[Mail, str]]:
    """Each with the name of the client it is to or from, the newest first."""
    newest = islice(reversed(town.sendgrid.mailbox.mails), SHOWN_MAILS)
    return [(mail, name_of(town, _client(mail))) for mail in newest]


def _client(mail: Mail) -> str:
    return parseaddr(mail.sender if mail.direction == "inbound" else mail.to)[1]


def deliveries(town: Town) -> list[Json]:
    return list(islice(reversed(town.traffic.deliveries), 8))
