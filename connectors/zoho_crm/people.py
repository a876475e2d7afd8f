"""Whom appointments are for: contacts and leads, read together and once."""

from collections import defaultdict
from collections.abc import Sequence

from connectors.errors import Refused
from connectors.zoho_crm import wire
from connectors.zoho_crm.records import AT_ONCE, Records
from rebook.domain.appointments import Person


class People:
    """For one reading; whom Zoho no longer shows has the name that the appointment tells."""

    def __init__(self, records: Records, region: str) -> None:
        self._records = records
        self._region = region
        self._known: dict[tuple[str, str], Person] = {}

    def read(self, rows: Sequence[wire.Row]) -> None:
        """Make sure of the people of these appointments, a hundred at a time."""
        wanted: dict[str, dict[str, None]] = defaultdict(dict)
        for row in rows:
            module, identity = wire.client_of(row)
            fresh = (module, identity) not in self._known
            if module in wire.WITH_PEOPLE and identity and fresh:
                wanted[module][identity] = None
        for module, found in wanted.items():
            ids = list(found)
            for at in range(0, len(ids), AT_ONCE):
                self._ask(module, ids[at : at + AT_ONCE])

    def _ask(self, module: str, ids: list[str]) -> None:
        for row in self._records.some(module, ids, wire.PERSON_FIELDS):
            self._known[module, str(row.get("id"))] = wire.person(row, self._region)

    def of(self, row: wire.Row) -> Person:
        return self._known.get(wire.client_of(row)) or wire.named(row)


def find(records: Records, person: Person) -> dict[str, object]:
    """The contact or lead with this address or number, as an appointment names them."""
    points = {"email": person.email, "phone": person.phone}
    for module in wire.WITH_PEOPLE:
        for name, value in points.items():
            if not value:
                continue
            for row in records.search(module, "id", **{name: value}):
                return {"module": {"api_name": module}, "id": str(row.get("id"))}
    raise Refused("the client is not known to the CRM", code="unknown_person")
