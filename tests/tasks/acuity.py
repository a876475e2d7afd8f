"""An Acuity account behind a real socket: what it lists, what it tells when asked, what is gone."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rebook.db.session import ledger
from rebook.services import connections
from rebook.services.connections import Account
from tests.connectors.vendor import Received, Reply, Vendor
from tests.services.office import NOON, ZONE


@dataclass
class Acuity:
    """`unlisted` rows are told one by one and stand in no list."""

    vendor: Vendor
    listed: dict[int, dict[str, Any]] = field(default_factory=dict)
    unlisted: dict[int, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.vendor.answer = self.answer
        with ledger() as session:
            connections.store(
                session,
                Account(
                    "acuity",
                    "acuity",
                    f"{self.vendor.url}/api/v1",
                    {"per_second": "1000"},
                    {"user_id": "1", "api_key": "nobody's"},
                ),
                door_secrets=[],
            )

    def put(self, number: int, *, days: float = 2) -> None:
        starts_at = (NOON + timedelta(days=days)).astimezone(ZoneInfo(ZONE))
        self.listed[number] = row(number, starts_at)

    def answer(self, request: Received) -> Reply:
        name = request.path.removeprefix("/api/v1/")
        if name == "appointments":
            return Reply(200, [one for one in self.listed.values() if _within(one, request)])
        if name.startswith("appointments/"):
            found = (self.listed | self.unlisted).get(int(name.removeprefix("appointments/")))
            return Reply(200, found) if found else Reply(404, {"error": "not_found"})
        return Reply(200, [])


def row(number: int, starts_at: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "firstName": "Leilani",
        "lastName": f"Kahale{number}",
        "phone": f"+1808555{number:04}",
        "email": f"client{number}@example.com",
        "datetime": starts_at.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "duration": "60",
        "type": "Cleaning",
        "appointmentTypeID": 7,
        "calendarID": 1,
        "timezone": ZONE,
        "calendarTimezone": ZONE,
        "canceled": False,
        "forms": [],
    }


def _within(one: dict[str, Any], request: Received) -> bool:
    first, last = request.query["minDate"][0], request.query["maxDate"][0]
    cancelled = request.query.get("canceled", ["false"])[0] == "true"
    return first <= str(one["datetime"])[:10] <= last and bool(one["canceled"]) == cancelled
