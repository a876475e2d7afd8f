"""The studio mirrors its Acuity book into Google Calendar; this is what such an event looks like."""

from zoneinfo import ZoneInfo

from sandbox.acuity.model import Appointment
from sandbox.wire import Json


def mirrored(one: Appointment) -> Json:
    zone = ZoneInfo(one.calendar.zone)
    return {
        "summary": f"{one.service.name} – {one.first_name} {one.last_name[:1]}.",
        "start": {"dateTime": one.start.astimezone(zone).isoformat(), "timeZone": zone.key},
        "end": {"dateTime": one.end.astimezone(zone).isoformat(), "timeZone": zone.key},
        "extendedProperties": {"private": {"acuity_id": str(one.id)}},
    }
