"""Accounts with very many appointments, one for each paging style; what changes in them can be ordered."""

import bisect
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.connectors.vendor import Received, Reply

Json = dict[str, Any]
HOUR = timedelta(hours=1)


class Account:
    """`count` appointments, an hour each, from `first` on; every client has five of them."""

    slug = ""
    settings: Mapping[str, str] = {}

    def __init__(self, count: int, now: datetime) -> None:
        self.now = now.replace(microsecond=0)
        self.first = self.now + timedelta(days=1)
        self.lost: set[int] = set()
        self.changed: list[int] = []
        self.requests = 0
        self.stops_at = 0
        self.stop: Callable[[], None] = lambda: None
        """What happens when the request of that number comes: whoever reads is killed."""
        self.count = count

    def lose(self, numbers: Sequence[int]) -> None:
        """They are cancelled, a second after each other."""
        self.lost |= set(numbers)
        self.changed = list(numbers)

    def starts(self, number: int) -> datetime:
        return self.first + number % 5000 * timedelta(minutes=5)

    def client(self, number: int) -> tuple[str, str, str]:
        who = number // 5
        return f"Ana{who}", f"ana{who}@example.com", f"+1808555{who % 10_000:04d}"

    def answer(self, request: Received) -> Reply:
        if request.path.endswith("/token"):
            return Reply(200, {"access_token": "access-2", "expires_in": 3600})
        self.requests += 1
        if self.requests == self.stops_at:
            self.stop()
        return self._answer(request)

    def _answer(self, request: Received) -> Reply:
        raise NotImplementedError


class Google(Account):
    """Pages of an opaque token; then what changed since the last one."""

    slug = "google_calendar"
    settings: Mapping[str, str] = {"calendars": "chair"}
    page = 250

    def _answer(self, request: Received) -> Reply:
        asked = {name: values[0] for name, values in request.query.items()}
        numbers = self.changed if asked.get("syncToken") else range(self.count)
        at = int(asked.get("pageToken") or 0)
        body: Json = {
            "timeZone": "UTC",
            "items": [self._event(n) for n in numbers[at:][: self.page]],
        }
        more = at + self.page < len(numbers)
        body |= {"nextPageToken": str(at + self.page)} if more else {"nextSyncToken": "later"}
        return Reply(200, body)

    def _event(self, number: int) -> Json:
        name, email, _phone = self.client(number)
        at = self.starts(number)
        return {
            "id": f"e{number}",
            "status": "cancelled" if number in self.lost else "confirmed",
            "etag": f'"{number}-{number in self.lost}"',
            "summary": f"Haircut – {name}",
            "start": {"dateTime": at.isoformat(), "timeZone": "UTC"},
            "end": {"dateTime": (at + HOUR).isoformat(), "timeZone": "UTC"},
            "attendees": [{"email": email, "displayName": name}],
        }


class Dated(Account):
    """Records in the order of their last change: the first lot spread over twenty days."""

    def __init__(self, count: int, now: datetime) -> None:
        super().__init__(count, now)
        begun = self.now - timedelta(days=20)
        self.order = [(begun + timedelta(seconds=30 * n), f"{n:012d}") for n in range(count)]

    def lose(self, numbers: Sequence[int]) -> None:
        super().lose(numbers)
        gone = set(numbers)
        kept = [one for one in self.order if int(one[1]) not in gone]
        last = kept[-1][0] + timedelta(hours=1)
        new = [(last + timedelta(seconds=n), f"{own:012d}") for n, own in enumerate(numbers)]
        self.order = kept + new
        self._stamps = None

    def touched(self, number: int) -> datetime:
        if self._stamps is None:
            self._stamps = {int(own): at for at, own in self.order}
        return self._stamps[number]

    _stamps: dict[int, datetime] | None = None

    def since(self, at: datetime, after: str, most: int) -> list[int]:
        first = bisect.bisect_right(self.order, (at, after)) if after else 0
        first = first or bisect.bisect_left(self.order, (at, ""))
        return [int(own) for _, own in self.order[first : first + most]]


