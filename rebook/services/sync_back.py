"""Telling every other platform the outcome: one row a target, wanted, done and verified, or a person's."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from rebook.db.tables import Appointment, Case, SyncTarget
from rebook.domain import clock
from rebook.domain.appointments import Slot, Status
from rebook.domain.ids import new_id
from rebook.services import (
    audit,
    cases,
    configuration,
    echoes,
    leases,
    offered,
    people,
    visit_status,
    visits,
)
from rebook.services.leases import Actor
from rebook.services.written import Order

RETRY = (5, 30, 120, 600, 3600, 6 * 3600)
"""Seconds until the next try; after the last a named person has a task."""


@dataclass(frozen=True)
class Target:
    """What one platform must show. Ids and times only."""

    id: str
    connection: str
    external_id: str
    slot: Slot | None
    case_id: str
    cancel: bool = False
    """The client needs the visit no more: it is to be cancelled there, whenever it is."""
    status: Status | None = None
    """What the visit that began at `was` is to become there, where it has no new time."""
    was: datetime | None = None
    version: int = 0
    """Of what is wanted: a newer wish that comes while this one is carried out is not lost."""
    sequence: str = ""
    """The intent of the platform's own sequence that must be stopped."""
    offered: bool = False
    """The times on offer are to be shown there as they stand in the ledger."""

    @property
    def what(self) -> str:
        """The step's name."""
        if self.offered:
            return f"show offered times on {self.connection}"
        return f"bring {self.connection} up to date"


def plan(session: Session, case: Case, record: str, slot: Slot) -> None:
    """Every appointment of the visit outside the record system must move to the new time."""
    mirrors = session.exec(
        select(Appointment).where(
            Appointment.group_id == case.group_id, Appointment.connection != record
        )
    ).all()
    wanted = {"starts_at": slot.starts_at.isoformat(), "ends_at": slot.ends_at.isoformat()}
    for mirror in mirrors:
        _want(session, case, mirror.connection, mirror.external_id, wanted)
    told = {mirror.connection for mirror in mirrors}
    for connection in configuration.topology(session).mirrors:
        if connection not in told:
            audit.record(session, "not_mirrored", case_id=case.id, connection=connection)


def _want(
    session: Session, case: Case, connection: str, external_id: str, wanted: dict[str, Any]
) -> None:
    session.add(
        SyncTarget(
            id=new_id("sync"),
            case_id=case.id,
            connection=connection,
            external_id=external_id,
            wanted=wanted,
            due_at=clock.now(),
        )
    )
    audit.record(session, "sync_wanted", case_id=case.id, connection=connection)


def ask_person(session: Session, case: Case, connection: str, external_id: str, fault: str) -> None:
    """Something stands on a platform that only a named person should undo, unless we are at it."""
    if is_being_told(session, connection, external_id):
        return
    owner = case.owner or cases.policy_of(session, case).assignee
    session.add(
        SyncTarget(
            id=new_id("sync"),
            case_id=case.id,
            connection=connection,
            external_id=external_id,
            wanted={},
            state="human",
            due_at=clock.now(),
            fault=fault,
            owner=owner,
        )
    )
    audit.record(
        session, "person_needed", case_id=case.id, connection=connection, fault=fault, owner=owner
    )


def due(session: Session, actor: Actor) -> list[Target]:
    """The targets whose turn it is. The change we will hear back about is stored first."""
    case = leases.check(session, actor)
    rows = session.exec(
        select(SyncTarget)
        .where(SyncTarget.case_id == case.id, SyncTarget.state == "wanted")
        .where(SyncTarget.due_at <= clock.now())
        .order_by(col(SyncTarget.due_at))
    ).all()
    targets = [_target(row) for row in rows]
    for target in targets:
        if target.slot or target.cancel:
            echoes.expect(
                session,
                target.connection,
                target.external_id,
                case_id=case.id,
                status=Status.CANCELLED if target.cancel else Status.BOOKED,
                slot=target.slot,
            )
    return targets


def _target(row: SyncTarget) -> Target:
    slot = None
    if "starts_at" in row.wanted:
        starts, ends = (datetime.fromisoformat(row.wanted[key]) for key in ("starts_at", "ends_at"))
        slot = Slot(starts, ends)
    version = int(row.wanted.get("version", 0))
    status, was = visit_status.read(row.wanted) or (None, None)
    return Target(
        row.id,
        row.connection,
        row.external_id,
        slot,
        row.case_id,
        cancel=status is None and row.wanted.get("status") == Status.CANCELLED,
        status=status,
        was=was,
        version=version,
        sequence=str(row.wanted.get("sequence", "")),
        offered="offered" in row.wanted,
    )


