"""The org's objects: their fields, and what Salesforce checks before it saves."""

from datetime import datetime

from sandbox.salesforce.wire import Row, refusal
from sandbox.wire import Json

PREFIXES = {
    "Event": "00U",
    "Task": "00T",
    "Contact": "003",
    "CampaignMember": "00v",
    "Organization": "00D",
}
STATUSES = {"Booked", "Cancelled", "Missed", "Rescheduled", "Completed", None}
SYSTEM = {
    "Id": "",
    "CreatedDate": "",
    "LastModifiedDate": "",
    "SystemModstamp": "",
    "IsDeleted": False,
}
OWN: dict[str, Json] = {
    "Event": {
        "Subject": None,
        "StartDateTime": None,
        "EndDateTime": None,
        "DurationInMinutes": None,
        "ActivityDate": None,
        "EndDate": None,
        "IsAllDayEvent": False,
        "IsChild": False,
        "IsRecurrence": False,
        "ShowAs": "Busy",
        "OwnerId": None,
        "WhoId": None,
        "WhatId": None,
        "Location": None,
        "Description": None,
        "Appointment_Status__c": None,
        "Rebook_Key__c": None,
        "Acuity_Id__c": None,
    },
    "Task": {
        "Subject": None,
        "Description": None,
        "OwnerId": None,
        "Status": "Not Started",
        "Rebook_Key__c": None,
    },
    "Contact": {
        "FirstName": None,
        "LastName": None,
        "Email": None,
        "Phone": None,
        "MobilePhone": None,
        "HasOptedOutOfEmail": False,
    },
    "CampaignMember": {"CampaignId": None, "ContactId": None},
    "Organization": {"Name": None},
}


def blank(kind: str) -> Row:
    return {**SYSTEM, **OWN[kind]}


def check(kind: str, given: Json, *, new: bool) -> None:
    for name in given:
        if name not in OWN[kind]:
            raise refusal(400, "INVALID_FIELD", f"No such column {name!r} on sobject {kind}")
    if kind == "Event":
        _check_event(given, new=new)


def _check_event(given: Json, *, new: bool) -> None:
    if given.get("Appointment_Status__c") not in STATUSES:
        code = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
        raise refusal(400, code, "bad value for restricted picklist field")
    if new and not (given.get("StartDateTime") and given.get("EndDateTime")):
        raise refusal(400, "REQUIRED_FIELD_MISSING", "Required fields are missing")
    if given.get("StartDateTime") and given.get("EndDateTime"):
        length = _time(given["EndDateTime"]) - _time(given["StartDateTime"])
        minutes = given.get("DurationInMinutes")
        if minutes is not None and length.total_seconds() != minutes * 60:
            message = "End and duration do not agree."
            raise refusal(400, "FIELD_INTEGRITY_EXCEPTION", message)


def _time(value: object) -> datetime:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        raise refusal(400, "JSON_PARSER_ERROR", "Cannot deserialize a datetime.") from None
