"""Acuity's JSON: how an appointment is shown, how a refusal reads, how times are read."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sandbox.acuity.model import FORM, REFERENCE_FIELD, Appointment, Calendar, Service
from sandbox.wire import Json, Refusal

STAMP = "%Y-%m-%dT%H:%M:%S%z"


def refusal(status: int, message: str, error: str) -> Refusal:
    return Refusal(status, {"status_code": status, "message": message, "error": error})


def shown(one: Appointment, *, forms: bool = True) -> Json:
    """Keys as in recorded responses; `noShow` stands only on canceled appointments."""
    zone = ZoneInfo(one.calendar.zone)
    link = f"https://acuity.sandbox.test/schedule.php?action=appt&id%5B%5D={one.id}"
    return {
        **_person(one),
        **_when(one, zone),
        "price": one.service.price,
        "priceSold": one.service.price,
        "paid": "no",
        "amountPaid": "0.00",
        "type": one.service.name,
        "appointmentTypeID": one.service.id,
        "classID": None,
        "addonIDs": [],
        "category": "",
        "duration": str(one.service.minutes),
        "calendar": one.calendar.name,
        "calendarID": one.calendar.id,
        "certificate": None,
        "confirmationPage": link,
        "confirmationPagePaymentLink": f"{link}&pay=1",
        "location": "",
        "notes": one.notes,
        "timezone": one.zone,
        "calendarTimezone": one.calendar.zone,
        "canceled": one.canceled,
        "canClientCancel": not one.canceled,
        "canClientReschedule": not one.canceled,
        "labels": one.labels,
        "forms": _forms(one) if forms else [],
        "formsText": f"Name: {one.first_name} {one.last_name}\n",
        **({"noShow": one.no_show} if one.canceled else {}),
        "isVerified": False,
        "scheduledBy": one.scheduled_by,
    }


def _forms(one: Appointment) -> list[Json]:
    """One intake form with one question, answered or not."""
    value = one.answers.get(REFERENCE_FIELD, "")
    question = {"id": one.id + 1, "fieldID": REFERENCE_FIELD, "name": "Reference", "value": value}
    return [{"id": FORM, "name": "Office use", "values": [question]}]


def read_answers(fields: object) -> dict[int, str]:
    rows = fields if isinstance(fields, list) else []
    if any(not isinstance(row, dict) or row.get("id") != REFERENCE_FIELD for row in rows):
        raise refusal(400, "The form field does not exist.", "invalid_fields")
    return {row["id"]: str(row.get("value") or "") for row in rows}


def _person(one: Appointment) -> Json:
    return {
        "id": one.id,
        "firstName": one.first_name,
        "lastName": one.last_name,
        "phone": one.phone,
        "email": one.email,
    }


def _when(one: Appointment, zone: ZoneInfo) -> Json:
    start, end, created = (x.astimezone(zone) for x in (one.start, one.end, one.created))
    return {
        "date": _long_date(start),
        "time": _clock_time(start),
        "endTime": _clock_time(end),
        "dateCreated": _long_date(created),
        "datetimeCreated": created.strftime(STAMP),
        "datetime": start.strftime(STAMP),
    }


def _long_date(value: datetime) -> str:
    return f"{value:%B} {value.day}, {value.year}"


def _clock_time(value: datetime) -> str:
    return f"{value.hour % 12 or 12}:{value:%M}{'am' if value.hour < 12 else 'pm'}"


def service_shown(one: Service, calendars: list[int]) -> Json:
    return {
        "id": one.id,
        "name": one.name,
        "active": True,
        "description": "",
        "duration": one.minutes,
        "price": one.price,
        "category": "",
        "color": "#7A9E7E",
        "private": False,
        "type": "service",
        "image": "",
        "classSize": None,
        "paddingAfter": 0,
        "paddingBefore": 0,
        "calendarIDs": calendars,
        "addonIDs": [],
        "formIDs": [FORM],
        "schedulingUrl": f"https://acuity.sandbox.test/schedule.php?appointmentType={one.id}",
    }


def calendar_shown(one: Calendar) -> Json:
    return {
        "id": one.id,
        "name": one.name,
        "email": one.email,
        "replyTo": one.email,
        "description": "",
        "location": "",
        "timezone": one.zone,
        "thumbnail": False,
        "image": False,
        "isValid": True,
    }


def read_time(value: object, zone: str) -> datetime:
    """Without an offset Acuity reads a time in the calendar's zone."""
    try:
        parsed = datetime.fromisoformat(str(value))
    except ValueError:
        raise refusal(400, "The datetime cannot be read.", "invalid_datetime") from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=ZoneInfo(zone))


def read_date(value: str) -> date:
    try:
        day = datetime.fromisoformat(value).date()
    except ValueError:
        day = date.min
    if not 1970 <= day.year <= 2200:
        raise refusal(400, "The date cannot be read.", "invalid_date")
    return day
