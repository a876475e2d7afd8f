"""Intent, evidence, fence: a create at a vendor is a row first, a call second, and settled by evidence."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import CompoundSelect, bindparam, func, literal, true, union_all
from sqlmodel import Session, col, select

from rebook.db.tables import Intent, SyncTarget
from rebook.domain import clock
from rebook.domain.ids import new_id
from rebook.services import audit
from rebook.settings import settings

MOST_ATTEMPTS = 2
MOST_PATIENCE = 6 * 3600
"""Seconds we wait because a platform says so."""


class Stage(StrEnum):
    PLANNED = "planned"
    SENDING = "sending"
    UNKNOWN = "unknown"
    DONE = "done"
    REFUSED = "refused"
    DROPPED = "dropped"
    GIVEN_UP = "given_up"


DOUBTFUL = (Stage.SENDING, Stage.UNKNOWN)


OF_STEP = select(Intent).where(
    Intent.case_id == bindparam("case"), Intent.step == bindparam("step")
)
LOCKED = (
    select(Intent)
    .where(Intent.id == bindparam("id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def of_step(session: Session, case_id: str, step: str) -> Intent | None:
    return session.exec(OF_STEP, params={"case": case_id, "step": step}).first()


def plan(
    session: Session,
    case_id: str,
    step: str,
    *,
    kind: str,
    connection: str,
    payload: dict[str, Any],
    due_at: datetime | None = None,
    channel: str = "",
    to_key: str = "",
    direct_answer: bool = False,
    detail: Mapping[str, Any] = MappingProxyType({}),
) -> Intent:
    """The intent of this step of this case: the one there is, or a new one."""
    known = of_step(session, case_id, step)
    if known is not None:
        return known
    now = clock.now()
    intent = Intent(
        id=new_id("intent"),
        case_id=case_id,
        step=step,
        kind=kind,
        channel=channel,
        connection=connection,
        to_key=to_key,
        payload=payload,
        direct_answer=direct_answer,
        planned_at=now,
        due_at=due_at or now,
    )
    session.add(intent)
    session.flush()
    audit.record(
        session, "planned", case_id=case_id, intent=intent.id, step=step, channel=channel, **detail
    )
    return intent


def lock(session: Session, intent_id: str) -> Intent:
    return session.exec(LOCKED, params={"id": intent_id}).one()


def lock_free(session: Session, intent_ids: Collection[str]) -> dict[str, Intent]:
    """Those of them that nobody works on, by their ids: who locks several must not wait for one."""
    if not intent_ids:
        return {}
    free = select(Intent).where(col(Intent.id).in_(intent_ids)).with_for_update(skip_locked=True)
    return {intent.id: intent for intent in session.exec(free)}


def claim(intent: Intent) -> int:
    """Begin an attempt; returns its fence. The caller has checked that it may."""
    now = clock.now()
    intent.state, intent.claimed_at = Stage.SENDING, now
    intent.fence += 1
    intent.attempts += 1
    intent.due_at = now + timedelta(seconds=settings().evidence_seconds)
    return intent.fence


def settle(
    session: Session, intent: Intent, stage: Stage, *, vendor_id: str = "", reason: str = ""
) -> None:
    """Record what became of it. `UNKNOWN` keeps the time at which evidence is looked for."""
    intent.state, intent.reason = stage, reason
    intent.vendor_id = vendor_id or intent.vendor_id
    if stage is Stage.DONE:
        intent.sent_at = intent.sent_at or clock.now()
    session.add(intent)
    audit.record(
        session,
        f"{intent.kind}_{stage}",
        case_id=intent.case_id,
        intent=intent.id,
        step=intent.step,
        reason=reason,
    )


def plan_again(session: Session, intent: Intent) -> None:
    """No evidence that it happened: once more, with the same words and the same token."""
    intent.state, intent.due_at = Stage.PLANNED, clock.now()
    session.add(intent)
    audit.record(session, "planned_again", case_id=intent.case_id, intent=intent.id)


def earliest(session: Session, case_id: str, kind: str, *stages: Stage) -> datetime | None:
    """When the first intent of this kind and stage is due."""
    return session.exec(
        select(Intent.due_at)
        .where(Intent.case_id == case_id, Intent.kind == kind, col(Intent.state).in_(stages))
        .order_by(col(Intent.due_at))
        .limit(1)
    ).first()


@dataclass(frozen=True)
class Owed:
    """When the first of a kind is due: planned, or in doubt. A platform to be told is of kind `sync`."""

    kind: str
    planned: bool
    due_at: datetime


def _all_owed() -> CompoundSelect[Any]:
    planned = col(Intent.state) == Stage.PLANNED
    creates = (
        select(col(Intent.kind), planned, func.min(Intent.due_at))
        .where(Intent.case_id == bindparam("case"))
        .where(col(Intent.state).in_((Stage.PLANNED, *DOUBTFUL)))
        .group_by(col(Intent.kind), planned)
    )
    targets = select(literal("sync"), true(), func.min(SyncTarget.due_at)).where(
        SyncTarget.case_id == bindparam("case"), SyncTarget.state == "wanted"
    )
    return union_all(creates, targets)


OWED = _all_owed()


def owed(session: Session, case_id: str) -> list[Owed]:
    """Everything a case owes, in one question: it is asked before each step."""
    session.flush()
    rows = session.connection().execute(OWED, {"case": case_id})
    return [Owed(*row) for row in rows if row[2] is not None]


DUE = (
    select(Intent.id)
    .where(Intent.case_id == bindparam("case"), Intent.due_at <= bindparam("now"))
    .where(col(Intent.kind).in_(bindparam("kinds", expanding=True)))
    .where(col(Intent.state).in_(bindparam("stages", expanding=True)))
    .order_by(col(Intent.due_at), col(Intent.planned_at))
)


def due(session: Session, case_id: str, kinds: tuple[str, ...], *stages: Stage) -> list[str]:
    """Ids of intents whose time has come, oldest first."""
    asked = {"case": case_id, "now": clock.now(), "kinds": kinds, "stages": stages}
    return list(session.exec(DUE, params=asked))
