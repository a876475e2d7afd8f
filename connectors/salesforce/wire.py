"""Salesforce's words in ours. The standard Event has no status: a field of the org's own says it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

from simple_salesforce.format import format_soql

from connectors.contract import BookingRequest
from connectors.errors import NotFound
from connectors.parsing import documented, e164, instant, known_zone, pairs, words
from rebook.domain.appointments import Appointment, Busy, ChangeKind, Person, Slot, Status

Row = Mapping[str, Any]

STATUS_FIELD, REF_FIELD = "Appointment_Status__c", "Rebook_Key__c"
MEANT = {
    Status.CANCELLED: ("cancelled_values", "cancelled, canceled"),
    Status.NOSHOW: ("noshow_values", "missed, no show, no-show, noshow"),
    Status.FULFILLED: ("fulfilled_values", "completed, done"),
}
KINDS = {
    Status.BOOKED: ChangeKind.MOVED,
    Status.FULFILLED: ChangeKind.MOVED,
    Status.CANCELLED: ChangeKind.CANCELLED,
    Status.NOSHOW: ChangeKind.NOSHOW,
}
OF_A_PERSON = "FirstName, LastName, Email, Phone, MobilePhone"
ALWAYS = (
    "Id", "Subject", "StartDateTime", "EndDateTime", "OwnerId", "Location", "Description",
    "WhoId", "WhatId", "IsDeleted", "LastModifiedDate", "SystemModstamp",
)  # fmt: skip
AN_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
BETWEEN = " – "


def known_id(value: str) -> str:
    if not AN_ID.fullmatch(value):
        raise NotFound("not a Salesforce id")
    return value


class Fields:
    """The names of the org's own fields, as an admin set them."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.status = settings.get("status_field") or STATUS_FIELD
        self.ref = settings.get("ref_field", REF_FIELD)
        self.links = pairs(settings.get("link_fields", ""))
        self._settings = settings

    def select(self, where: str) -> str:
        own = [name for name in (self.status, self.ref, *self.links) if name]
        listed = ", ".join(dict.fromkeys([*ALWAYS, *own]))
        person = " ".join(f"WHEN {who} THEN {OF_A_PERSON}" for who in ("Contact", "Lead"))
        return f"SELECT {listed}, TYPEOF Who {person} END FROM Event WHERE {where}"  # noqa: S608 - SOQL; values are quoted

    def status_of(self, said: str) -> Status:
        """A word that is not listed, and none at all, is an appointment that stands."""
        for status, (setting, default) in MEANT.items():
            if said.strip().casefold() in words(self._settings.get(setting) or default):
                return status
        return Status.BOOKED

    def written(self, status: Status) -> dict[str, str]:
        names = {
            Status.BOOKED: ("booked_value", "Rescheduled"),
            Status.CANCELLED: ("cancelled_value", "Cancelled"),
            Status.NOSHOW: ("noshow_value", "Missed"),
        }
        setting, default = names[status]
        return {self.status: self._settings.get(setting) or default}


def appointment(row: Row, fields: Fields, settings: Mapping[str, str]) -> Appointment:
    with documented():
        status = fields.status_of(str(row.get(fields.status) or ""))
        return Appointment(
            id=str(row["Id"]),
            status=Status.CANCELLED if row.get("IsDeleted") else status,
            starts_at=instant(row["StartDateTime"]),
            ends_at=instant(row["EndDateTime"]),
            zone=known_zone(settings.get("zone")),
            person=_person(row.get("Who") or {}, settings.get("region") or "US"),
            service=str(row.get("Subject") or "").partition(BETWEEN)[0].strip(),
            calendar=str(row["OwnerId"]),
            place=str(row.get("Location") or ""),
            version=str(row["LastModifiedDate"]),
            ours=str(row.get(fields.ref) or "") if fields.ref else "",
            same_as=_same_as(row, fields.links),
        )


def _same_as(row: Row, links: Mapping[str, str]) -> str:
    named = [f"{connection}:{row[name]}" for name, connection in links.items() if row.get(name)]
    return named[0] if named else ""


def _person(who: Row, region: str) -> Person:
    return Person(
        str(who.get("FirstName") or ""),
        str(who.get("LastName") or ""),
        e164(str(who.get("MobilePhone") or who.get("Phone") or ""), region),
        str(who.get("Email") or "").strip(),
    )


def times(slot: Slot) -> dict[str, Any]:
    """Salesforce wants the end and the duration to agree."""
    length = slot.ends_at - slot.starts_at
    return {
        "StartDateTime": stamp(slot.starts_at),
        "EndDateTime": stamp(slot.ends_at),
        "DurationInMinutes": round(length.total_seconds() / 60),
    }


def new_event(request: BookingRequest, was: Row, owner: str) -> dict[str, Any]:
    """The client of the event it replaces, if there is one; else named in words."""
    person = request.person
    short = f"{person.given_name} {person.family_name[:1] + '.' if person.family_name else ''}"
    lines = [request.note, *(() if was.get("WhoId") else (person.phone, person.email))]
    told = {
        "Subject": BETWEEN.join(part for part in (request.service, short.strip()) if part),
        "Description": "\n".join(line for line in lines if line),
        "OwnerId": owner or was.get("OwnerId"),
        "WhoId": was.get("WhoId"),
        "WhatId": was.get("WhatId"),
    }
    return {**times(request.slot), **{name: value for name, value in told.items() if value}}


def stamp(moment: datetime) -> str:
    """As SOQL and JSON take it, in UTC and whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def unmodified_since(version: str) -> dict[str, str]:
    """`version` is the LastModifiedDate that was read."""
    with documented():
        when = format_datetime(instant(version), usegmt=True)
    return {"If-Unmodified-Since": when}


def busy_where(owner: str, starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """Days of all-day events are days of the calendar, whatever the zone: their times are not shifted."""
    local = ZoneInfo(known_zone(zone))
    first, last = starts_at.astimezone(local).date(), ends_at.astimezone(local).date()
    whole = f"IsAllDayEvent = true AND ActivityDate <= {last} AND EndDate >= {first}"
    timed = (
        f"IsAllDayEvent = false AND StartDateTime < {stamp(ends_at)}"
        f" AND EndDateTime > {stamp(starts_at)}"
    )
    mine = format_soql("OwnerId = {} AND ShowAs != 'Free'", owner)
    return f"{mine} AND (({timed}) OR ({whole}))"


def busy(row: Row, zone: str) -> Busy:
    with documented():
        if not row["IsAllDayEvent"]:
            return Busy(instant(row["StartDateTime"]), instant(row["EndDateTime"]))
        local = ZoneInfo(known_zone(zone))
        first = datetime.fromisoformat(row["ActivityDate"]).replace(tzinfo=local)
        last = datetime.fromisoformat(row["EndDate"]).replace(tzinfo=local)
    return Busy(first, last + timedelta(days=1))
