"""ServiceTitan's JSON: how records are shown, how a refusal reads, how times are read."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sandbox.servicetitan.model import FIRST_TYPE, Job, Visit
from sandbox.wire import Json, Refusal

if TYPE_CHECKING:
    from sandbox.servicetitan.office import Office

UNIT, STAFF = 8201, 71


def refusal(status: int, title: str) -> Refusal:
    body: Json = {
        "type": f"https://httpstatuses.io/{status}",
        "title": title,
        "status": status,
        "traceId": "00-sandbox-00",
        "errors": {},
        "data": {},
    }
    return Refusal(status, body)


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_time(value: object) -> datetime:
    """A time without an offset is UTC here, as all of ServiceTitan's are."""
    try:
        read = datetime.fromisoformat(str(value))
    except ValueError:
        raise refusal(400, "A date cannot be read.") from None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)


def shown_visit(one: Visit) -> Json:
    opens, closes = one.window or (None, None)
    return {
        "id": one.id,
        "jobId": one.job.id,
        "appointmentNumber": f"{one.job.id}-{one.id}",
        "start": stamp(one.start),
        "end": stamp(one.end),
        "arrivalWindowStart": stamp(opens) if opens else None,
        "arrivalWindowEnd": stamp(closes) if closes else None,
        "status": one.status,
        "specialInstructions": None,
        "createdOn": stamp(one.created),
        "modifiedOn": stamp(one.modified),
        "customerId": one.job.customer,
        "unused": False,
        "createdById": STAFF,
        "isConfirmed": one.confirmed,
    }


def shown_job(one: Job, office: "Office") -> Json:
    visits = [visit.id for visit in office.visits_of(one)] or [0]
    link = {"typeId": 1, "name": "acuity_id", "value": str(one.acuity_id)}
    return {
        "id": one.id,
        "jobNumber": str(one.id),
        "projectId": None,
        "customerId": one.customer,
        "locationId": one.customer + 1000,
        "jobStatus": one.status,
        "completedOn": None,
        "businessUnitId": UNIT,
        "jobTypeId": FIRST_TYPE + one.service,
        "priority": "Normal",
        "campaignId": 1,
        "summary": None,
        "customFields": [link],
        "appointmentCount": len(visits),
        "firstAppointmentId": visits[0],
        "lastAppointmentId": visits[-1],
        "noCharge": False,
        "notificationsEnabled": False,
        "createdOn": stamp(one.created),
        "createdById": STAFF,
        "modifiedOn": stamp(one.modified),
        "tagTypeIds": [],
        "externalData": [],
        "customerPo": "",
        "invoiceId": one.id + 50_000,
    }


def shown_customer(one: Job) -> Json:
    address = {"street": "12 Shore Road", "city": "Hilo", "state": "HI", "zip": "96720"}
    return {
        "id": one.customer,
        "active": True,
        "name": f"{one.client.first} {one.client.last}",
        "type": "Residential",
        "address": {**address, "country": "USA"},
        "customFields": [],
        "balance": 0,
        "tagTypeIds": [],
        "doNotMail": False,
        "doNotService": False,
        "createdOn": stamp(one.created),
        "createdById": STAFF,
        "modifiedOn": stamp(one.created),
        "externalData": [],
    }


def shown_contacts(one: Job) -> list[Json]:
    told = {"MobilePhone": one.client.phone, "Email": one.client.email}
    when = {"createdOn": stamp(one.created), "modifiedOn": stamp(one.created)}
    return [
        {
            "id": one.customer * 10 + number,
            "type": kind,
            "value": value,
            "phoneSettings": {"phoneNumber": one.client.phone, "doNotText": False},
            **when,
        }
        for number, (kind, value) in enumerate(told.items())
    ]