def to_make_again(session: Session, target: Target, slot: Slot) -> Order | None:
    """What to book on a platform that keeps nothing of a deleted visit. None where we know too little."""
    row = _known(session, target.connection, target.external_id)
    if row is None:
        return None
    return Order(
        intent_id=target.id,
        fence=0,
        connection=target.connection,
        slot=slot,
        person=people.described(session, row.person_id),
        service=row.service,
        service_id=row.service_id,
        zone=row.zone,
        old_id=target.external_id,
        move=False,
        version="",
    )


def done(session: Session, actor: Actor, target: Target, stands_as: str, *, left: str = "") -> None:
    """Written and read back as wanted, under this id; or `left` as it is, and why."""
    case = leases.check(session, actor)
    row = _locked(session, target.id)
    if row.state != "wanted" or row.wanted.get("version", 0) != target.version:
        return
    row.state, row.done_at, row.fault = "done", clock.now(), left
    session.add(row)
    if target.offered:
        offered.shown(session, row)
        return
    if target.cancel:
        _remember_cancelled(session, target)
    elif target.slot:
        _remember(session, target, target.slot, stands_as)
    elif target.status and not left:
        visit_status.remember(session, case, target.connection, stands_as, target.status)
    audit.record(session, "synced", case_id=row.case_id, connection=row.connection, why=left)


def _remember(session: Session, target: Target, slot: Slot, stands_as: str) -> None:
    old = _known(session, target.connection, target.external_id)
    if old is None:
        return
    row = old
    if stands_as != target.external_id:
        old.status = Status.CANCELLED
        session.add(old)
        row = _successor(session, old, stands_as)
    row.status, row.starts_at, row.ends_at = Status.BOOKED, slot.starts_at, slot.ends_at
    session.add(row)


def _remember_cancelled(session: Session, target: Target) -> None:
    """Known before the platform tells us of it: our own cancellation is no loss."""
    row = _known(session, target.connection, target.external_id)
    if row is not None:
        row.status = Status.CANCELLED
        session.add(row)
        visits.refresh(session, row.group_id)


def is_being_told(session: Session, connection: str, external_id: str) -> bool:
    """Is a platform that makes a new appointment for a moved one in the midst of it?"""
    return (
        session.exec(
            select(SyncTarget.id).where(
                SyncTarget.connection == connection,
                SyncTarget.external_id == external_id,
                SyncTarget.state == "wanted",
            )
        ).first()
        is not None
    )


def _known(session: Session, connection: str, external_id: str) -> Appointment | None:
    return session.exec(
        select(Appointment).where(
            Appointment.connection == connection, Appointment.external_id == external_id
        )
    ).first()


def _successor(session: Session, old: Appointment, stands_as: str) -> Appointment:
    """What the platform made in the place of an appointment that it could not move."""
    known = _known(session, old.connection, stands_as)
    if known is not None:
        known.group_id, known.linked_by = old.group_id, "ours"
        return known
    kept = old.model_dump(exclude={"id", "external_id", "linked_by", "version", "seen_at"})
    return Appointment(
        **kept,
        id=new_id("appointment"),
        external_id=stands_as,
        linked_by="ours",
        seen_at=clock.now(),
    )


def failed(
    session: Session, actor: Actor, target: Target, fault: str, *, final: bool = False
) -> None:
    """Not done: again later, or a person's task when it cannot be or has failed often enough."""
    case = leases.check(session, actor)
    row = _locked(session, target.id)
    row.attempts += 1
    row.fault = fault
    if final or row.attempts > len(RETRY):
        row.state = "human"
        row.owner = case.owner or cases.policy_of(session, case).assignee
    else:
        row.due_at = clock.now() + timedelta(seconds=RETRY[row.attempts - 1])
    session.add(row)
    audit.record(
        session,
        "sync_failed",
        case_id=row.case_id,
        connection=row.connection,
        fault=fault,
        state=row.state,
        owner=row.owner,
    )


def _locked(session: Session, target_id: str) -> SyncTarget:
    return session.exec(
        select(SyncTarget)
        .where(SyncTarget.id == target_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
