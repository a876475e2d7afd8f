"""Callers whom a person must call back and who have no case that would say so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from rebook.db.call_tables import PhoneCall
from rebook.domain import clock, wording
from rebook.services import audit, configuration

CLAIM = timedelta(minutes=1)
OPEN = ("wanted", "telling", "told")


@dataclass(frozen=True)
class CallBack:
    """What the office is told. `doubtful`: it may have been told before."""

    call_id: str
    text: str
    since: datetime
    doubtful: bool


@dataclass(frozen=True)
class Waiting:
    """One caller who waits, for the terminal."""

    id: str
    called_at: datetime
    number: str
    known: bool
    state: str


def due(session: Session) -> list[str]:
    return list(
        session.exec(
            select(PhoneCall.id)
            .where(col(PhoneCall.for_staff).in_(("wanted", "telling")))
            .where(col(PhoneCall.due_at) <= clock.now())
            .order_by(col(PhoneCall.called_at))
        )
    )


def claim(session: Session, call_id: str) -> CallBack | None:
    """None where somebody else was faster. The number stays in the ledger: the message names the call."""
    call = session.exec(
        select(PhoneCall).where(PhoneCall.id == call_id).with_for_update(skip_locked=True)
    ).first()
    if call is None or call.for_staff not in ("wanted", "telling"):
        return None
    if call.due_at is None or call.due_at > clock.now():
        return None
    doubtful = call.for_staff == "telling"
    call.for_staff, call.due_at = "telling", clock.now() + CLAIM
    session.add(call)
    zone = configuration.topology(session).default_zone
    at = wording.short(call.called_at, zone)
    text = f"A caller wants to be called back ({call.id}), {at}. The number: `rebook calls list`"
    return CallBack(call.id, text, call.called_at, doubtful)


def settle(session: Session, call_id: str, state: str, again: timedelta | None) -> None:
    call = session.get_one(PhoneCall, call_id)
    call.for_staff, call.due_at = state, clock.now() + again if again else None
    session.add(call)
    if state == "told":
        audit.record(session, "office_told", call=call_id)


def waiting(session: Session) -> Sequence[Waiting]:
    """Oldest first."""
    calls = session.exec(
        select(PhoneCall)
        .where(col(PhoneCall.for_staff).in_(OPEN))
        .order_by(col(PhoneCall.called_at))
    )
    return [
        Waiting(call.id, call.called_at, call.number, call.person_id is not None, call.for_staff)
        for call in calls
    ]


def done(session: Session, call_id: str, by: str) -> bool:
    """Somebody called. False where nobody waits under this id."""
    call = session.get(PhoneCall, call_id)
    if call is None or call.for_staff not in OPEN:
        return False
    call.for_staff, call.due_at = "done", None
    session.add(call)
    audit.record(session, "called_back", case_id=call.case_id, actor=f"staff:{by}", call=call_id)
    return True
