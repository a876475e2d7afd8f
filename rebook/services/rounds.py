"""A technician's page: one calendar's visits of one day, kept ready for the gateway and sealed."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from rebook.db.field_tables import TechnicianPage, VisitReport
from rebook.db.tables import Appointment, Person
from rebook.domain import clock, wording
from rebook.domain.pageview import seal_view, token_hash
from rebook.keyring import keyring
from rebook.services import configuration
from rebook.settings import settings

KEPT = timedelta(hours=12)
"""Beyond the end of the day: reports that found no signal are sent in the evening."""


def token(connection: str, calendar: str, day: str) -> str:
    """Derived, so it is stored nowhere and is the same whenever it is asked for."""
    return keyring().link_token(f"technician {connection} {day} {calendar}")


def link(session: Session, connection: str, calendar: str, day: date) -> str:
    """Make the page of this day, and the address that opens it."""
    secret = token(connection, calendar, day.isoformat())
    end = _bounds(day, zone_of(session, connection, calendar))[1]
    row = session.get(TechnicianPage, token_hash(secret)) or TechnicianPage(
        token_hash=token_hash(secret), connection=connection, calendar=calendar,
        day=day.isoformat(), view=b"", updated_at=clock.now(), expires_at=end + KEPT,
    )  # fmt: skip
    _write(session, row)
    return f"{settings().public_url.rstrip('/')}/t/{secret}"


def today(session: Session, connection: str, calendar: str) -> date:
    return clock.now().astimezone(ZoneInfo(zone_of(session, connection, calendar))).date()


def zone_of(session: Session, connection: str, calendar: str) -> str:
    """Where the calendar's appointments are; the business's zone where it has none."""
    found = session.exec(
        select(Appointment.zone)
        .where(Appointment.connection == connection, Appointment.calendar == calendar)
        .order_by(col(Appointment.starts_at).desc())
        .limit(1)
    ).first()
    return found or configuration.topology(session).default_zone


def calendars(session: Session, connection: str) -> list[str]:
    """Whose visits we know of, from yesterday on."""
    ahead = col(Appointment.ends_at) > clock.now() - timedelta(days=1)
    query = select(Appointment.calendar).where(Appointment.connection == connection, ahead)
    return sorted(found for found in session.exec(query.distinct()) if found)


def refresh(session: Session, connection: str, calendar: str | None = None) -> None:
    """Bring the pages that are still open up to date."""
    session.flush()
    query = select(TechnicianPage).where(
        TechnicianPage.connection == connection, col(TechnicianPage.expires_at) > clock.now()
    )
    if calendar is not None:
        query = query.where(TechnicianPage.calendar == calendar)
    for row in session.exec(query.order_by(col(TechnicianPage.token_hash)).with_for_update()):
        _write(session, row)


def visit(session: Session, page: TechnicianPage, appointment_id: str) -> Appointment | None:
    """A visit of this page, locked; None for any other appointment."""
    return session.exec(
        _visits(session, page).where(Appointment.id == appointment_id).with_for_update()
    ).first()


def _visits(session: Session, page: TechnicianPage) -> SelectOfScalar[Appointment]:
    zone = zone_of(session, page.connection, page.calendar)
    start, end = _bounds(date.fromisoformat(page.day), zone)
    return (
        select(Appointment)
        .where(Appointment.connection == page.connection, Appointment.calendar == page.calendar)
        .where(col(Appointment.starts_at) >= start, col(Appointment.starts_at) < end)
        .order_by(col(Appointment.starts_at), col(Appointment.id))
    )


def _bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    local = ZoneInfo(zone)
    first, second = (
        datetime(at.year, at.month, at.day, tzinfo=local) for at in (day, day + timedelta(days=1))
    )
    return first, second


def _write(session: Session, row: TechnicianPage) -> None:
    secret = token(row.connection, row.calendar, row.day)
    row.view = seal_view(secret, _view(session, row))
    row.updated_at = clock.now()
    session.add(row)
    session.flush()


def _view(session: Session, row: TechnicianPage) -> dict[str, Any]:
    zone = zone_of(session, row.connection, row.calendar)
    noon = _bounds(date.fromisoformat(row.day), zone)[0] + timedelta(hours=12)
    topology = configuration.topology(session)
    return {
        "business": topology.business_name,
        "business_phone": topology.business_phone,
        "day": wording.day(noon, zone),
        "noon": noon.isoformat(),
        "zone": zone,
        "visits": [_shown(session, one, zone) for one in session.exec(_visits(session, row))],
    }


def _shown(session: Session, row: Appointment, zone: str) -> dict[str, Any]:
    person = session.get(Person, row.person_id) if row.person_id else None
    reports = session.exec(
        select(VisitReport)
        .where(VisitReport.appointment_id == row.id)
        .order_by(col(VisitReport.received_at), col(VisitReport.id))
    )
    return {
        "ref": row.id,
        "time": wording.hour(row.starts_at, zone),
        "starts_at": row.starts_at.isoformat(),
        "client": f"{person.given_name} {person.family_name[:1]}".strip() if person else "",
        "service": row.service,
        "place": row.place,
        "status": row.status,
        "reported": [{"kind": one.kind, "outcome": one.outcome} for one in reports],
    }
