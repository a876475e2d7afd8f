"""A Salesforce org: its records, the rules for changing them, and the flow that tells of lost events."""

import itertools
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from sandbox import people
from sandbox.acuity.model import FIRST_APPOINTMENT, FIRST_CALENDAR, SERVICES
from sandbox.kit import Kit
from sandbox.salesforce import soql
from sandbox.salesforce.hooks import Hooks
from sandbox.salesforce.schema import PREFIXES, blank, check
from sandbox.salesforce.wire import Row, refusal, shown, stamp
from sandbox.wire import Json

ORGANIZATION = "00D000000000001EAA"
STUDIO = "Harbour Street Studio"
TOLD = ("Appointment_Status__c", "StartDateTime")


class Org:
    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.hooks = Hooks(kit, ORGANIZATION)
        self._records: dict[str, dict[str, Row]] = {kind: {} for kind in PREFIXES}
        self._ids = itertools.count(1)
        names = people.practitioners(kit.config.clients)
        self.users = {FIRST_CALENDAR + n: f"005{n + 1:012}AAA" for n in range(len(names))}
        self._keep("Organization", {"Name": STUDIO})
        visits = people.visits(kit.config.clients, kit.clock.now(), kit.zone)
        for number, visit in enumerate(visits):
            self._seed(visit, FIRST_APPOINTMENT + number)

    def _seed(self, visit: people.Visit, acuity_id: int) -> None:
        client, service = visit.client, SERVICES[visit.service]
        person = {"FirstName": client.first, "LastName": client.last, "Email": client.email}
        contact = self._keep("Contact", {**person, "MobilePhone": client.phone})
        short = f"{client.first} {client.last[:1]}."
        self._keep(
            "Event",
            {
                "Subject": f"{service.name} – {short}",
                "StartDateTime": stamp(visit.start),
                "EndDateTime": stamp(visit.start + timedelta(minutes=service.minutes)),
                "DurationInMinutes": service.minutes,
                "OwnerId": self.users[FIRST_CALENDAR + visit.calendar],
                "WhoId": contact["Id"],
                "Appointment_Status__c": "Booked",
                "Acuity_Id__c": str(acuity_id),
            },
        )

    def rows(self, kind: str) -> list[Row]:
        return list(self._records[kind].values())

    def find(self, kind: str, record_id: str) -> Row:
        row = self._of(kind).get(record_id)
        if row is None:
            raise refusal(404, "NOT_FOUND", "The requested resource does not exist")
        if row.get("IsDeleted"):
            raise refusal(404, "ENTITY_IS_DELETED", "entity is deleted")
        return row

    def _of(self, kind: str) -> dict[str, Row]:
        if kind not in self._records:
            raise refusal(404, "NOT_FOUND", "The requested resource does not exist")
        return self._records[kind]

    def _keep(self, kind: str, given: Row) -> Row:
        now = stamp(self.kit.clock.now())
        row = {**blank(kind), "Id": f"{PREFIXES[kind]}{next(self._ids):012}AAA", **given}
        row |= {"CreatedDate": now, "LastModifiedDate": now, "SystemModstamp": now}
        self._records[kind][row["Id"]] = row
        return row

    def create(self, kind: str, given: Json) -> str:
        self._of(kind)
        check(kind, given, new=True)
        if kind == "CampaignMember" and self._is_member(given):
            raise refusal(400, "DUPLICATE_VALUE", "Already a campaign member.")
        self._require_unique(kind, given)
        return str(self._keep(kind, _settled(given))["Id"])

    def _is_member(self, given: Json) -> bool:
        pair = (given.get("CampaignId"), given.get("ContactId"))
        members = [m for m in self.rows("CampaignMember") if not m.get("IsDeleted")]
        return any((m["CampaignId"], m["ContactId"]) == pair for m in members)

    def _require_unique(self, kind: str, given: Json) -> None:
        ref = given.get("Rebook_Key__c")
        if ref and any(row.get("Rebook_Key__c") == ref for row in self._of(kind).values()):
            raise refusal(400, "DUPLICATE_VALUE", "duplicate value found: Rebook_Key__c")

    def upsert(self, kind: str, field: str, value: str, given: Json) -> tuple[str, bool]:
        """Its id, and whether it was made."""
        if field != "Rebook_Key__c":
            raise refusal(404, "NOT_FOUND", "Provided external ID field does not exist")
        for row in self._of(kind).values():
            if row.get(field) == value and not row.get("IsDeleted"):
                self.update(kind, row["Id"], given, "")
                return str(row["Id"]), False
        return self.create(kind, {**given, field: value}), True

    def update(self, kind: str, record_id: str, given: Json, unless_since: str) -> None:
        row = self.find(kind, record_id)
        check(kind, given, new=False)
        since = parsedate_to_datetime(unless_since) if unless_since else None
        if since and datetime.fromisoformat(row["LastModifiedDate"]) > since:
            raise refusal(412, "PRECONDITION_FAILED", "It was changed in the meantime.")
        before = [row.get(name) for name in TOLD]
        row.update(_settled(given))
        self._touch(row)
        if kind == "Event" and before != [row.get(name) for name in TOLD]:
            self.hooks.tell(row)

    def delete(self, kind: str, record_id: str) -> None:
        row = self.find(kind, record_id)
        row["IsDeleted"] = True
        self._touch(row)

    def _touch(self, row: Row) -> None:
        row["LastModifiedDate"] = row["SystemModstamp"] = stamp(self.kit.clock.now())

    def query(self, text: str, *, deleted_too: bool) -> list[Json]:
        asked = soql.parse(text)
        if asked.kind not in self._records:
            raise refusal(400, "INVALID_TYPE", "sObject type is not supported.")
        known = blank(asked.kind)
        if unknown := asked.names - known.keys():
            raise refusal(400, "INVALID_FIELD", f"No such column {min(unknown)!r}")
        rows = [row for row in self.rows(asked.kind) if deleted_too or not row.get("IsDeleted")]
        rows = [row for row in rows if asked.test(row)]
        rows.sort(key=lambda row: [str(row.get(name) or "") for name in asked.order])
        return [self._answered(asked, row) for row in rows[: asked.limit]]

    def _answered(self, asked: soql.Query, row: Row) -> Json:
        told = shown(asked.kind, {"Id": row["Id"], **{name: row[name] for name in asked.fields}})
        if asked.typeof:
            who = self._records["Contact"].get(str(row.get("WhoId") or ""))
            names = asked.typeof.get("Contact", [])
            told["Who"] = None
            if who:
                person = {name: who[name] for name in names}
                told["Who"] = {"attributes": shown("Contact", who)["attributes"], **person}
        return told


def _settled(given: Json) -> Json:
    """Times are kept and shown in one spelling, and the end follows from the duration."""
    kept = dict(given)
    for name in ("StartDateTime", "EndDateTime"):
        if kept.get(name):
            kept[name] = stamp(datetime.fromisoformat(str(kept[name])).astimezone(UTC))
    return kept
