"""Offers and holds: choosing slots, claiming them exclusively, and giving them up again."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, or_, text, update
from sqlalchemy.dialects.postgresql import Range, insert
from sqlmodel import Session, col, select

from rebook.db.session import forget, once
from rebook.db.tables import Appointment, Case, Hold, Offer, OfferSlot, Person
from rebook.domain import clock, wording
from rebook.domain.appointments import Busy, Slot
from rebook.domain.cases import CaseEvent
from rebook.domain.ids import new_id
from rebook.domain.policy import Policy
from rebook.domain.slots import in_order
from rebook.services import audit, cases, configuration, offered, people

TAKEN = "slot taken"
_NAME = re.compile(r"o?([0-9]{1,6})-([0-9]{1,6})")


def make(session: Session, case: Case, candidates: Iterable[Slot]) -> Offer | None:
    """Hold up to the policy's number of slots and offer them. None when nothing is free."""
    policy = cases.policy_of(session, case)
    _one_at_a_time(session)
    now = clock.now()
    zone = zone_of(session, case)
    offer = Offer(
        id=new_id("offer"),
        case_id=case.id,
        n=1 + session.exec(select(func.count()).where(Offer.case_id == case.id)).one(),
        made_at=now,
        held_until=now + timedelta(minutes=policy.hold_minutes),
    )
    _supersede(session, case.id, now)
    session.add(offer)
    session.flush()
    kept = _hold_some(session, case, offer, policy, in_order(candidates, zone=zone, seed=case.id))
    if not kept:
        session.delete(offer)
        return None
    language = people.language(session, case.person_id)
    for code, slot in enumerate(sorted(kept, key=lambda slot: slot.starts_at), start=1):
        slot.code = code
        slot.shown = wording.short(slot.starts_at, zone, language)
    cases.move(session, case, CaseEvent.OFFER_MADE)
    offered.show(session, case, kept, offer.held_until)
    audit.record(session, "offered", case_id=case.id, offer=f"o{offer.n}", slots=len(kept))
    return offer


def zone_of(session: Session, case: Case) -> str:
    """The client's zone, which times are shown in."""
    person = session.get(Person, case.person_id) if case.person_id else None
    return person.zone if person else session.get_one(Appointment, case.appointment_id).zone


def _one_at_a_time(session: Session) -> None:
    """Two cases that hold several slots each, in different orders, would wait for one another."""
    record = configuration.topology(session).record
    session.connection().execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:record, 2))"), {"record": record}
    )


def _supersede(session: Session, case_id: str, now: datetime) -> None:
    session.connection().execute(
        update(Offer)
        .where(col(Offer.case_id) == case_id, col(Offer.superseded_at).is_(None))
        .values(superseded_at=now)
    )
    forget(session, cases.CURRENT_OFFER)


def _hold_some(
    session: Session, case: Case, offer: Offer, policy: Policy, candidates: Sequence[Slot]
) -> list[OfferSlot]:
    kept: list[OfferSlot] = []
    for number, slot in enumerate(candidates, start=1):
        if len(kept) == policy.slots_per_offer:
            break
        row = OfferSlot(
            offer_id=offer.id,
            code=100 + number,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            calendar=slot.calendar,
            key=slot.key,
        )
        session.add(row)
        session.flush()
        if _claim(session, case.id, row, offer.held_until):
            kept.append(row)
        else:
            session.delete(row)
    session.flush()
    return kept


def hold(session: Session, case_id: str, slot: OfferSlot, *, until: datetime) -> bool:
    """Claim the slot's seat, or keep a claim we have. False when somebody else holds it."""
    ours = session.exec(
        select(Hold).where(Hold.slot_id == slot.id, Hold.state == "held").with_for_update()
    ).first()
    if ours is not None:
        ours.expires_at = max(ours.expires_at, until)
        session.add(ours)
        return True
    return _claim(session, case_id, slot, until)


def _claim(session: Session, case_id: str, slot: OfferSlot, until: datetime) -> bool:
    """A new claim. What lapsed is in its way like any other, until it is looked at and released."""
    record = configuration.topology(session).record
    during = Range(slot.starts_at, slot.ends_at)
    row = {
        "case_id": case_id,
        "slot_id": slot.id,
        "connection": record,
        "calendar": slot.calendar,
        "during": during,
        "expires_at": until,
    }
    claimed = CLAIM.values(row)
    if session.connection().scalar(claimed) is not None:
        return True
    lapsed = _release_lapsed(session, record, slot.calendar, during)
    return lapsed > 0 and session.connection().scalar(claimed) is not None


