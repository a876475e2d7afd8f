"""Our own writes come back as changes. Each is expected once, by id and resulting state."""

from sqlmodel import Session, col, select

from rebook.db.tables import ExpectedEcho
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Slot, Status


def expect(
    session: Session,
    connection: str,
    external_id: str,
    *,
    case_id: str,
    status: Status = Status.BOOKED,
    slot: Slot | None = None,
) -> None:
    """Before a write: the change we will hear about. Repeating it adds nothing."""
    start = slot.starts_at if slot else None
    if _waiting(session, connection, external_id, status, start) is None:
        session.add(
            ExpectedEcho(
                connection=connection,
                external_id=external_id,
                status=status,
                starts_at=start,
                case_id=case_id,
                made_at=clock.now(),
            )
        )


def _waiting(
    session: Session, connection: str, external_id: str, status: str, starts_at: object
) -> ExpectedEcho | None:
    return session.exec(
        select(ExpectedEcho)
        .where(
            ExpectedEcho.connection == connection,
            ExpectedEcho.external_id == external_id,
            ExpectedEcho.status == status,
            col(ExpectedEcho.heard_at).is_(None),
            (col(ExpectedEcho.starts_at) == starts_at) | col(ExpectedEcho.starts_at).is_(None),
        )
        .limit(1)
    ).first()


def heard(session: Session, connection: str, seen: Appointment) -> bool:
    """Was this change expected? If so it is no longer."""
    echo = _waiting(session, connection, seen.id, seen.status, seen.starts_at)
    if echo is None:
        return False
    echo.heard_at = clock.now()
    session.add(echo)
    return True
