"""A visit that still stands and whose client wants something else: a case opens, the visit stands."""

from sqlmodel import Session

from rebook.db.session import call_dispatcher
from rebook.db.tables import Appointment, Case
from rebook.domain.cases import CaseEvent, CaseState, Cause
from rebook.services import audit, cases, opening, pages, staff

KEEPABLE = (CaseState.OPEN, CaseState.OFFERED, CaseState.HANDED_OVER)


def open_for(session: Session, appointment_id: str, cause: Cause, actor: str) -> str:
    """The case of a visit whose client wants another time. It is booked until the new one is."""
    appointment = session.get_one(Appointment, appointment_id)
    case, opened = opening.open_case(session, appointment, cause=cause, actor=actor, at_once=True)
    if opened:
        call_dispatcher(session)
        pages.refresh(session, case)
    return case.id


def keep(session: Session, case: Case) -> bool:
    """The client comes as booked after all. False where that is no longer possible."""
    if not case.old_stands or CaseState(case.state) not in KEEPABLE:
        return False
    why = "the client keeps the appointment"
    cases.move(session, case, CaseEvent.NEVER_LOST, actor="client", reason=why)
    audit.record(session, "kept", case_id=case.id, actor="client")
    staff.update(session, case)
    pages.refresh(session, case)
    call_dispatcher(session)
    return True
