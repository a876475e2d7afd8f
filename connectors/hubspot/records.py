"""HubSpot's records with the contacts they are of. Search tells no associations: each is read once more."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from connectors.errors import NotFound
from connectors.http import Http
from connectors.hubspot import wire
from connectors.hubspot.wire import Names, Row
from connectors.parsing import documented
from rebook.domain.appointments import Appointment, Person

AT_ONCE = 100


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
        rows, gone = [], []
        for number in numbers:
            try:
                rows.append(self.row(number))
            except NotFound:
                gone.append(number)
        return self.read(rows), gone

    def read(self, rows: list[Row]) -> list[Appointment]:
        whose = [next(iter(related(row)), "") for row in rows]
        people = self._people({contact for contact in whose if contact})
        seen = [
            wire.appointment(row, self._names, people.get(contact, Person()), self._settings)
            for row, contact in zip(rows, whose, strict=True)
        ]
        return [one for one in seen if one is not None]

    def _people(self, contacts: set[str]) -> dict[str, Person]:
        region = self._settings.get("region") or "US"
        found = self.batch("contacts", sorted(contacts), wire.OF_A_PERSON) if contacts else []
        with documented():
            return {str(row["id"]): wire.person(row, region) for row in found}

    def batch(self, kind: str, numbers: list[str], properties: Iterable[str]) -> list[Row]:
        """A hundred at a time; those that are not there are left out."""
        found: list[Row] = []
        for first in range(0, len(numbers), AT_ONCE):
            inputs = [{"id": number} for number in numbers[first : first + AT_ONCE]]
            wanted: dict[str, Any] = {"inputs": inputs, "properties": list(properties)}
            body = {**wanted, "propertiesWithHistory": []}
            with documented():
                found += self._http.post(f"{path(kind)}/batch/read", body)["results"]
        return found

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
