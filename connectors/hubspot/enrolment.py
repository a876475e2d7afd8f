"""A contact's property on whose change the account's own workflow enrols, and lets go again."""

from contextlib import suppress
from urllib.parse import quote

from connectors.errors import NotFound, OptedOut, Refused
from connectors.http import Http
from connectors.hubspot import wire
from connectors.hubspot.records import path
from connectors.parsing import documented
from rebook.domain.appointments import Person

BY = "email"


class Enrolment:
    def __init__(self, http: Http, name: str, person: Person) -> None:
        if not (name and person.email):
            raise Refused("no property is set, or the client has no e-mail", code="no_campaign")
        self._http = http
        self._name = name
        self._at = f"{path('contacts')}/{quote(person.email, safe='')}"

    def begin(self, our_ref: str) -> str:
        """Writing the same reference again changes nothing, and so enrols nobody twice."""
        if self._read("hs_email_optout").lower() == "true":
            raise OptedOut("the contact takes no mail", code="opted_out")
        return self._write(our_ref)

    def end(self, our_ref: str) -> None:
        """A reference of another case is left alone: its sequence has begun since."""
        if self.stands(our_ref):
            self._write("")

    def stands(self, our_ref: str) -> bool:
        with suppress(NotFound):
            return self._read(self._name) == our_ref
        return False

    def _read(self, name: str) -> str:
        known = self._http.get(self._at, idProperty=BY, properties=name)
        with documented():
            return str(known["properties"].get(name) or "")

    def _write(self, value: str) -> str:
        changed = self._http.patch(self._at, {"properties": {self._name: value}}, idProperty=BY)
        with documented():
            return wire.id_of(changed)
