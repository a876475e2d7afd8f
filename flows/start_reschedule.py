"""A member of staff starts a case by hand, for an appointment that no platform reports as lost."""

from typing import Annotated, Literal

from prefect import flow
from pydantic import Field

from tasks.by_hand import open_by_hand
from tasks.case_runs import start_case_runs
from tasks.names import BY_HAND_RUN
from tasks.waiting import STAFF_ID


@flow(name="start_reschedule", flow_run_name=BY_HAND_RUN)
def start_reschedule(
    connection: str,
    appointment_id: str,
    by: Annotated[str, Field(pattern=STAFF_ID)],
    cause: Literal["client_cancelled", "noshow", "failed_access", "our_fault", "weather"],
) -> str:
    """Open a case.

    Args:
        connection: The connection that holds the appointment, for example `acuity`.
        appointment_id: The appointment's id there.
        by: Your staff id: it is kept in the audit trail.
        cause: Why a new time is needed.
    """
    case_id = open_by_hand(connection, appointment_id, cause=cause, by=by)
    start_case_runs([case_id])
    return case_id