class Salesforce(Dated):
    """A keyset of time and id."""

    slug = "salesforce"
    settings: Mapping[str, str] = {"days_back": "60"}
    SINCE = re.compile(r"SystemModstamp (?:>=|>) (\S+?Z)(?:.*Id > '(\w+)')?")

    def _answer(self, request: Received) -> Reply:
        found = self.SINCE.search(request.query["q"][0])
        assert found
        after = found[2][3:15] if found[2] else ""
        numbers = self.since(datetime.fromisoformat(found[1]), after, 200)
        rows = [self._row(number) for number in numbers]
        return Reply(200, {"totalSize": len(rows), "done": True, "records": rows})

    def _row(self, number: int) -> Json:
        name, email, phone = self.client(number)
        at, touched = self.starts(number), self.touched(number).isoformat()
        return {
            "Id": f"00U{number:012d}AAA",
            "Subject": "Haircut",
            "StartDateTime": at.isoformat(),
            "EndDateTime": (at + HOUR).isoformat(),
            "OwnerId": "005000000000001AAA",
            "LastModifiedDate": touched,
            "SystemModstamp": touched,
            "IsDeleted": number in self.lost,
            "Who": {"FirstName": name, "LastName": "K", "Email": email, "MobilePhone": phone},
        }


class HubSpot(Dated):
    """A search by time of change, its records and whom they are of read in batches."""

    slug = "hubspot"
    settings: Mapping[str, str] = {"days_back": "60"}

    def _answer(self, request: Received) -> Reply:
        path = request.path.removeprefix("/crm/v3/objects/")
        if path == "meetings/search":
            return Reply(200, self._search(request.json))
        if path == "meetings":
            return Reply(200, {"results": []})
        tell = {
            "meetings/batch/read": self._meeting,
            "contacts/batch/read": self._contact,
            "/crm/v4/associations/meetings/contacts/batch/read": self._whose,
        }[path]
        asked = [int(one["id"]) for one in request.json["inputs"]]
        assert len(asked) <= 100
        return Reply(200, {"results": [tell(number) for number in asked]})

    def _search(self, body: Json) -> Json:
        since = int(body["filterGroups"][0]["filters"][0]["value"])
        numbers = self.since(datetime.fromtimestamp(since / 1000, UTC), "", body["limit"] + 1)
        rows = [
            {"id": str(n), "properties": {"hs_lastmodifieddate": self.touched(n).isoformat()}}
            for n in numbers[: body["limit"]]
        ]
        more = len(numbers) > body["limit"]
        return {"results": rows, **({"paging": {"next": {"after": "100"}}} if more else {})}

    def _meeting(self, number: int) -> Json:
        at = self.starts(number)
        lost = number in self.lost
        told = {
            "hs_meeting_title": "Haircut",
            "hs_meeting_start_time": at.isoformat(),
            "hs_meeting_end_time": (at + HOUR).isoformat(),
            "hs_meeting_outcome": "CANCELED" if lost else "SCHEDULED",
        }
        updated = self.touched(number).isoformat()
        return {"id": str(number), "properties": told, "updatedAt": updated, "archived": False}

    def _whose(self, number: int) -> Json:
        return {"from": {"id": str(number)}, "to": [{"toObjectId": 10**6 + number // 5}]}

    def _contact(self, own: int) -> Json:
        name, email, phone = self.client((own - 10**6) * 5)
        told = {"firstname": name, "lastname": "K", "email": email, "phone": phone}
        return {"id": str(own), "properties": told}


class Sheets(Account):
    """Rows in spans, compared with what the last walk saw."""

    slug = "google_sheets"
    settings: Mapping[str, str] = {"zone": "UTC", "days_back": "60"}
    SPAN = re.compile(r"!(\d+):(\d+)$")
    TITLES = (
        "appointment_id",
        "status",
        "starts_at",
        "ends_at",
        "client",
        "email",
        "phone",
        "service",
    )

    def _answer(self, request: Received) -> Reply:
        ranges = request.query.get("ranges")
        if ranges:
            return Reply(200, {"valueRanges": [self._values(one) for one in ranges]})
        if "/values/" in request.path:
            return Reply(200, self._values(f"x!1:{self.count + 1}"))
        grid = {"title": "Appointments", "gridProperties": {"rowCount": self.count + 1}}
        about = {"properties": {"title": "Book", "timeZone": "UTC"}}
        return Reply(200, {**about, "sheets": [{"properties": grid}]})

    def _values(self, named: str) -> Json:
        span = self.SPAN.search(named)
        assert span
        rows = [self._row(n) for n in range(int(span[1]), int(span[2]) + 1)]
        return {"range": named, "values": rows}

    def _row(self, row: int) -> list[str]:
        if row == 1:
            return list(self.TITLES)
        number = row - 2
        name, email, phone = self.client(number)
        at = self.starts(number)
        status = "cancelled" if number in self.lost else "booked"
        ends = (at + HOUR).isoformat()
        return [f"a-{number}", status, at.isoformat(), ends, f"{name} K", email, phone, "Haircut"]


ACCOUNTS: dict[str, Callable[[int, datetime], Account]] = {
    one.slug: one for one in (Google, Salesforce, HubSpot, Sheets)
}
