"""Which appointments on different platforms are the same visit: by our own mark, by a field, by inference."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel import Session, col, select

from rebook.db.tables import Appointment as Row
from rebook.db.tables import Case, Intent, SyncTarget
from rebook.domain import clock
from rebook.domain.appointments import Appointment
from rebook.domain.ids import new_id

APART = text(
    """
    SELECT a.id FROM appointment a
    WHERE a.connection = :connection AND a.starts_at > :now AND (
        EXISTS (SELECT FROM appointment b WHERE b.group_id <> a.group_id
            AND b.same_as = a.connection || ':' || a.external_id)
        OR a.same_as <> '' AND EXISTS (SELECT FROM appointment b WHERE b.group_id <> a.group_id
            AND b.same_as = a.same_as)
        OR a.same_as <> '' AND EXISTS (SELECT FROM appointment b WHERE b.group_id <> a.group_id
            AND b.connection = split_part(a.same_as, ':', 1)
            AND b.external_id = substr(a.same_as, strpos(a.same_as, ':') + 1))
        OR EXISTS (SELECT FROM appointment b WHERE b.group_id <> a.group_id
            AND b.connection <> a.connection AND b.person_id = a.person_id
            AND b.starts_at = a.starts_at AND b.ends_at = a.ends_at)
    )
    """
)


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
    """Bring together parts of a visit that were stored side by side without seeing each other."""
    parts = (row, *_at_that_time(session, row.connection, row, row.person_id))
    for one in parts:
        for other in _of_the_same_record(session, one):
            _join(session, other, one, "field")
    for one in parts:
        if _is_alone(session, one):
            group_id = _inferred(session, one.connection, one, one.person_id)
            twin = session.exec(select(Row).where(Row.group_id == group_id)).first()
            if twin is not None:
                _join(session, twin, one, "inferred")
    session.flush()


def apart(session: Session, connection: str) -> Sequence[str]:
    """Ids of a connection's coming appointments that belong with others, and stand apart from them."""
    rows = session.connection().execute(APART, {"connection": connection, "now": clock.now()})
    return rows.scalars().all()


def _of_the_same_record(session: Session, row: Row) -> Sequence[Row]:
    """Whoever names the appointment that this one is or names, and that appointment itself."""
    named = row.same_as if ":" in row.same_as else f"{row.connection}:{row.external_id}"
    connection, external_id = named.split(":", 1)
    itself = (col(Row.connection) == connection) & (col(Row.external_id) == external_id)
    return session.exec(
        select(Row).where(itself | (col(Row.same_as) == named), Row.group_id != row.group_id)
    ).all()


def _join(session: Session, other: Row, row: Row, basis: str) -> None:
    """Whichever half has a case already keeps its group; all of the other half come over."""
    if other.group_id == row.group_id:
        return
    has_case = session.exec(select(Case.id).where(Case.group_id == other.group_id)).first()
    kept, moved = (other, row) if has_case else (row, other)
    for one in session.exec(select(Row).where(Row.group_id == moved.group_id)).all():
        one.group_id, one.linked_by = kept.group_id, one.linked_by or basis
        session.add(one)
    session.flush()


def _is_alone(session: Session, row: Row) -> bool:
    others = select(Row.id).where(Row.group_id == row.group_id, Row.id != row.id)
    return session.exec(others).first() is None


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
    session: Session, connection: str, seen: Appointment | Row, person_id: str | None
) -> str | None:
    """Same person, start, end and service on other platforms, and those are one visit."""
    alike = _at_that_time(session, connection, seen, person_id)
    groups = {row.group_id for row in alike if row.service == seen.service}
    group_id = groups.pop() if len(groups) == 1 else None
    return None if group_id is None or _already_has(session, group_id, connection) else group_id


def _at_that_time(
    session: Session, connection: str, seen: Appointment | Row, person_id: str | None
) -> Sequence[Row]:
    """What other platforms hold for this person from then to then."""
    if person_id is None:
        return ()
    return session.exec(
        select(Row).where(
            Row.person_id == person_id,
            Row.connection != connection,
            Row.starts_at == seen.starts_at,
            Row.ends_at == seen.ends_at,
        )
    ).all()


def _already_has(session: Session, group_id: str, connection: str) -> bool:
    return (
        session.exec(
            select(Row.id).where(Row.group_id == group_id, Row.connection == connection)
        ).first()
        is not None
    )
