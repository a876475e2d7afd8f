"""Visits that we believe booked and that their platform, read whole, did not name."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from rebook.db.tables import Appointment
from rebook.domain import clock
from rebook.domain.appointments import Status

AHEAD = timedelta(days=60)
FEW = 20
"""As many may vanish in a day before it looks like a fault of the reading."""


def since(session: Session, connection: str, begun: datetime) -> list[str]:
    """Coming visits not seen since the reading began, the nearest first."""
    return list(
        session.exec(
            select(Appointment.external_id)
            .where(*_coming(connection), col(Appointment.seen_at) < begun)
            .order_by(col(Appointment.starts_at))
        )
    )


def credible(session: Session, connection: str, gone: int) -> bool:
    """Not where most of a full calendar is gone at once: an account may have been changed under us."""
    booked = session.exec(
        select(func.count()).select_from(Appointment).where(*_coming(connection))
    ).one()
    return gone <= FEW or gone * 2 <= booked


def _coming(connection: str) -> tuple[ColumnElement[bool], ...]:
    now = clock.now()
    return (
        col(Appointment.connection) == connection,
        col(Appointment.status) == Status.BOOKED,
        col(Appointment.starts_at) > now,
        col(Appointment.starts_at) <= now + AHEAD,
    )