CLAIM = insert(Hold).on_conflict_do_nothing().returning(col(Hold.id))
"""Waits for a claim that is being made, and gives way to one that stands."""


def _release_lapsed(
    session: Session, connection: str, calendar: str, during: Range[datetime]
) -> int:
    return (
        session.connection()
        .execute(
            update(Hold)
            .where(col(Hold.connection) == connection, col(Hold.calendar) == calendar)
            .where(col(Hold.state) == "held", col(Hold.expires_at) <= clock.now())
            .where(col(Hold.during).op("&&")(during))
            .values(state="released")
        )
        .rowcount
    )


def held(session: Session, connection: str, slots: Sequence[Slot]) -> dict[str, list[Busy]]:
    """What is held or booked from now on by calendar: on those of `slots`, and in the time they span.

    Thousands of cases that wait hold three times each, most of them elsewhere.
    """
    if not slots:
        return {}
    now = clock.now()
    span = Range(min(s.starts_at for s in slots), max(s.ends_at for s in slots))
    rows = session.exec(
        select(Hold.calendar, col(Hold.during))
        .where(Hold.connection == connection, col(Hold.state).in_(("held", "booked")))
        .where(col(Hold.calendar).in_({slot.calendar for slot in slots}))
        .where(or_(col(Hold.state) != "held", col(Hold.expires_at) > now))
        .where(col(Hold.during).op("&&")(span), func.upper(Hold.during) > now)
    )
    found: dict[str, list[Busy]] = {}
    for calendar, during in rows:
        if during.lower and during.upper:
            found.setdefault(calendar, []).append(Busy(during.lower, during.upper))
    return found


def renew(session: Session, case: Case) -> bool:
    """Hold again what still lies ahead and nobody else took; False where nothing is left."""
    offer = current(session, case.id)
    if offer is None:
        return False
    _one_at_a_time(session)
    now = clock.now()
    until = now + timedelta(minutes=cases.policy_of(session, case).hold_minutes)
    ahead = [slot for slot in slots_of(session, offer) if slot.starts_at > now]
    kept = [slot for slot in ahead if hold(session, case.id, slot, until=until)]
    if kept:
        offer.held_until = until
        session.add(offer)
        offered.show(session, case, kept, until)
    return bool(kept)


def standing(session: Session, offer: Offer) -> list[OfferSlot]:
    """The slots that lie ahead and are still ours to give."""
    held = select(Hold.slot_id).where(Hold.case_id == offer.case_id, Hold.state == "held")
    ours = set(session.exec(held))
    return [
        slot
        for slot in slots_of(session, offer)
        if slot.id in ours and slot.starts_at > clock.now()
    ]


def free_booked(session: Session, group_id: str) -> None:
    """The visit no longer stands where we booked it: those seats are free again."""
    mine = select(Case.id).where(Case.group_id == group_id)
    session.connection().execute(
        update(Hold)
        .where(col(Hold.case_id).in_(mine), col(Hold.state) == "booked")
        .values(state="released")
    )


CURRENT = (
    select(Offer)
    .where(Offer.case_id == bindparam("case"), col(Offer.superseded_at).is_(None))
    .order_by(col(Offer.n).desc())
    .limit(1)
)
SLOTS = (
    select(OfferSlot).where(OfferSlot.offer_id == bindparam("offer")).order_by(col(OfferSlot.code))
)


def current(session: Session, case_id: str) -> Offer | None:
    """The offer a client's answer speaks of."""

    def ask() -> Offer | None:
        return session.exec(CURRENT, params={"case": case_id}).first()

    return once(session, cases.CURRENT_OFFER, case_id, ask)


def slots_of(session: Session, offer: Offer) -> list[OfferSlot]:
    return list(session.exec(SLOTS, params={"offer": offer.id}))


def find_slot(session: Session, case_id: str, name: str) -> OfferSlot | None:
    """The slot staff call `o2-1`: offer 2, slot 1. None where this case has no such slot."""
    named = _NAME.fullmatch(name.strip().lower())
    if named is None:
        return None
    return session.exec(
        select(OfferSlot)
        .join(Offer, col(Offer.id) == col(OfferSlot.offer_id))
        .where(Offer.case_id == case_id, Offer.n == int(named[1]), OfferSlot.code == int(named[2]))
    ).first()


def superseded(session: Session, slot: OfferSlot) -> bool:
    return session.get_one(Offer, slot.offer_id).superseded_at is not None
