"""What a technician reported of a visit: kept once, acted on, and seen by the office."""

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from rebook.db.field_tables import TechnicianPage, VisitReport
from rebook.db.tables import Appointment, Case
from rebook.domain import clock
from rebook.domain.appointments import Status
from rebook.domain.cases import CaseEvent, CaseState, Cause
from rebook.domain.ids import new_id
from rebook.domain.pageview import token_hash
from rebook.domain.policy import Policy
from rebook.domain.texts import Purpose
from rebook.domain.verdicts import Verdict
from rebook.domain.visits import CAUSES, Reported
from rebook.services import (
    audit,
    cases,
    configuration,
    opening,
    outreach,
    pages,
    rounds,
    staff,
    story,
)

ACTOR = "technician"
TO_CONFIRM = "the technician found no one home: should new times be offered?"
TOO_EARLY = "reported well before the visit's time: was this visit meant?"
EARLY = timedelta(hours=1)
LATE = "the technician is running late"
NOTED = "the technician left a note"
TAKEN_BACK = "the technician took the report back"


class NoPhoto(LookupError):
    """There is no such report, or it has no photo."""


@dataclass(frozen=True)
class Said:
    """One form of the page. `key` is the form's own: sent twice it is one report."""

    token: str = field(repr=False)
    visit: str
    kind: Reported
    key: str
    note: str = field(default="", repr=False)
    photo: str = field(default="", repr=False)


def receive(session: Session, said: Said, at: datetime) -> tuple[str, str | None]:
    """Keep and act on it. Returns a verdict in fixed words and the case it opened, if one."""
    page = session.get(TechnicianPage, token_hash(said.token))
    row = rounds.visit(session, page, said.visit) if page else None
    if page is None or row is None:
        return "not a visit of this link", None
    source = f"{page.token_hash[:16]}:{said.key}"
    if session.exec(select(VisitReport.id).where(VisitReport.source == source)).first():
        return "seen before", None
    report = _keep(session, said, row, source, at)
    report.outcome, opened = _act(session, row, report)
    session.add(report)
    audit.record(
        session, "visit_reported", case_id=report.case_id, actor=ACTOR,
        report=report.id, kind=report.kind, outcome=report.outcome,
    )  # fmt: skip
    rounds.refresh(session, page.connection, page.calendar)
    return report.outcome, opened


def _keep(session: Session, said: Said, row: Appointment, source: str, at: datetime) -> VisitReport:
    report = VisitReport(
        id=new_id("report"),
        source=source,
        appointment_id=row.id,
        kind=said.kind,
        note=said.note,
        photo=said.photo,
        received_at=at,
    )
    session.add(report)
    session.flush()
    return report


def _act(session: Session, row: Appointment, report: VisitReport) -> tuple[str, str | None]:
    kind = Reported(report.kind)
    if kind in CAUSES:
        return _lost(session, row, report, kind)
    if kind is Reported.MISTAKE and _take_back(session, row, report):
        return "taken back", None
    return _inform(session, row, report, LATE if kind is Reported.RUNNING_LATE else NOTED)


def _lost(
    session: Session, row: Appointment, report: VisitReport, kind: Reported
) -> tuple[str, str | None]:
    if row.status != Status.BOOKED and opening.open_case_of(session, row.group_id) is None:
        return _inform(session, row, report, NOTED)
    case, opened = opening.open_case(session, row, cause=CAUSES[kind], actor=ACTOR)
    report.case_id = case.id
    if not opened:
        staff.note(session, case, f"staff-{report.id}")
        story.set_deadline(session, case)
        return Verdict.AMENDED, None
    if doubt := _doubt(session, row, kind):
        story.hand_over(session, case, doubt)
    return Verdict.OPENED, case.id


def _doubt(session: Session, row: Appointment, kind: Reported) -> str:
    """Why a person should look before the client is written to; empty where none need."""
    if kind is Reported.ANOTHER_DAY:
        return ""
    if row.starts_at > clock.now() + EARLY:
        return TOO_EARLY
    confirm = kind is Reported.NO_ONE_HOME and _policy(session).confirm_noshow
    return TO_CONFIRM if confirm else ""


def _policy(session: Session) -> Policy:
    return Policy(**configuration.policy_version(session).body)


def _take_back(session: Session, row: Appointment, report: VisitReport) -> bool:
    """Only what a technician opened, and only before the client heard of it."""
    case = opening.open_case_of(session, row.group_id)
    if case is None or not _reported(session, case):
        return False
    waits = CaseState(case.state) is CaseState.HANDED_OVER and case.reason in (
        TO_CONFIRM,
        TOO_EARLY,
    )
    if case.first_word_at is not None or not (waits or CaseState(case.state) is CaseState.OPEN):
        return False
    report.case_id = case.id
    cases.move(session, case, CaseEvent.NEVER_LOST, actor=ACTOR, reason=TAKEN_BACK)
    staff.update(session, case)
    pages.refresh(session, case)
    story.set_deadline(session, case)
    return True


def _reported(session: Session, case: Case) -> bool:
    known = select(VisitReport.id).where(
        VisitReport.case_id == case.id, col(VisitReport.kind).in_(list(CAUSES))
    )
    return session.exec(known).first() is not None


def _inform(
    session: Session, row: Appointment, report: VisitReport, reason: str
) -> tuple[str, str | None]:
    """The visit stands; the office hears of it, and of a delay the client too where policy says so."""
    case = opening.open_case_of(session, row.group_id)
    opened = case is None
    if case is None:
        case, _ = opening.open_case(session, row, cause=Cause.STANDS, actor=ACTOR)
        cases.move(session, case, CaseEvent.NEVER_LOST, actor=ACTOR, reason=reason)
    report.case_id = case.id
    staff.note(session, case, f"staff-{report.id}")
    if opened and reason == LATE and _policy(session).text_when_late:
        outreach.plan(session, case, Purpose.LATE_SMS, f"late-{report.id}")
    story.set_deadline(session, case)
    return ("told the office", case.id if opened else None)


def photo(session: Session, report_id: str) -> bytes:
    """Raises `NoPhoto`."""
    report = session.get(VisitReport, report_id)
    if report is None or not report.photo:
        raise NoPhoto(f"there is no photo of a report {report_id}: `rebook case show` names them")
    return base64.b64decode(report.photo)
