"""Opening a case once for a lost visit, and closing it when the visit turns out to stand."""

from datetime import timedelta

from sqlalchemy import text
from sqlmodel import Session, col, exists, select

from rebook.db.tables import Appointment, Case, ContactPoint
from rebook.domain import clock
from rebook.domain.appointments import Status
from rebook.domain.cases import OPEN_STATES, CaseEvent, CaseState, Cause
from rebook.domain.ids import new_id
from rebook.domain.policy import Policy
from rebook.domain.verdicts import Verdict
from rebook.services import audit, cases, configuration, links, offers, pages, staff


def open_case(
    session: Session,
    lost: Appointment,
    *,
    cause: Cause | None = None,
    actor: str = audit.SYSTEM,
    at_once: bool = False,
) -> tuple[Case, bool]:
    """The open case of this visit; the flag says whether it was opened just now."""
    links.reunite(session, lost)
    session.connection().execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:group, 1))"), {"group": lost.group_id}
    )
    existing = open_case_of(session, lost.group_id)
    if existing is not None:
        audit.record(
            session, "seen_again", case_id=existing.id, actor=actor, connection=lost.connection
        )
        _refresh_old_stands(session, existing)
        existing.person_id = existing.person_id or lost.person_id
        return existing, False
    return _open(session, lost, cause or cause_of(lost), actor=actor, at_once=at_once), True


def open_case_of(session: Session, group_id: str) -> Case | None:
    return session.exec(
        select(Case)
        .where(Case.group_id == group_id, col(Case.state).in_([str(s) for s in OPEN_STATES]))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def cause_of(lost: Appointment) -> Cause:
    if lost.status == Status.NOSHOW:
        return Cause.NOSHOW
    return Cause.CLIENT_CANCELLED if lost.by_client else Cause.CANCELLED


def _open(session: Session, lost: Appointment, cause: Cause, *, actor: str, at_once: bool) -> Case:
    version = configuration.policy_version(session)
    now = clock.now()
    grace = timedelta(minutes=0 if at_once else Policy(**version.body).grace(cause))
    case = Case(
        id=new_id("case"),
        appointment_id=lost.id,
        group_id=lost.group_id,
        person_id=_person_of(session, lost),
        state=CaseState.OPEN,
        cause=cause,
        policy_version=version.id or 0,
        opened_at=now,
        grace_until=now + grace,
        next_action_at=now + grace,
        old_stands=_old_stands(session, lost.group_id),
    )
    session.add(case)
    session.flush()
    offers.free_booked(session, lost.group_id)
    audit.record(
        session, "opened", case_id=case.id, actor=actor, cause=cause, connection=lost.connection
    )
    return case


def _person_of(session: Session, lost: Appointment) -> str | None:
    """The client as the platform knows them that can reach them: a mirror may show a bare name."""
    reachable = exists().where(col(ContactPoint.person_id) == col(Appointment.person_id))
    record = configuration.topology(session).record
    return session.exec(
        select(Appointment.person_id)
        .where(Appointment.group_id == lost.group_id, col(Appointment.person_id).is_not(None))
        .order_by(
            reachable.desc(),
            (col(Appointment.connection) == record).desc(),
            (col(Appointment.id) == lost.id).desc(),
        )
    ).first()


def _old_stands(session: Session, group_id: str) -> bool:
    """Is the visit still booked on the system of record?"""
    record = configuration.topology(session).record
    return (
        session.exec(
            select(Appointment.id).where(
                Appointment.group_id == group_id,
                Appointment.connection == record,
                Appointment.status == Status.BOOKED,
            )
        ).first()
        is not None
    )


def _refresh_old_stands(session: Session, case: Case) -> None:
    case.old_stands = _old_stands(session, case.group_id)
    session.add(case)


def stands_again(session: Session, row: Appointment, *, moved: bool) -> tuple[Verdict, str | None]:
    """A visit with an open case is booked after all: somebody undid it or rebooked it by hand."""
    if moved:
        offers.free_booked(session, row.group_id)
    case = open_case_of(session, row.group_id)
    if case is None:
        return Verdict.UPDATED, None
    _refresh_old_stands(session, case)
    if row.connection != configuration.topology(session).record and case.appointment_id != row.id:
        return Verdict.AMENDED, case.id
    if CaseState(case.state) is CaseState.BOOKING:
        return Verdict.AMENDED, case.id
    event = CaseEvent.BOOKED_ELSEWHERE if moved else CaseEvent.NEVER_LOST
    cases.move(session, case, event, reason="the platform shows it booked again")
    staff.update(session, case)
    pages.refresh(session, case)
    return Verdict.RESTORED, case.id
