"""A meeting link's free times and bookings: the only slots that HubSpot itself keeps."""

from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from connectors.contract import BookingRequest, SlotQuery
from connectors.errors import Conflict, SlotTaken
from connectors.http import Http
from connectors.hubspot import wire
from connectors.parsing import documented
from rebook.domain import clock
from rebook.domain.appointments import Slot

BOOK = "scheduler/v3/meetings/meeting-links/book"


def find_slots(http: Http, link: str, query: SlotQuery) -> list[Slot]:
    """The page of a link shows a month at a time, counted from this one."""
    zone = ZoneInfo(query.zone)
    now, first, last = (
        moment.astimezone(zone) for moment in (clock.now(), query.starts_at, query.ends_at)
    )
    months = [(moment.year - now.year) * 12 + moment.month - now.month for moment in (first, last)]
    found: dict[Slot, None] = {}
    for offset in range(max(months[0], 0), months[1] + 1):
        page = http.get(
            f"{BOOK}/availability-page/{quote(link, safe='')}",
            timezone=query.zone,
            monthOffset=offset,
        )
        found |= dict.fromkeys(_slots(page, query))
    return sorted(found, key=lambda slot: slot.starts_at)


def _slots(page: Any, query: SlotQuery) -> list[Slot]:
    """Times of the wanted length that lie wholly in the period."""
    with documented():
        lengths = (page.get("linkAvailability") or {}).get("linkAvailabilityByDuration") or {}
        told = (lengths.get(str(query.minutes * 60_000)) or {}).get("availabilities") or []
        times = [(wire.moment(t["startMillisUtc"]), wire.moment(t["endMillisUtc"])) for t in told]
    return [
        Slot(start, end, query.calendar)
        for start, end in times
        if query.starts_at <= start and end <= query.ends_at
    ]


def book(http: Http, link: str, request: BookingRequest) -> str:
    """The contact it was booked for: HubSpot does not tell the meeting's own id."""
    slot, person = request.slot, request.person
    body = {
        "slug": link,
        "startTime": wire.stamp(slot.starts_at),
        "duration": round((slot.ends_at - slot.starts_at).total_seconds() * 1000),
        "email": person.email,
        "firstName": person.given_name or "-",
        "lastName": person.family_name or "-",
        "formFields": [],
        "legalConsentResponses": [],
        "likelyAvailableUserIds": [],
        "timezone": request.zone,
    }
    try:
        made = http.post(BOOK, body)
    except Conflict:
        raise SlotTaken("the platform no longer offers this time") from None
    with documented():
        return wire.id_of({"id": made["contactId"]})
