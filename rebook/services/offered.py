"""Where offered times are shown: calendars that make tentative entries of them while they are held.

One target for each such connection, under the name `offered`. It is wanted anew when times are held, and
once more for when the holds run out, so that no entry outlives its hold.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from rebook.db.tables import Appointment, Case, Hold, OfferSlot, SyncTarget
from rebook.domain import clock
from rebook.domain.appointments import Slot, Status, TimesOnOffer
from rebook.domain.ids import new_id
from rebook.services import audit, configuration, people

OFFERED = "offered"


def show(session: Session, case: Case, slots: Iterable[OfferSlot], until: datetime) -> None:
    """Times are held for the client: the calendars that show such times are to show these."""
    ids = sorted(slot.id for slot in slots if slot.id is not None)
    for connection in configuration.shows_offers(session):
        row = _target(session, case.id, connection) or SyncTarget(
            id=new_id("sync"),
            case_id=case.id,
            connection=connection,
            external_id=OFFERED,
            wanted={},
            due_at=clock.now(),
        )
        _want(session, row, ids, clock.now(), until)


def take_away(session: Session, case: Case) -> None:
    """Nothing is held any more: whatever shows it is to show it no longer."""
    rows = session.exec(
        select(SyncTarget).where(SyncTarget.case_id == case.id, SyncTarget.external_id == OFFERED)
    ).all()
    for row in rows:
        if row.state != "done":
            _want(session, row, [], clock.now())


def _target(session: Session, case_id: str, connection: str) -> SyncTarget | None:
    return session.exec(
        select(SyncTarget).where(
            SyncTarget.case_id == case_id,
            SyncTarget.connection == connection,
            SyncTarget.external_id == OFFERED,
        )
    ).first()


def _want(
    session: Session,
    row: SyncTarget,
    ids: list[int],
    due_at: datetime,
    until: datetime | None = None,
) -> None:
    version = int(row.wanted.get("version", 0)) + 1
    row.wanted = {"offered": ids, "version": version}
    if until is not None:
        row.wanted["until"] = until.isoformat()
    row.state, row.due_at, row.attempts = "wanted", due_at, 0
    session.add(row)
    session.flush()


def shown(session: Session, row: SyncTarget) -> None:
    """Done as wanted: what is shown is to be gone when the holds have run out."""
    what = "offer_shown" if row.wanted["offered"] else "offer_no_longer_shown"
    audit.record(session, what, case_id=row.case_id, connection=row.connection)
    if until := row.wanted.get("until"):
        _want(session, row, [], datetime.fromisoformat(until))


def read(session: Session, target_id: str) -> TimesOnOffer:
    """What the platform is to show: of the wanted times those that are held still."""
    row = session.get_one(SyncTarget, target_id)
    case = session.get_one(Case, row.case_id)
    lost = session.get_one(Appointment, case.appointment_id)
    held = session.exec(
        select(OfferSlot)
        .join(Hold, col(Hold.slot_id) == col(OfferSlot.id))
        .where(Hold.case_id == case.id, Hold.state == "held", Hold.expires_at > clock.now())
        .where(col(OfferSlot.id).in_(row.wanted["offered"]))
        .order_by(col(OfferSlot.starts_at))
    ).all()
    return TimesOnOffer(
        slots=tuple(Slot(one.starts_at, one.ends_at, one.calendar) for one in held),
        person=people.described(session, case.person_id),
        service=lost.service,
        zone=lost.zone,
        appointment_id=_there(session, case.group_id, row.connection),
    )


def _there(session: Session, group_id: str, connection: str) -> str:
    """The visit as this platform knows it, where it stands there."""
    found = session.exec(
        select(Appointment.external_id).where(
            Appointment.group_id == group_id,
            Appointment.connection == connection,
            Appointment.status == Status.BOOKED,
        )
    ).first()
    return found or ""
