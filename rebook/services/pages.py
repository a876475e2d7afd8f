"""What a client's link shows: kept ready for the gateway, readable only with the link's own token."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, select

from rebook.db.tables import Appointment, Booking, Case, ClientPage, Offer, OfferSlot, Person
from rebook.domain import clock, wording
from rebook.domain.appointments import Slot
from rebook.domain.cases import CLOSED_STATES, CaseState
from rebook.domain.pageview import open_view, seal_view, token_hash
from rebook.keyring import keyring
from rebook.services import configuration, more_times, offers, visits
from rebook.settings import settings

KEPT = timedelta(days=30)


def token(case_id: str) -> str:
    """The token of a case's link: the same in every message, so copies lead to one booking."""
    return keyring().link_token(case_id)


def link(case_id: str) -> str:
    return f"{settings().public_url.rstrip('/')}/o/{token(case_id)}"


def booked_start(session: Session, case_id: str) -> datetime | None:
    """When the case's new appointment begins, once there is one."""
    booking = _booking(session, case_id)
    return booking.starts_at if booking else None


BOOKING = select(Booking).where(Booking.case_id == bindparam("case"))


def _booking(session: Session, case_id: str) -> Booking | None:
    return session.exec(BOOKING, params={"case": case_id}).first()


def refresh(session: Session, case: Case, *, free: Iterable[Slot] | None = None) -> None:
    """Write the page as the case now stands.

    `free` are the times that were free when the current offer was made; without, those the page has.
    """
    session.flush()
    secret = token(case.id)
    row = session.get(ClientPage, token_hash(secret)) or ClientPage(
        token_hash=token_hash(secret), case_id=case.id, view=b"", updated_at=clock.now(),
        expires_at=clock.now(),
    )  # fmt: skip
    view = _view(session, case)
    if view["state"] == "choose":
        view["free"] = _kept(secret, row, view["offer"]) if free is None else more_times.note(free)
    row.view = seal_view(secret, view)
    row.updated_at = clock.now()
    row.expires_at = clock.now() + KEPT
    session.add(row)
    visits.refresh(session, case.group_id)


def _kept(secret: str, row: ClientPage, offer: int) -> list[Any]:
    """The snapshot belongs to the offer it was taken with."""
    before = open_view(secret, row.view) if row.view else {}
    kept: list[Any] = before.get("free", []) if before.get("offer") == offer else []
    return kept


def _view(session: Session, case: Case) -> dict[str, Any]:
    lost = session.get_one(Appointment, case.appointment_id)
    person = session.get(Person, case.person_id) if case.person_id else None
    topology = configuration.topology(session)
    zone = person.zone if person else lost.zone
    offer = offers.current(session, case.id)
    booking = _booking(session, case.id)
    stands = visits.standing(session, case.group_id)
    return {
        "state": _state(case, booking, offer, stands),
        "language": person.language if person else "",
        "first_name": person.given_name if person else "",
        "business": topology.business_name,
        "business_phone": topology.business_phone,
        "service": lost.service,
        "place": lost.place,
        "zone": zone,
        "offer": offer.n if offer else 0,
        "slots": [_slot(slot, zone) for slot in offers.slots_of(session, offer)] if offer else [],
        "booked": _times(booking, zone) if booking else {},
        "stands": _times(stands, zone) if stands and case.old_stands and not booking else {},
        "visit": visits.publish(session, stands) if stands and booking else "",
        "calendar": _calendar(session, case, booking),
        "note": "slot taken" if case.reason == offers.TAKEN else "",
    }


def _calendar(session: Session, case: Case, booking: Booking | None) -> dict[str, Any]:
    return visits.calendar(session, case.group_id, booking.made_at) if booking else {}


def _state(
    case: Case, booking: Booking | None, offer: Offer | None, stands: Appointment | None
) -> str:
    state = CaseState(case.state)
    if booking is not None:
        return "booked"
    if state in CLOSED_STATES:
        return _ending(state, stands)
    if state is CaseState.BOOKING or (state is CaseState.OPEN and case.reason == offers.TAKEN):
        return "working"
    if state is CaseState.OPEN:
        return "seeking"
    return "choose" if offer is not None else "staff"


def _ending(state: CaseState, stands: Appointment | None) -> str:
    if state is CaseState.WITHDRAWN:
        return "withdrawn"
    return "kept" if state is CaseState.VOIDED and stands else "closed"


def _slot(slot: OfferSlot, zone: str) -> dict[str, Any]:
    return {"code": slot.code, **_times(slot, zone), "shown": slot.shown}


def _times(row: OfferSlot | Booking | Appointment, zone: str) -> dict[str, str]:
    """Instants, which the page puts into words in its client's language."""
    start = row.starts_at
    return {
        "shown": wording.short(start, zone),
        "day": wording.day(start, zone),
        "time": wording.hour(start, zone),
        **visits.instants(start, row.ends_at),
    }
