"""What a platform says of an appointment becomes what we know, and, when it was lost, a case."""

from datetime import timedelta

from sqlmodel import Session, select

from rebook.db import locks
from rebook.db.tables import Appointment as Row
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Status, without_nul
from rebook.domain.ids import new_id
from rebook.domain.verdicts import Verdict
from rebook.services import audit, by_link, echoes, links, opening, people, sync_back, visits

LOST = frozenset({Status.CANCELLED, Status.NOSHOW})
TOO_LONG_AGO = timedelta(days=7)


def observe(
    session: Session, connection: str, seen: Appointment, *, first_read: bool = False
) -> tuple[Verdict, str | None]:
    """Store `seen`; open or amend a case. Returns the verdict and the case concerned.

    On a connection's `first_read` what is lost already opens nothing: it is history.
    """
    seen = without_nul(seen)
    stored = _stored(session, connection, seen.id)
    if stored is None:
        return _first_sight(session, connection, seen, first_read=first_read)
    before = (Status(stored.status), stored.starts_at)
    _update(session, stored, seen)
    echo = echoes.heard(session, connection, seen)
    if (seen.status, seen.starts_at) == before:
        return Verdict.SAME, None
    visits.refresh(session, stored.group_id)
    if echo:
        return Verdict.ECHO, None
    if seen.status in LOST and before[0] is Status.BOOKED:
        return _lost_or_replaced(session, stored)
    if seen.status is Status.BOOKED:
        return opening.stands_again(session, stored, moved=seen.starts_at != before[1])
    return Verdict.UPDATED, None


def _stored(session: Session, connection: str, external_id: str) -> Row | None:
    """What we know of it, locked, or locked out for whoever sees it first."""
    locks.appointment(session, connection, external_id)
    return session.exec(
        select(Row)
        .where(Row.connection == connection, Row.external_id == external_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def _first_sight(
    session: Session, connection: str, seen: Appointment, *, first_read: bool
) -> tuple[Verdict, str | None]:
    person_id = people.remember(session, seen.person, seen.zone)
    group_id, basis = links.group_for(session, connection, seen, person_id)
    row = Row(
        id=new_id("appointment"),
        connection=connection,
        external_id=seen.id,
        group_id=group_id,
        linked_by=basis,
        person_id=person_id,
        status=seen.status,
        starts_at=seen.starts_at,
        ends_at=seen.ends_at,
        zone=seen.zone,
        ours=seen.ours,
        same_as=seen.same_as,
        seen_at=clock.now(),
    )
    _update(session, row, seen)
    if seen.status in LOST and not first_read:
        return _lost(session, row)
    if seen.status is Status.BOOKED and (case_id := by_link.booked(session, row)):
        return Verdict.RESTORED, case_id
    return Verdict.NEW, None


def _update(session: Session, row: Row, seen: Appointment) -> None:
    """A cancelled appointment may carry little more than its id: what we knew stays."""
    row.status, row.version, row.by_client = seen.status, seen.version, seen.by_client
    row.starts_at, row.ends_at, row.zone = seen.starts_at, seen.ends_at, seen.zone
    row.service = seen.service or row.service
    row.service_id = seen.service_id or row.service_id
    row.calendar = seen.calendar or row.calendar
    row.place = seen.place or row.place
    if row.person_id:
        people.meet_again(session, row.person_id, seen.person)
    else:
        row.person_id = people.remember(session, seen.person, seen.zone)
    row.seen_at = clock.now()
    session.add(row)
    session.flush()


def vanished(session: Session, connection: str, external_id: str) -> tuple[Verdict, str | None]:
    """The platform says this appointment is gone and describes it no more."""
    stored = _stored(session, connection, external_id)
    if stored is None:
        audit.record(session, "not_described", connection=connection)
        return Verdict.UPDATED, None
    if stored.status != Status.BOOKED:
        return Verdict.SAME, None
    stored.status = Status.CANCELLED
    session.add(stored)
    visits.refresh(session, stored.group_id)
    return _lost_or_replaced(session, stored)


def _lost_or_replaced(session: Session, row: Row) -> tuple[Verdict, str | None]:
    """Some platforms move by making another appointment and cancelling this one, as we asked."""
    if sync_back.is_being_told(session, row.connection, row.external_id):
        return Verdict.ECHO, None
    return _lost(session, row)


def _lost(session: Session, row: Row) -> tuple[Verdict, str | None]:
    if row.starts_at < clock.now() - TOO_LONG_AGO:
        return Verdict.UPDATED, None
    case, opened = opening.open_case(session, row)
    return (Verdict.OPENED if opened else Verdict.AMENDED), case.id
