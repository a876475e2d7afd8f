"""The free times a worker saw when it made an offer: kept in the client's page, held by nobody."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from rebook.db.tables import Case, ClientPage, OfferSlot
from rebook.domain import clock
from rebook.domain.appointments import Slot
from rebook.domain.pageview import open_view, token_hash
from rebook.services import offers

AHEAD = timedelta(days=14)
MOST = 240

Noted = list[Any]
"""Start, minutes, calendar and the platform's key, as JSON keeps them."""


def note(free: Iterable[Slot]) -> list[Noted]:
    """One entry a start, in the order of time: which calendar serves it does not concern the client."""
    until = clock.now() + AHEAD
    starts: dict[datetime, Slot] = {}
    for slot in free:
        if slot.starts_at < until:
            starts.setdefault(slot.starts_at, slot)
    kept = sorted(starts.values(), key=lambda slot: slot.starts_at)[:MOST]
    return [[s.starts_at.isoformat(), _minutes(s), s.calendar, s.key] for s in kept]


def _minutes(slot: Slot) -> int:
    return round((slot.ends_at - slot.starts_at).total_seconds() / 60)


def slot_at(session: Session, case: Case, token: str, start: datetime) -> OfferSlot | None:
    """A time of the page as a slot of the current offer, to be held when it is taken up.

    None where the page shows no such time.
    """
    offer = offers.current(session, case.id)
    page = session.get(ClientPage, token_hash(token))
    if offer is None or page is None:
        return None
    known = offers.slots_of(session, offer)
    offered = next((slot for slot in known if slot.starts_at == start), None)
    if offered is not None:
        return offered
    view = open_view(token, page.view)
    noted = [_slot(entry) for entry in view.get("free", [])] if view["offer"] == offer.n else []
    return next((_add(session, offer.id, slot) for slot in noted if slot.starts_at == start), None)


def _slot(noted: Sequence[Any]) -> Slot:
    start = datetime.fromisoformat(noted[0])
    return Slot(start, start + timedelta(minutes=noted[1]), noted[2], noted[3])


def _add(session: Session, offer_id: str, slot: Slot) -> OfferSlot:
    last = session.exec(
        select(func.max(col(OfferSlot.code))).where(OfferSlot.offer_id == offer_id)
    ).one()
    row = OfferSlot(
        offer_id=offer_id,
        code=(last or 0) + 1,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        calendar=slot.calendar,
        key=slot.key,
    )
    session.add(row)
    session.flush()
    return row
