"""Cases: one state change at a time, by compare-and-set, with its audit entry beside it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, bindparam, update
from sqlmodel import Session, col, func, select

from rebook.db.session import forget
from rebook.db.tables import Case, Hold, Intent, SettingVersion
from rebook.domain import clock
from rebook.domain.cases import CLOSED_STATES, OPEN_STATES, CaseEvent, CaseState, next_state
from rebook.domain.policy import Policy
from rebook.services import audit, offered, voices, withdrawing
from rebook.settings import settings


class CaseChanged(Exception):
    """Somebody else changed the case in the meantime: read it again."""


class NoSuchCase(LookupError):
    """There is no case with this id."""


CURRENT_OFFER = "current offer"
LOCKED = (
    select(Case, func.set_config("idle_in_transaction_session_timeout", bindparam("ms"), True))
    .where(Case.id == bindparam("id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
"""Built once: it is asked at each step of each case, and to build a question takes as long as to ask it."""


def load(session: Session, case_id: str) -> Case:
    """The case with its row locked until the transaction ends. Raises `NoSuchCase`.

    Whoever freezes with the lock in hand loses it after the time of a lease. What was asked of the case
    before it was locked may have changed while we waited.
    """
    forget(session, CURRENT_OFFER)
    found = session.exec(LOCKED, params={"id": case_id, "ms": _lease_ms()}).first()
    if found is None:
        raise NoSuchCase(f"there is no case {case_id}")
    return found[0]


def _lease_ms() -> str:
    return str(round(settings().lease_seconds * 1000))


def policy_of(session: Session, case: Case) -> Policy:
    """The policy this case was opened under."""
    version = session.get_one(SettingVersion, case.policy_version)
    return Policy(**version.body)


def is_open(case: Case) -> bool:
    return CaseState(case.state) in OPEN_STATES


def told_cause(case: Case) -> str:
    """Why a new time is needed, as the client is told: what they asked of a visit that stands."""
    return f"asked_to_{case.asked}" if case.asked and case.old_stands else case.cause


def move(
    session: Session,
    case: Case,
    event: CaseEvent,
    *,
    actor: str = audit.SYSTEM,
    reason: str | None = None,
    next_action_at: datetime | None = None,
    **changes: Any,
) -> CaseState:
    """Take `event`. Raises `IllegalTransition`, and `CaseChanged` when the row is not as we read it.

    A `reason` of None keeps the former one.
    """
    before, after = CaseState(case.state), next_state(CaseState(case.state), event)
    now = clock.now()
    values = {
        "state": after.value,
        "version": case.version + 1,
        "reason": case.reason if reason is None else reason,
        "next_action_at": next_action_at or now,
        "closed_at": now if after in CLOSED_STATES else None,
        **changes,
    }
    _compare_and_set(session, case, values)
    audit.record(
        session,
        event.value,
        case_id=case.id,
        actor=actor,
        before=before,
        after=after,
        reason=reason or "",
    )
    if after in CLOSED_STATES:
        release_holds(session, case)
        drop_planned(session, [case.id], "the case was closed")
        if event is CaseEvent.CLIENT_WITHDREW:
            withdrawing.plan(session, case)
    elif event in (CaseEvent.SLOT_LOST, CaseEvent.NEW_TIMES_WANTED):
        release_holds(session, case)
    voices.follow(session, case)
    return after


def _compare_and_set(session: Session, case: Case, values: dict[str, Any]) -> None:
    session.flush()
    changed = session.scalars(
        update(Case)
        .where(col(Case.id) == case.id, col(Case.version) == case.version)
        .where(col(Case.state) == case.state)
        .values(**values)
        .returning(Case),
        execution_options={"synchronize_session": False, "populate_existing": True},
    )
    if changed.one_or_none() is None:
        raise CaseChanged(case.id)


def release_holds(session: Session, case: Case) -> None:
    """Slots it has not booked are free again."""
    session.connection().execute(
        update(Hold)
        .where(col(Hold.case_id) == case.id, col(Hold.state) == "held")
        .values(state="released")
    )
    offered.take_away(session, case)


def drop_planned(session: Session, case_ids: Iterable[str], reason: str) -> int:
    """Client messages that are planned and not claimed will never be sent. Returns how many."""
    result = session.connection().execute(
        update(Intent)
        .where(col(Intent.case_id).in_(list(case_ids)), col(Intent.state) == "planned")
        .where(col(Intent.kind) == "message")
        .values(state="dropped", reason=reason)
    )
    return result.rowcount if isinstance(result, CursorResult) else 0
