"""A client who no longer wants a visit that still stands: it is cancelled wherever it is booked."""

from sqlmodel import Session, col, select

from rebook.db.tables import Appointment, Case, SyncTarget
from rebook.domain import clock
from rebook.domain.appointments import Status
from rebook.domain.ids import new_id
from rebook.services import audit


def plan(session: Session, case: Case) -> None:
    """One target for each platform that shows the visit as booked and still ahead."""
    stands = session.exec(
        select(Appointment)
        .where(Appointment.group_id == case.group_id, Appointment.status == Status.BOOKED)
        .where(col(Appointment.starts_at) > clock.now())
        .order_by(col(Appointment.id))
    ).all()
    for row in stands:
        target = _target(session, case.id, row)
        target.wanted, target.state = {"status": Status.CANCELLED}, "wanted"
        target.due_at, target.attempts = clock.now(), 0
        session.add(target)
        audit.record(session, "cancel_wanted", case_id=case.id, connection=row.connection)


def _target(session: Session, case_id: str, row: Appointment) -> SyncTarget:
    known = session.exec(
        select(SyncTarget).where(
            SyncTarget.case_id == case_id,
            SyncTarget.connection == row.connection,
            SyncTarget.external_id == row.external_id,
        )
    ).first()
    return known or SyncTarget(
        id=new_id("sync"),
        case_id=case_id,
        connection=row.connection,
        external_id=row.external_id,
        wanted={},
        due_at=clock.now(),
    )
