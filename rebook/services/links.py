"""Which appointments on different platforms are the same visit: by our own mark, by a field, by inference."""

from sqlmodel import Session, col, select

from rebook.db.tables import Appointment as Row
from rebook.db.tables import Case, Intent, SyncTarget
from rebook.domain.appointments import Appointment
from rebook.domain.ids import new_id


def group_for(
    session: Session, connection: str, seen: Appointment, person_id: str | None
) -> tuple[str, str]:
    """The group a new appointment belongs to and by what it was linked ('' for a group of its own)."""
    finders = (
        ("ours", _written_by_us(session, seen)),
        ("field", _named(session, seen)),
        ("field", _naming(session, connection, seen)),
        ("inferred", _inferred(session, connection, seen, person_id)),
    )
    return next(((group, basis) for basis, group in finders if group), (new_id("visit"), ""))


def reunite(session: Session, row: Row) -> None:
    """Bring together halves of a visit that were stored side by side without seeing each other."""
    named = f"{row.connection}:{row.external_id}"
    for other in session.exec(select(Row).where(Row.same_as == named)):
        _join(session, other, row)
    group_id = _named(session, row)
    if group_id and group_id != row.group_id:
        row.group_id, row.linked_by = group_id, "field"
        session.add(row)
    session.flush()


def _join(session: Session, other: Row, row: Row) -> None:
    """Whichever half has a case already keeps its group."""
    if other.group_id == row.group_id:
        return
    has_case = session.exec(select(Case.id).where(Case.group_id == other.group_id)).first()
    kept, moved = (other, row) if has_case else (row, other)
    moved.group_id, moved.linked_by = kept.group_id, "field"
    session.add(moved)


def _written_by_us(session: Session, seen: Appointment) -> str | None:
    if not seen.ours:
        return None
    booked = select(Intent.case_id).where(Intent.id == seen.ours)
    made_again = select(SyncTarget.case_id).where(SyncTarget.id == seen.ours)
    return session.exec(
        select(Case.group_id).where(col(Case.id).in_(booked.union(made_again)))
    ).first()


def _named(session: Session, seen: Appointment | Row) -> str | None:
    """This appointment names the one it mirrors."""
    if ":" not in seen.same_as:
        return None
    connection, external_id = seen.same_as.split(":", 1)
    return session.exec(
        select(Row.group_id).where(Row.connection == connection, Row.external_id == external_id)
    ).first()


def _naming(session: Session, connection: str, seen: Appointment) -> str | None:
    """One stored earlier names this appointment."""
    return session.exec(
        select(Row.group_id).where(Row.same_as == f"{connection}:{seen.id}")
    ).first()


def _inferred(
    session: Session, connection: str, seen: Appointment, person_id: str | None
) -> str | None:
    """Same person, start, end and service on other platforms, and those are one visit."""
    if person_id is None:
        return None
    at_that_time = session.exec(
        select(Row).where(
            Row.person_id == person_id,
            Row.connection != connection,
            Row.starts_at == seen.starts_at,
            Row.ends_at == seen.ends_at,
        )
    )
    groups = {row.group_id for row in at_that_time if row.service == seen.service}
    group_id = groups.pop() if len(groups) == 1 else None
    return None if group_id is None or _already_has(session, group_id, connection) else group_id


def _already_has(session: Session, group_id: str, connection: str) -> bool:
    return (
        session.exec(
            select(Row.id).where(Row.group_id == group_id, Row.connection == connection)
        ).first()
        is not None
    )
