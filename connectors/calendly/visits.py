"""Reading invitees: who reschedules gets a new event, so a chain of them is one appointment.

The appointment keeps the id of the chain's first invitee and has the time of its last.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from connectors.calendly import wire
from connectors.calendly.wire import Row, Visit
from connectors.errors import NotFound, VendorFault
from connectors.http import Http
from connectors.parsing import documented, form_of

LONGEST_CHAIN = 30


class Visits:
    def __init__(self, http: Http) -> None:
        self._http = http

    def one(self, appointment_id: str) -> Visit:
        """The visit as it stands now, wherever in its chain the id is."""
        return self.follow(self._invitee(appointment_id))

    def of_event(self, event: Row) -> Iterator[Visit]:
        """Every invitee of an event, those who cancelled too."""
        with documented():
            path = f"scheduled_events/{wire.last_part(event['uri'])}/invitees"
        for invitee in self.listed(path, count=100):
            yield self.follow(invitee, event)

    def follow(self, invitee: Row, event: Row | None = None) -> Visit:
        """`event` is the invitee's own, where it is known already."""
        first, now = self._first(invitee), invitee
        for _ in range(LONGEST_CHAIN):
            if not (now.get("rescheduled") and now.get("new_invitee")):
                return Visit(_id(first), now, event or self._event(now))
            now, event = self._linked(now["new_invitee"]), None
        raise VendorFault("a chain of reschedulings has no end")

    def listed(self, path: str, **query: Any) -> Iterator[Row]:
        """Every row of a list, to its last page."""
        for page in self._http.pages(path, _next, **query):
            with documented():
                rows = [dict(row) for row in page["collection"]]
            yield from rows

    def _first(self, invitee: Row) -> Row:
        for _ in range(LONGEST_CHAIN):
            if not invitee.get("old_invitee"):
                return invitee
            invitee = self._linked(invitee["old_invitee"])
        raise VendorFault("a chain of reschedulings has no beginning")

    def _linked(self, uri: object) -> Row:
        with documented():
            found = wire.id_of(uri)
        return self._invitee(found)

    def _invitee(self, appointment_id: str) -> Row:
        parts = wire.OWN_ID.fullmatch(appointment_id)
        if parts is None:
            raise NotFound("not a Calendly id")
        event, invitee = parts.groups()
        answer = self._http.get(f"scheduled_events/{event}/invitees/{invitee}")
        with documented():
            return dict(answer["resource"])

    def _event(self, invitee: Row) -> Row:
        with documented():
            event = wire.id_of(invitee["uri"]).partition("/")[0]
        answer = self._http.get(f"scheduled_events/{event}")
        with documented():
            return dict(answer["resource"])


def _next(page: Any) -> dict[str, Any] | None:
    """By the token, or by the one in the address of the next page where there is no other."""
    with documented():
        told = page.get("pagination") or {}
        in_link = form_of(urlsplit(told.get("next_page") or "").query).get("page_token")
        token = told.get("next_page_token") or in_link
    return {"page_token": token} if token else None


def _id(invitee: Row) -> str:
    with documented():
        return wire.id_of(invitee["uri"])
