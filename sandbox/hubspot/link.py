"""One meeting link: the free half-hours of its owner, and booking one of them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request

from sandbox.acuity.model import SERVICES
from sandbox.hubspot.portal import LINK, Portal
from sandbox.hubspot.wire import read_time, refusal, stamp
from sandbox.people import CLOSED_WEEKDAY, CLOSES, OPENS
from sandbox.wire import BadBody, Json, read_json

PATH = "/scheduler/v3/meetings/meeting-links/book"
REQUIRED = (
    "slug", "startTime", "duration", "email", "firstName", "lastName",
    "formFields", "legalConsentResponses", "likelyAvailableUserIds",
)  # fmt: skip


def add(routes: APIRouter, portal: Portal) -> None:
    @routes.get(f"{PATH}/availability-page/{{slug:path}}")
    async def page(slug: str, request: Request, monthOffset: int = 0) -> Json:
        _known(slug)
        if not request.query_params.get("timezone"):
            raise refusal(400, "VALIDATION_ERROR", "timezone is required")
        days = _month(portal, monthOffset)
        return {
            "allUsersBusyTimes": [],
            "linkAvailability": {
                "hasMore": True,
                "linkAvailabilityByDuration": {
                    str(service.minutes * 60_000): _free(portal, days, service.minutes)
                    for service in SERVICES
                },
            },
        }

    @routes.post(PATH)
    async def book(request: Request) -> Json:
        try:
            body = await read_json(request)
        except BadBody:
            raise refusal(400, "VALIDATION_ERROR", "Invalid input JSON") from None
        if missing := [name for name in REQUIRED if name not in body]:
            raise refusal(400, "VALIDATION_ERROR", f"{missing[0]} is required")
        _known(str(body["slug"]))
        return _booked(portal, body)


def _known(slug: str) -> None:
    if slug != LINK:
        raise refusal(404, "OBJECT_NOT_FOUND", "Meeting link not found")


def _month(portal: Portal, offset: int) -> list[date]:
    today = portal.kit.clock.now().astimezone(portal.kit.zone).date()
    number = today.year * 12 + today.month - 1 + offset
    first = date(number // 12, number % 12 + 1, 1)
    days = [first + timedelta(days=n) for n in range(31)]
    return [day for day in days if day.month == first.month and day.weekday() != CLOSED_WEEKDAY]


def _free(portal: Portal, days: list[date], minutes: int) -> Json:
    length, zone = timedelta(minutes=minutes), portal.kit.zone
    times = [
        {"startMillisUtc": _ms(start), "endMillisUtc": _ms(start + length)}
        for day in days
        for start in _grid(day, zone)
        if _is_free(portal, start, start + length)
    ]
    return {"meetingDurationMillis": minutes * 60_000, "availabilities": times}


def _grid(day: date, zone: ZoneInfo) -> list[datetime]:
    opens = datetime.combine(day, OPENS, zone)
    return [opens + timedelta(minutes=30 * n) for n in range(16)]


def _is_free(portal: Portal, start: datetime, end: datetime) -> bool:
    local = end.astimezone(portal.kit.zone)
    return start > portal.kit.clock.now() and local.time() <= CLOSES and not portal.busy(start, end)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _booked(portal: Portal, body: Json) -> Json:
    start = read_time(body["startTime"])
    end = start + timedelta(milliseconds=int(body["duration"]))
    if not _is_free(portal, start, end):
        raise refusal(409, "CONFLICT", "The time is no longer available")
    names = {"firstname": body["firstName"], "lastname": body["lastName"]}
    known = [c for c in portal.of("contacts") if c.properties["email"] == body["email"]]
    contact = (
        known[0] if known else portal.create("contacts", {**names, "email": body["email"]}, [])
    )
    made = portal.create(
        "meetings",
        {
            "hs_meeting_title": f"{body['firstName']} {body['lastName']}",
            "hs_meeting_start_time": stamp(start),
            "hs_meeting_end_time": stamp(end),
            "hs_meeting_outcome": "SCHEDULED",
            "hs_timestamp": stamp(start),
            "hubspot_owner_id": "801",
        },
        [contact.id],
    )
    return {
        "bookingTimezone": body.get("timezone") or "UTC",
        "calendarEventId": f"event-{made.id}",
        "contactId": contact.id,
        "duration": body["duration"],
        "start": stamp(start),
        "end": stamp(end),
        "formFields": [],
        "guestEmails": [],
        "isOffline": False,
        "legalConsentResponses": [],
        "subject": made.properties["hs_meeting_title"],
    }
