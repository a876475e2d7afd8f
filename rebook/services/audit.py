"""The audit trail: written with the change itself, numbered and chained soon after, checkable by anyone.

Entries hold ids and fixed words only. Until it is sealed an entry is protected by the database alone.
"""

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, text
from sqlmodel import Session, col, select

from rebook.db.locks import Lock
from rebook.db.tables import Audit
from rebook.domain import clock

SYSTEM = "system"
GENESIS = "0" * 64


def record(
    session: Session, action: str, *, case_id: str | None = None, actor: str = SYSTEM, **detail: Any
) -> None:
    """Add one entry to the caller's transaction."""
    session.add(Audit(at=clock.now(), actor=actor, action=action, case_id=case_id, detail=detail))


def digest(previous: str, entry: Audit, seq: int) -> str:
    """SHA-256 over the previous digest and the entry's canonical JSON."""
    canonical = json.dumps(
        body_of(entry, seq), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()


def body_of(entry: Audit, seq: int) -> dict[str, Any]:
    """What of an entry the digest covers: all of it."""
    return {
        "seq": seq,
        "id": entry.id,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "case": entry.case_id,
        "detail": entry.detail,
    }


SEAL = text(
    "UPDATE audit SET seq = link.seq, hash = link.hash"
    " FROM unnest(CAST(:ids AS bigint[]), CAST(:numbers AS bigint[]), CAST(:hashes AS text[]))"
    " AS link(id, seq, hash) WHERE audit.id = link.id"
)


def seal(session: Session, limit: int = 500) -> tuple[int, str] | None:
    """Chain what is not sealed yet, in order; returns the new head (seq, digest) if there is one."""
    if not session.connection().scalar(
        text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": Lock.SEALER}
    ):
        return None
    waiting = session.exec(
        select(Audit).where(col(Audit.seq).is_(None)).order_by(col(Audit.id)).limit(limit)
    ).all()
    if not waiting:
        return None
    last, previous = _head(session)
    links = []
    for seq, entry in enumerate(waiting, start=last + 1):
        previous = digest(previous, entry, seq)
        links.append((entry.id, seq, previous))
    ids, numbers, hashes = (list(column) for column in zip(*links, strict=True))
    session.connection().execute(SEAL, {"ids": ids, "numbers": numbers, "hashes": hashes})
    return last + len(waiting), previous


def _head(session: Session) -> tuple[int, str]:
    last = session.exec(
        select(Audit).where(col(Audit.seq).is_not(None)).order_by(col(Audit.seq).desc()).limit(1)
    ).first()
    return (last.seq or 0, last.hash) if last else (0, GENESIS)


@dataclass(frozen=True)
class Verdict:
    """`bad_seq` is the first entry that is missing, moved or altered; None when all holds."""

    sealed: int
    unsealed: int
    head: str
    bad_seq: int | None = None
    why: str = ""

    @property
    def holds(self) -> bool:
        return self.bad_seq is None


def verify(session: Session, anchors: dict[int, str] | None = None) -> Verdict:
    """Walk the chain from its start; `anchors` are heads (seq -> digest) kept outside the database."""
    previous, seq = GENESIS, 0
    unsealed = _count_unsealed(session)
    for entry in entries(session):
        expected = seq + 1
        if entry.seq != expected:
            return Verdict(seq, unsealed, previous, expected, "an entry is missing or was moved")
        if digest(previous, entry, expected) != entry.hash:
            return Verdict(seq, unsealed, previous, expected, "the entry does not match its digest")
        previous, seq = entry.hash, expected
        if anchors and anchors.get(seq, previous) != previous:
            return Verdict(seq, unsealed, previous, seq, "the chain differs from its anchor")
    if anchors and max(anchors, default=0) > seq:
        return Verdict(seq, unsealed, previous, seq + 1, "the end of the chain was cut off")
    return Verdict(seq, unsealed, previous)


def entries(session: Session) -> Iterator[Audit]:
    """Sealed entries in chain order, streamed."""
    yield from session.exec(
        select(Audit)
        .where(col(Audit.seq).is_not(None))
        .order_by(col(Audit.seq))
        .execution_options(yield_per=500)
    )


OF_CASE = select(Audit).where(Audit.case_id == bindparam("case")).order_by(col(Audit.id))
HAPPENED = (
    select(Audit.id)
    .where(Audit.case_id == bindparam("case"), Audit.action == bindparam("action"))
    .limit(1)
)


def story(session: Session, case_id: str) -> list[Audit]:
    """All entries of one case, oldest first."""
    return list(session.exec(OF_CASE, params={"case": case_id}))


def has(session: Session, case_id: str, action: str) -> bool:
    """Did this ever happen to the case?"""
    asked = {"case": case_id, "action": action}
    return session.exec(HAPPENED, params=asked).first() is not None


def happened_since(
    session: Session, case_id: str, action: str, *, besides: Collection[str]
) -> bool:
    """Was anything else written about the case after the last entry of this kind?"""
    last = select(func.coalesce(func.max(Audit.id), 0)).where(
        Audit.case_id == case_id, Audit.action == action
    )
    known = select(Audit.id).where(
        Audit.case_id == case_id,
        col(Audit.id) > last.scalar_subquery(),
        col(Audit.action).not_in(besides),
    )
    return session.exec(known.limit(1)).first() is not None


def _count_unsealed(session: Session) -> int:
    return session.exec(select(func.count()).where(col(Audit.seq).is_(None))).one()
