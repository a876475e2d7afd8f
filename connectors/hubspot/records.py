"""HubSpot's records with the contacts they are of. A search tells of neither: both are read anew."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from connectors.errors import NotFound, VendorFault
from connectors.http import Http
from connectors.hubspot import wire
from connectors.hubspot.wire import Names, Row
from connectors.parsing import documented
from rebook.domain.appointments import Appointment, Person

AT_ONCE = 100
MISSING = "OBJECT_NOT_FOUND"
"""What a batch says of a record that is not there, and of one that is nobody's."""


class Records:
    def __init__(self, http: Http, names: Names, settings: Mapping[str, str]) -> None:
        self._http = http
        self._names = names
        self._settings = settings

    def row(self, number: str) -> Row:
        """As it stands now, with whom it is of."""
        found: Row = self._http.get(
            f"{path(self._names.object)}/{wire.known_id(number)}",
            properties=",".join(self._names.read),
            associations="contacts",
        )
        return found

    def by_reference(self, our_ref: str) -> str | None:
        """By our own unique property: read as it is, and not from the index that lags."""
        at = f"{path(self._names.object)}/{quote(our_ref, safe='')}"
        try:
            found = self._http.get(at, idProperty=self._names.ref)
        except NotFound:
            return None
        with documented():
            return wire.id_of(found)

    def appointment(self, number: str) -> Appointment:
        found = self.read([self.row(number)])
        if not found:
            raise NotFound("the record has no time")
        return found[0]

    def appointments(self, numbers: Iterable[str]) -> tuple[list[Appointment], list[str]]:
        """Those that stand, and the ids of those that went in the meantime."""
        asked = list(numbers)
        rows = {
            str(row["id"]): row for row in self.batch(self._names.object, asked, self._names.read)
        }
        found = [rows[number] for number in asked if number in rows]
        gone = [number for number in asked if number not in rows]
        return self._with_people(found, self._contacts_of(list(rows))), gone

    def read(self, rows: list[Row]) -> list[Appointment]:
        """Rows that were read with their contacts."""
        first = {str(row["id"]): next(iter(related(row)), "") for row in rows}
        return self._with_people(rows, first)

    def _with_people(self, rows: list[Row], whose: Mapping[str, str]) -> list[Appointment]:
        people = self._people({contact for contact in whose.values() if contact})
        seen = [
            wire.appointment(
                row,
                self._names,
                people.get(whose.get(str(row["id"]), ""), Person()),
                self._settings,
            )
            for row in rows
        ]
        return [one for one in seen if one is not None]

    def _contacts_of(self, numbers: list[str]) -> dict[str, str]:
        """The first contact of each record. Of records that are nobody's a batch says nothing."""
        at = f"crm/v4/associations/{self._names.object}/contacts/batch/read"
        with documented():
            return {
                str(row["from"]["id"]): str(row["to"][0]["toObjectId"])
                for row in self._batches(at, numbers, {})
                if row["to"]
            }

    def _people(self, contacts: set[str]) -> dict[str, Person]:
        region = self._settings.get("region") or "US"
        found = self.batch("contacts", sorted(contacts), wire.OF_A_PERSON) if contacts else []
        with documented():
            return {str(row["id"]): wire.person(row, region) for row in found}

    def batch(self, kind: str, numbers: list[str], properties: Iterable[str]) -> list[Row]:
        """Those that are not there are left out."""
        wanted = {"properties": list(properties), "propertiesWithHistory": []}
        with documented():
            return list(self._batches(f"{path(kind)}/batch/read", numbers, wanted))

    def _batches(self, at: str, numbers: list[str], wanted: Mapping[str, Any]) -> Iterator[Row]:
        """A hundred at a time. A record that was left out for another reason than its absence is a fault."""
        for first in range(0, len(numbers), AT_ONCE):
            inputs = [{"id": number} for number in numbers[first : first + AT_ONCE]]
            answer = self._http.post(at, {"inputs": inputs, **wanted})
            if any(error["category"] != MISSING for error in answer.get("errors") or []):
                raise VendorFault("a batch was answered in part")
            yield from answer["results"]

    def contact_of(self, email: str) -> str:
        """The contact with this address, or an empty string."""
        if not email:
            return ""
        mine = {"propertyName": "email", "operator": "EQ", "value": email}
        body = {"filterGroups": [{"filters": [mine]}], "properties": ["email"], "limit": 1}
        with documented():
            found = self._http.post(f"{path('contacts')}/search", body)["results"]
            return wire.id_of(found[0]) if found else ""

    def of_contact(self, contact: str) -> list[Row]:
        """What a contact is associated with, which shows at once what the index does not yet."""
        row = self._http.get(
            f"{path('contacts')}/{contact}", associations=self._names.object, properties="email"
        )
        return self.batch(self._names.object, list(related(row)), self._names.read)


def related(row: Row) -> list[str]:
    """Ids of the one kind of record that was asked for along with it, the first first."""
    with documented():
        groups = (row.get("associations") or {}).values()
        return list(dict.fromkeys(str(one["id"]) for g in groups for one in g["results"]))


def path(kind: str) -> str:
    return f"crm/v3/objects/{kind}"
