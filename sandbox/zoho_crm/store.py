"""Zoho's records: what an appointment needs, what may be changed, and who is told."""

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sandbox import people
from sandbox.acuity.model import SERVICES
from sandbox.kit import Kit
from sandbox.wire import Json, Refusal
from sandbox.zoho_crm.hooks import Hooks

MODULE = "Appointments__s"
BASE = 5_545_974_000_000_000_000
NEEDED = (
    "Appointment_Name",
    "Appointment_For",
    "Service_Name",
    "Appointment_Start_Time",
    "Owner",
    "Location",
)
CLOSED = ("Cancelled", "Completed")
STATUSES = ("Scheduled", "Overdue", *CLOSED)


class RowFault(Exception):
    """One row of a write is refused."""

    def __init__(self, code: str, name: str = "", status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.details = {"api_name": name, "json_path": f"$.data[0].{name}"} if name else {}


def refusal(status: int, code: str) -> Refusal:
    body = {"code": code, "details": {}, "message": code.lower(), "status": "error"}
    return Refusal(status, body)


class Store:
    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.hooks = Hooks(kit)
        self._ids = itertools.count(BASE + 2_254_001)
        names = people.practitioners(kit.config.clients)
        self.users = {str(BASE + 393_001 + at): name for at, name in enumerate(names)}
        self.services = {str(BASE + 2_180_641 + at): one for at, one in enumerate(SERVICES)}
        self.modules: dict[str, dict[str, Json]] = {MODULE: {}, "Contacts": {}, "Leads": {}}
        self.modules["Tasks"] = {}
        for one in people.visits(kit.config.clients, kit.clock.now(), kit.zone):
            self._seed(one)

    def _seed(self, one: people.Visit) -> None:
        who, service = one.client, SERVICES[one.service]
        contact = self._add(
            "Contacts",
            {
                "First_Name": who.first,
                "Last_Name": who.last,
                "Email": who.email,
                "Phone": None,
                "Mobile": who.phone,
            },
        )
        self._book(
            {
                "Appointment_Name": f"{service.name} - {who.first} {who.last}",
                "Appointment_For": {"module": {"api_name": "Contacts"}, "id": contact["id"]},
                "Service_Name": {"id": list(self.services)[one.service]},
                "Appointment_Start_Time": one.start.isoformat(timespec="seconds"),
                "Owner": list(self.users)[one.calendar],
                "Location": "Business Address",
            }
        )

    def _add(self, module: str, given: Json) -> Json:
        identity = str(next(self._ids))
        row = {"id": identity, "Modified_Time": self._now(), "Created_Time": self._now(), **given}
        self.modules[module][identity] = row
        return row

    def _now(self) -> str:
        return self.kit.clock.now().astimezone(self.kit.zone).isoformat(timespec="seconds")

    def rows(self, module: str) -> dict[str, Json]:
        if module not in self.modules:
            raise refusal(400, "INVALID_MODULE")
        return self.modules[module]

    def create(self, module: str, given: Json) -> Json:
        if module != MODULE:
            return self._add(module, given)
        row = self._book(given)
        self.hooks.tell("insert", row)
        return row

    def _book(self, given: Json) -> Json:
        """An address where it is the client's; no time that has passed."""
        for name in (*NEEDED, *(["Address"] if given.get("Location") == "Client Address" else [])):
            if not given.get(name):
                raise RowFault("MANDATORY_NOT_FOUND", name)
        if instant(given["Appointment_Start_Time"]) < self.kit.clock.now():
            raise RowFault("DEPENDENT_MISMATCH", "Appointment_Start_Time")
        row = self._add(MODULE, {"Status": "Scheduled", "Cancellation_Reason": None})
        self._write(row, given)
        return row

    def change(self, module: str, identity: str, given: Json) -> Json:
        row = self.rows(module).get(identity)
        if row is None:
            raise RowFault("INVALID_DATA", "id")
        if module == MODULE:
            self._may_change(row, given)
        self._write(row, given)
        row["Modified_Time"] = self._now()
        if module == MODULE:
            self.hooks.tell("update", row)
        return row

    def _may_change(self, row: Json, given: Json) -> None:
        fixed = {"Appointment_Start_Time", "Status"} & given.keys()
        if row["Status"] in CLOSED and fixed:
            raise RowFault("NOT_ALLOWED", "Status", 403)
        if given.get("Status", "Scheduled") not in STATUSES:
            raise RowFault("INVALID_DATA", "Status")
        start = given.get("Appointment_Start_Time")
        if start and instant(start) <= instant(row["Appointment_Start_Time"]):
            raise RowFault("DEPENDENT_FIELD_UNCHANGED", "Appointment_Start_Time")

    def _write(self, row: Json, given: Json) -> None:
        """References get their names, and the end follows from the service."""
        for name, value in given.items():
            row[name] = self._named(name, value)
        if "Appointment_Start_Time" in given or "Service_Name" in given:
            start = instant(row["Appointment_Start_Time"])
            minutes = self.services[row["Service_Name"]["id"]].minutes
            end = (start + timedelta(minutes=minutes)).astimezone(self.kit.zone)
            row["Appointment_End_Time"] = end.isoformat(timespec="seconds")
            row["Status"] = given.get("Status", "Scheduled")

    def _named(self, name: str, value: Any) -> Any:
        if name == "Service_Name":
            if value["id"] not in self.services:
                raise RowFault("INVALID_DATA", name)
            return {"id": value["id"], "name": self.services[value["id"]].name}
        if name == "Owner":
            if value not in self.users:
                raise RowFault("INVALID_DATA", name)
            return {"id": value, "name": self.users[value], "email": "staff@example.com"}
        if name == "Appointment_For":
            found = self.modules.get(value["module"]["api_name"], {}).get(value["id"])
            if found is None:
                raise RowFault("INVALID_DATA", name)
            return {**value, "name": f"{found['First_Name']} {found['Last_Name']}"}
        return value

    def delete(self, identity: str) -> None:
        self.hooks.tell("delete", self.modules[MODULE].pop(identity))

    def shown(self, module: str) -> Iterator[Json]:
        """An appointment whose time has come is overdue, without being modified."""
        now = self.kit.clock.now()
        for row in self.rows(module).values():
            begun = module == MODULE and instant(row["Appointment_Start_Time"]) < now
            overdue = begun and row["Status"] == "Scheduled"
            yield {**row, "Status": "Overdue"} if overdue else row


def instant(text: object) -> datetime:
    try:
        read = datetime.fromisoformat(str(text))
    except ValueError:
        raise RowFault("INVALID_DATA", "Appointment_Start_Time") from None
    if read.tzinfo is None:
        raise RowFault("INVALID_DATA", "Appointment_Start_Time")
    return read
