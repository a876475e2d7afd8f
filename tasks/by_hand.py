"""Opening a case because a member of staff says so."""

from sqlmodel import select

from rebook.db.session import ledger
from rebook.db.tables import Appointment
from rebook.domain.cases import Cause
from rebook.services import intake, opening
from tasks.accounts import connector_of
from tasks.retry import VENDOR_READ
from tasks.step import step


@step("open a case for {appointment_id} on {connection}", **VENDOR_READ)
def open_by_hand(connection: str, appointment_id: str, *, cause: str, by: str) -> str:
    """The case's id: the open one where there is one already. The appointment is read afresh."""
    seen = connector_of(connection).fetch_appointment(appointment_id)
    with ledger() as session:
        intake.observe(session, connection, seen, first_read=True)
        row = session.exec(
            select(Appointment).where(
                Appointment.connection == connection, Appointment.external_id == seen.id
            )
        ).one()
        case, _ = opening.open_case(
            session, row, cause=Cause(cause), actor=f"staff:{by}", at_once=True
        )
        return case.id
