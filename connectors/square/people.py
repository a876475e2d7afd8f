"""Who a booking is for and where it is: customers and locations, each asked for once."""

from functools import cached_property

from connectors.errors import NotFound
from connectors.http import Http
from connectors.parsing import documented, e164
from connectors.square import wire
from rebook.domain.appointments import Person

NOBODY = Person()


class Register:
    """Reads of one connector's life: made anew for each."""

    def __init__(self, http: Http, region: str) -> None:
        self._http = http
        self._region = region
        self._people: dict[str, Person] = {}

    def person(self, customer: str) -> Person:
        """Nobody, where a booking has no customer or a deleted one."""
        if not wire.OWN_ID.fullmatch(customer):
            return NOBODY
        if customer not in self._people:
            self._people[customer] = self._read(customer)
        return self._people[customer]

    def find(self, person: Person) -> str:
        """The id of the one customer with this address or number; the empty text where none is."""
        for name, value in (("email_address", person.email), ("phone_number", person.phone)):
            if value:
                rows = self._matching(name, value)
                same = [row for row in rows if self._is(row, person)]
                if same:
                    with documented():
                        return str(same[0]["id"])
        return ""

    @cached_property
    def zones(self) -> dict[str, str]:
        """The locations that are open for business, with their time zones."""
        rows = self._locations
        return {str(one["id"]): str(one.get("timezone") or "") for one in rows}

    @cached_property
    def business(self) -> str:
        names = [str(one.get("business_name") or one.get("name") or "") for one in self._locations]
        return next(filter(None, names), "")

    @cached_property
    def _locations(self) -> list[wire.Row]:
        answer = self._http.get("v2/locations")
        with documented():
            rows = [dict(row) for row in answer.get("locations") or []]
            return [row for row in rows if row["id"] and row.get("status", "ACTIVE") == "ACTIVE"]

    def _read(self, customer: str) -> Person:
        try:
            answer = self._http.get(f"v2/customers/{customer}")
        except NotFound:
            return NOBODY
        with documented():
            return wire.person(answer["customer"], self._region)

    def _matching(self, name: str, value: str) -> list[wire.Row]:
        query = {"filter": {name: {"exact": value}}}
        answer = self._http.post("v2/customers/search", {"query": query, "limit": 10})
        with documented():
            return [dict(row) for row in answer.get("customers") or []]

    def _is(self, row: wire.Row, person: Person) -> bool:
        """A household may share an address: the given name decides then, where both are told."""
        there = wire.person(row, self._region)
        same = person.email and there.email.casefold() == person.email.casefold()
        phone = e164(person.phone, self._region)
        told = there.given_name and person.given_name
        named = there.given_name.casefold() == person.given_name.casefold()
        return bool(same or (phone and there.phone == phone)) and (named or not told)
