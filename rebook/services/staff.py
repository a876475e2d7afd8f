"""What the office sees of a case in its channel: one message, kept up to date, with buttons."""

from datetime import timedelta

from sqlalchemy import and_, bindparam, or_
from sqlmodel import Session, col, select

from rebook.db.field_tables import VisitReport
from rebook.db.tables import (
    Appointment,
    Audit,
    Case,
    Intent,
    OfferSlot,
    Person,
    Reply,
    SyncTarget,
)
from rebook.domain import clock, wording
from rebook.domain.cases import CaseState, Cause
from rebook.domain.decisions import LABELS, Choice
from rebook.domain.ids import new_id
from rebook.domain.replies import Meaning
from rebook.services import audit, cases, configuration, intents, offers, pages

STATUS = "status"
UNATTENDED = "given to staff: no run attends the case"
TOO_LATE = "too late: the case is {state}"


def show(session: Session, case: Case) -> None:
    """Post the case's message, or have it brought up to date."""
    topology = configuration.topology(session)
    if not topology.staff:
        return
    if not _is_shown(session, case):
        note(session, case, "staff")
        return
    _want_update(session, case, topology.staff)


def update(session: Session, case: Case) -> None:
    """Bring the message up to date where there is one; what was never shown needs no word."""
    topology = configuration.topology(session)
    if topology.staff and _is_shown(session, case):
        _want_update(session, case, topology.staff)


SHOWN = select(Intent.id).where(Intent.case_id == bindparam("case"), Intent.step == "staff")


def _is_shown(session: Session, case: Case) -> bool:
    return session.exec(SHOWN, params={"case": case.id}).first() is not None


def _want_update(session: Session, case: Case, connection: str) -> None:
    target = session.exec(
        select(SyncTarget).where(
            SyncTarget.case_id == case.id,
            SyncTarget.connection == connection,
            SyncTarget.external_id == STATUS,
        )
    ).first() or SyncTarget(
        id=new_id("sync"),
        case_id=case.id,
        connection=connection,
        external_id=STATUS,
        wanted={},
        due_at=clock.now(),
    )
    target.wanted = {"state": case.state, "version": case.version}
    target.state, target.due_at, target.attempts = "wanted", clock.now(), 0
    session.add(target)


def remind(session: Session, case: Case) -> None:
    """A case that waits for a person too long says so again."""
    policy = cases.policy_of(session, case)
    case.follow_up_at = clock.now() + timedelta(hours=policy.staff_reminder_hours)
    session.add(case)
    audit.record(session, "reminded_staff", case_id=case.id, owner=case.owner)
    note(session, case, f"staff-reminder-{case.follow_up_at:%Y%m%d%H}")


def note(session: Session, case: Case, step: str) -> None:
    """A message of its own, so that somebody looks."""
    topology = configuration.topology(session)
    if topology.staff:
        intents.plan(
            session,
            case.id,
            step,
            kind="staff",
            connection=topology.staff,
            channel="staff",
            payload={"to": topology.staff_channel},
        )


HEADLINES: dict[CaseState, str] = {
    CaseState.OPEN: "is being worked on",
    CaseState.OFFERED: "was offered new times",
    CaseState.BOOKING: "is being booked",
    CaseState.HANDED_OVER: "needs a person",
    CaseState.REBOOKED: "is rebooked",
    CaseState.DECLINED: "is closed: the client wants no other time",
    CaseState.WITHDRAWN: "is closed: the client no longer wants the appointment",
    CaseState.REFUSED_CONTACT: "is closed: the client asked for no more messages",
    CaseState.EXPIRED: "is closed: it ran out of time",
    CaseState.VOIDED: "is closed: the appointment was never lost",
}


def wording_of(session: Session, case: Case) -> str:
    """The message's text: first name and initial at most, times, and why."""
    lost = session.get_one(Appointment, case.appointment_id)
    person = session.get(Person, case.person_id) if case.person_id else None
    who = wording.safe(person.given_name, 20) if person else "a client"
    initial = wording.safe(person.family_name, 1) if person else ""
    zone = offers.zone_of(session, case)
    lines = [
        f"*{who} {initial}* {_headline(case)} ({case.id})".replace(" * ", "* "),
        f"{wording.safe(lost.service) or 'Appointment'}, {_when(case)} {wording.short(lost.starts_at, zone)}",
        *_reported(session, case),
    ]
    if (start := pages.booked_start(session, case.id)) is not None:
        lines.append(f"New time: {wording.short(start, zone)}")
    if case.reason:
        lines.append(f"Why: {case.reason}")
    if case.owner and CaseState(case.state) is CaseState.HANDED_OVER:
        lines.append(f"For: {case.owner}")
    if decided := _last_decision(session, case.id):
        lines.append(decided)
    if _wrote_since(session, case):
        lines.append(f"The client has written since: `rebook case show {case.id}`")
    return "\n".join(lines)


def _last_decision(session: Session, case_id: str) -> str:
    """Who decided what, by whichever door, and what came of it."""
    entry = session.exec(
        select(Audit)
        .where(Audit.case_id == case_id, Audit.action == "decision")
        .order_by(col(Audit.id).desc())
        .limit(1)
    ).first()
    if entry is None:
        return ""
    who = wording.safe(entry.actor.removeprefix("staff:"))
    choice, slot = Choice(entry.detail["choice"]), entry.detail.get("slot", "")
    what = f"{LABELS[choice]} {slot}".strip()
    return f"{who}: {what} → {entry.detail['outcome']}"


BOOKABLE = (CaseState.OFFERED, CaseState.HANDED_OVER)


def bookable(session: Session, case: Case) -> list[tuple[str, OfferSlot]]:
    """The times that a person may book now, by the name that a decision gives them."""
    offer = offers.current(session, case.id)
    if offer is None or CaseState(case.state) not in BOOKABLE:
        return []
    return [(f"o{offer.n}-{slot.code}", slot) for slot in offers.standing(session, offer)]


def _headline(case: Case) -> str:
    return "will be visited" if case.cause == Cause.STANDS else HEADLINES[CaseState(case.state)]


def _when(case: Case) -> str:
    return "on" if case.cause == Cause.STANDS else "lost on"


def _reported(session: Session, case: Case) -> list[str]:
    """What a technician pressed; their note and photo stay in the ledger."""
    rows = session.exec(
        select(VisitReport)
        .where(VisitReport.case_id == case.id)
        .order_by(col(VisitReport.received_at), col(VisitReport.id))
    ).all()
    lines = [f"The technician reports: {row.kind.replace('_', ' ')}" for row in rows]
    if any(row.note or row.photo for row in rows):
        lines.append(f"There is a note or a photo: `rebook case show {case.id}`")
    return lines


FOR_A_PERSON = [one for one in Meaning if one not in (Meaning.ACCEPT, Meaning.OPT_OUT)]


def _wrote_since(session: Session, case: Case) -> bool:
    """Words that no rule acts on, after the case was closed; any, where no run reads them; or a choice
    that came too late, unless the client was told what is booked."""
    states = [one for one in CaseState if one is not CaseState.REBOOKED]
    unheard = [UNATTENDED, *(TOO_LATE.format(state=one) for one in states)]
    words = or_(col(Reply.outcome).in_(unheard))
    if case.closed_at is not None:
        since = col(Reply.received_at) >= case.closed_at
        words = or_(words, and_(col(Reply.intent).in_(FOR_A_PERSON), since))
    found = select(Reply.id).where(Reply.case_id == case.id, words)
    return session.exec(found).first() is not None
