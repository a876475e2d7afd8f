"""Times on offer, as a calendar shows them: an entry for each that takes no time, and a line in the event.

Nobody looks busy for an entry: who may have the time is decided by our holds, and an entry that is left
behind blocks nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from connectors.errors import Conflict, NotFound, VendorFault
from connectors.google_calendar import wire
from connectors.http import Http
from connectors.parsing import documented
from rebook.domain.appointments import Slot, TimesOnOffer

Wanted = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""The entries of each calendar by their ids."""


def entries(offer: TimesOnOffer, place: Callable[[Slot], str], our_ref: str) -> Wanted:
    """`place` names a slot's calendar, or none. An entry has the same id whenever it is made again."""
    found: dict[str, dict[str, Any]] = {}
    for slot in offer.slots:
        if calendar := place(slot):
            body = wire.offered_event(offer, slot, our_ref)
            found.setdefault(calendar, {})[body["id"]] = body
    return found


def show(http: Http, calendars: Sequence[str], wanted: Wanted, our_ref: str) -> None:
    """These entries and no others that carry our reference: what is there is looked at first."""
    for calendar in calendars:
        here = wanted.get(calendar, {})
        standing = list(_standing(http, calendar, our_ref))
        for event_id in standing:
            if event_id not in here:
                with suppress(NotFound):
                    http.delete(wire.event_path(calendar, event_id), sendUpdates="none")
        for event_id, body in here.items():
            if event_id not in standing:
                _make(http, calendar, body)


def _standing(http: Http, calendar: str, our_ref: str) -> Iterator[str]:
    def after(page: Mapping[str, Any]) -> dict[str, Any] | None:
        return {"pageToken": page["nextPageToken"]} if page.get("nextPageToken") else None

    mark = f"{wire.OFFER}={our_ref}"
    path = wire.events_path(calendar)
    with documented():
        for page in http.pages(path, after, privateExtendedProperty=mark, maxResults=250):
            yield from (str(event["id"]) for event in page.get("items") or [])


def _make(http: Http, calendar: str, body: Mapping[str, Any]) -> None:
    """One that was taken away before keeps its id: it is brought back."""
    try:
        made = http.post(wire.events_path(calendar), body, sendUpdates="none")
    except Conflict:
        path = wire.event_path(calendar, body["id"])
        again = {name: value for name, value in body.items() if name != "id"}
        made = http.patch(path, again, sendUpdates="none")
    with documented():
        if made["status"] != "tentative":
            raise VendorFault("the entry of an offered time is not tentative")


def tell(http: Http, calendar: str, event_id: str, line: str) -> None:
    """A line in the description of an event that stands; an empty one takes ours away."""
    path = wire.event_path(calendar, event_id)
    try:
        event = http.get(path)
    except NotFound:
        return
    if not wire.is_appointment(event) or event.get("status") == "cancelled":
        return
    said = str(event.get("description") or "")
    wanted = "\n".join(part for part in (wire.without_offer(said), line) if part)
    if wanted != said:
        version = {"If-Match": str(event["etag"])} if event.get("etag") else None
        http.patch(path, {"description": wanted}, headers=version, sendUpdates="none")
