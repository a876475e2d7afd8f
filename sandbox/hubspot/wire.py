"""HubSpot's JSON: how a record and a refusal are shown, and how times are written."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from sandbox.wire import Json, Refusal

NAMES = {
    "contacts": {
        "firstname", "lastname", "email", "phone", "mobilephone", "hs_email_optout", "rebook_case",
    },
    "meetings": {
        "hs_meeting_title", "hs_meeting_start_time", "hs_meeting_end_time", "hs_meeting_outcome",
        "hs_internal_meeting_notes", "hubspot_owner_id", "hs_timestamp", "rebook_key", "acuity_id",
    },
    "tasks": {
        "hs_task_subject", "hs_task_body", "hs_task_status", "hs_timestamp", "hubspot_owner_id",
    },
}  # fmt: skip
OF_ALL = {"hs_object_id", "hs_lastmodifieddate", "hs_createdate"}
OUTCOMES = {"SCHEDULED", "COMPLETED", "RESCHEDULED", "NO_SHOW", "CANCELED"}
TIMES = {"hs_meeting_start_time", "hs_meeting_end_time", "hs_timestamp"}


@dataclass
class Record:
    id: str
    kind: str
    properties: dict[str, str | None]
    created: datetime
    changed: datetime
    archived: datetime | None = None
    linked: list[str] = field(default_factory=list)
    """Ids of the contacts of a meeting, or of the meetings of a contact."""


def refusal(status: int, category: str, message: str) -> Refusal:
    body: Json = {
        "status": "error",
        "message": message,
        "correlationId": "00000000-0000-0000-0000-000000000000",
        "category": category,
    }
    return Refusal(status, body)


def stamp(moment: datetime) -> str:
    told = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return told.replace("+00:00", "Z")


def read_time(value: object) -> datetime:
    """Milliseconds since 1970, or an instant."""
    text = str(value)
    try:
        if text.isdigit():
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise refusal(400, "VALIDATION_ERROR", "INVALID_DATE") from None


def shown(one: Record, properties: str | None = None) -> Json:
    """Those that are asked for, null where they are not set, and the three that always come."""
    told = {**one.properties, "hs_object_id": one.id, "hs_createdate": stamp(one.created)}
    told["hs_lastmodifieddate"] = stamp(one.changed)
    is_set = {name for name, value in told.items() if value is not None}
    wanted = {*properties.split(","), *OF_ALL} if properties else is_set
    body: Json = {
        "id": one.id,
        "properties": {name: told.get(name) for name in sorted(wanted)},
        "createdAt": stamp(one.created),
        "updatedAt": stamp(one.changed),
        "archived": one.archived is not None,
    }
    return {**body, "archivedAt": stamp(one.archived)} if one.archived else body
