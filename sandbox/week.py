"""The calendar of seven days: Acuity's appointments with Google's mirror of each beside them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sandbox.google_calendar.events import edge
from sandbox.people import CLOSES, OPENS
from sandbox.town import Town
from sandbox.wire import Json

DAYS, PRACTITIONERS = 7, 2
OPEN_MINUTES = (CLOSES.hour - OPENS.hour) * 60


@dataclass(frozen=True)
class Block:
    """Position and height are shares of the opening hours, in percent."""

    source: str
    label: str
    title: str
    top: float
    height: float
    state: str = ""
    """`gone` or `offered`, where it is not a booked visit."""


@dataclass(frozen=True)
class Lane:
    practitioner: str
    blocks: list[Block]


@dataclass(frozen=True)
class Day:
    date: date
    lanes: list[Lane]


def week(town: Town) -> list[Day]:
    today = town.clock.now().astimezone(town.kit.zone).date()
    calendars = list(town.acuity.book.calendars.values())[:PRACTITIONERS]
    return [
        Day(
            day,
            [
                Lane(c.name, _acuity(town, day, c.id) + _google(town, day, c.email))
                for c in calendars
            ],
        )
        for day in (today + timedelta(days=number) for number in range(DAYS))
    ]


def _acuity(town: Town, day: date, calendar: int) -> list[Block]:
    return [
        _block(
            town,
            "acuity",
            f"{one.first_name} {one.last_name[:1]}.",
            one.service.name,
            (one.start, one.end),
            "gone" if one.canceled else "",
        )
        for one in town.acuity.book.appointments.values()
        if one.calendar.id == calendar and one.start.astimezone(town.kit.zone).date() == day
    ]


def _google(town: Town, day: date, calendar: str) -> list[Block]:
    spans = [
        (event, (edge(event, "start"), edge(event, "end")))
        for event in town.google.store.calendars[calendar].events.values()
        if event["status"] != "cancelled"
    ]
    return [
        _block(town, "google", "G", str(event.get("summary", "")), span, _state(event))
        for event, span in spans
        if span[0].astimezone(town.kit.zone).date() == day
    ]


def _state(event: Json) -> str:
    return "offered" if event["status"] == "tentative" else ""


def _block(
    town: Town,
    source: str,
    label: str,
    what: str,
    span: tuple[datetime, datetime],
    state: str = "",
) -> Block:
    start, end = (moment.astimezone(town.kit.zone) for moment in span)
    top = (start.hour - OPENS.hour) * 60 + start.minute
    minutes = (end - start).total_seconds() / 60
    share = 100 / OPEN_MINUTES
    title = f"{'Acuity' if source == 'acuity' else 'Google'}: {start:%H:%M} {what}, {label}"
    return Block(source, label, title, max(top, 0) * share, minutes * share, state)
