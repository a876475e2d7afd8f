"""The page of a visit that is still ahead, where its client moves or cancels it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from rebook.db.tables import Appointment, Booking, Case, ClientPage, Person
from rebook.domain import clock
from rebook.domain.appointments import Status
from rebook.domain.cases import OPEN_STATES
from rebook.domain.pageview import seal_view, token_hash
from rebook.keyring import keyring
from rebook.services import configuration
from rebook.settings import settings

KEPT = timedelta(days=30)


def token(appointment_id: str) -> str:
    return keyring().link_token(f"visit:{appointment_id}")


def link(appointment_id: str) -> str:
    return f"{settings().public_url.rstrip('/')}/a/{token(appointment_id)}"


def find(session: Session, connection: str, external_id: str) -> Appointment | None:
    """The appointment by the id its platform knows it by."""
    return session.exec(
        select(Appointment).where(
            Appointment.connection == connection, Appointment.external_id == external_id
        )
    ).first()


STANDING = (
    select(Appointment)
    .where(Appointment.group_id == bindparam("group"), Appointment.status == Status.BOOKED)
    .order_by(
        (col(Appointment.connection) == bindparam("record")).desc(),
        col(Appointment.seen_at).desc(),
    )
    .limit(1)
)


def standing(session: Session, group_id: str) -> Appointment | None:
    """The visit as it stands: on the system of record where it is booked there."""
    record = configuration.topology(session).record
    return session.exec(STANDING, params={"group": group_id, "record": record}).first()


def ahead(session: Session, person_id: str) -> Iterator[Appointment]:
    """What this person has before them, the next first: each visit once, as it stands.

    A visit that only a mirror still shows does not stand.
    """
    found = session.exec(
        select(Appointment.group_id)
        .where(Appointment.person_id == person_id, Appointment.status == Status.BOOKED)
        .where(col(Appointment.ends_at) > clock.now())
        .group_by(col(Appointment.group_id))
        .order_by(func.min(Appointment.starts_at))
    ).all()
    for group_id in found:
        stands = standing(session, group_id)
        if stands and stands.ends_at > clock.now() and not _gone_on_record(session, stands):
            yield stands


def _gone_on_record(session: Session, stands: Appointment) -> bool:
    record = configuration.topology(session).record
    known = select(Appointment.id).where(
        Appointment.group_id == stands.group_id, Appointment.connection == record
    )
    return stands.connection != record and session.exec(known).first() is not None


def publish(session: Session, appointment: Appointment) -> str:
    """Make this visit's page, or bring it up to date. Returns the token of its link."""
    secret = token(appointment.id)
    _write(session, secret, appointment.id, appointment.group_id)
    return secret


PAGES = (
    select(ClientPage.appointment_id)
    .join(Appointment, col(Appointment.id) == col(ClientPage.appointment_id))
    .where(Appointment.group_id == bindparam("group"))
)


def refresh(session: Session, group_id: str) -> None:
    """Bring the pages of a visit up to date, where it has any."""
    session.flush()
    rows = session.exec(PAGES, params={"group": group_id}).all()
    for appointment_id in rows:
        if appointment_id is not None:
            _write(session, token(appointment_id), appointment_id, group_id)


def by_token(session: Session, secret: str) -> Appointment | None:
    """The appointment a link was made for; the visit may stand elsewhere since."""
    page = session.get(ClientPage, token_hash(secret))
    if page is None or page.appointment_id is None:
        return None
    return session.get(Appointment, page.appointment_id)


def _write(session: Session, secret: str, appointment_id: str, group_id: str) -> None:
    now = clock.now()
    row = session.get(ClientPage, token_hash(secret)) or ClientPage(
        token_hash=token_hash(secret), appointment_id=appointment_id, view=b"", updated_at=now,
        expires_at=now,
    )  # fmt: skip
    stands = standing(session, group_id)
    row.view = seal_view(secret, _view(session, group_id, stands, appointment_id))
    row.updated_at = now
    row.expires_at = max(now, stands.ends_at if stands else now) + KEPT
    session.add(row)
    session.flush()


def _view(
    session: Session, group_id: str, stands: Appointment | None, appointment_id: str
) -> dict[str, Any]:
    shown = stands or session.get_one(Appointment, appointment_id)
    person = session.get(Person, shown.person_id) if shown.person_id else None
    topology = configuration.topology(session)
    case_id = _open_case(session, group_id)
    return {
        "state": "visit" if stands else "gone",
        "case": keyring().link_token(case_id) if case_id else "",
        "language": person.language if person else "",
        "first_name": person.given_name if person else "",
        "business": topology.business_name,
        "business_phone": topology.business_phone,
        "service": shown.service,
        "place": shown.place,
        "zone": person.zone if person else shown.zone,
        "booked": instants(shown.starts_at, shown.ends_at) if stands else {},
        "calendar": calendar(session, group_id, shown.seen_at),
    }


def instants(starts_at: datetime, ends_at: datetime) -> dict[str, str]:
    return {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}


MOVES = (
    select(func.count())
    .select_from(Booking)
    .join(Case, col(Case.id) == col(Booking.case_id))
    .where(Case.group_id == bindparam("group"))
)
OPEN_CASE = select(Case.id).where(
    Case.group_id == bindparam("group"),
    col(Case.state).in_([str(state) for state in OPEN_STATES]),
)


def calendar(session: Session, group_id: str, stamp: datetime) -> dict[str, Any]:
    """What names the visit in a calendar: one name for life, and how often we have moved it."""
    moves = session.exec(MOVES, params={"group": group_id}).one()
    return {"uid": f"{group_id}@rebook", "sequence": moves, "stamp": stamp.isoformat()}


def _open_case(session: Session, group_id: str) -> str | None:
    return session.exec(OPEN_CASE, params={"group": group_id}).first()
