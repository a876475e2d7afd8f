"""Telling the system of record what became of a visit that a technician could not make."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from rebook.db.field_tables import VisitReport
from rebook.db.tables import Appointment, Case, SyncTarget
from rebook.domain import clock
from rebook.domain.appointments import Slot, Status
from rebook.domain.ids import new_id
from rebook.domain.visits import BECOMES, Reported
from rebook.services import audit, configuration, echoes, visits


def want(session: Session, case: Case) -> None:
    """When the client is about to be written to, nobody doubts the report any more: once a case."""
    reported = session.exec(
        select(VisitReport.kind)
        .where(VisitReport.case_id == case.id, col(VisitReport.kind).in_(list(BECOMES)))
        .order_by(col(VisitReport.received_at))
    ).first()
    row = _on_record(session, case) if reported else None
    if reported is None or row is None or _is_told(session, case, row):
        return
    session.add(
        SyncTarget(
            id=new_id("sync"),
            case_id=case.id,
            connection=row.connection,
            external_id=row.external_id,
            wanted={
                "status": BECOMES[Reported(reported)],
                "starts_at_was": row.starts_at.isoformat(),
            },
            due_at=clock.now(),
        )
    )
    audit.record(session, "status_wanted", case_id=case.id, connection=row.connection)


def _on_record(session: Session, case: Case) -> Appointment | None:
    return session.exec(
        select(Appointment).where(
            Appointment.group_id == case.group_id,
            Appointment.connection == configuration.topology(session).record,
            Appointment.status == Status.BOOKED,
        )
    ).first()


def _is_told(session: Session, case: Case, row: Appointment) -> bool:
    known = select(SyncTarget.id).where(
        SyncTarget.case_id == case.id,
        SyncTarget.connection == row.connection,
        SyncTarget.external_id == row.external_id,
    )
    return session.exec(known).first() is not None


def read(wanted: dict[str, Any]) -> tuple[Status, datetime] | None:
    """The status a target asks for, of the visit that began then."""
    if "starts_at_was" not in wanted:
        return None
    return Status(wanted["status"]), datetime.fromisoformat(wanted["starts_at_was"])


def expect(
    session: Session, target: SyncTarget, status: Status, starts_at: datetime, ends_at: datetime
) -> None:
    """Right before the call: a platform that is not called must not have its next word swallowed."""
    echoes.expect(
        session,
        target.connection,
        target.external_id,
        case_id=target.case_id,
        status=status,
        slot=Slot(starts_at, ends_at),
    )


def remember(session: Session, case: Case, connection: str, external_id: str, now: Status) -> None:
    """The record shows it: a new time is booked anew, and what it says next is no news."""
    row = session.exec(
        select(Appointment).where(
            Appointment.connection == connection, Appointment.external_id == external_id
        )
    ).one()
    row.status = now
    case.old_stands = False
    session.add_all([row, case])
    visits.refresh(session, row.group_id)
