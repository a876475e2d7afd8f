"""Signing in and out of the staff page: tries are counted before a password is looked at."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import CursorResult, delete, func, text, update
from sqlmodel import Session, col, select

from rebook.db.locks import Lock
from rebook.db.staff_tables import SignInTry, StaffMember, StaffSession
from rebook.domain import clock
from rebook.services import audit

IDLE, WHOLE = timedelta(hours=2), timedelta(hours=12)
NOTICED = timedelta(minutes=1)
WINDOW = timedelta(minutes=15)
TRIES, TRIES_OF_ALL = 5, 60
KEPT = timedelta(days=1)


@dataclass(frozen=True)
class SignedIn:
    """`must_choose`: they came with a one-time password and have none of their own yet."""

    staff_id: str
    must_choose: bool


def may_try(session: Session, name: str) -> bool:
    """Counts this try, committed before its password is looked at: guessing at once helps nobody."""
    session.connection().execute(
        text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": Lock.SIGNING_IN}
    )
    now = clock.now()
    session.connection().execute(delete(SignInTry).where(col(SignInTry.at) < now - KEPT))
    recent = select(func.count()).select_from(SignInTry).where(col(SignInTry.at) > now - WINDOW)
    who = _digest(name.lower())
    if session.exec(recent).one() >= TRIES_OF_ALL:
        return False
    if session.exec(recent.where(SignInTry.who == who)).one() >= TRIES:
        return False
    session.add(SignInTry(who=who, at=now))
    return True


def begin(session: Session, staff_id: str) -> str:
    """The password was right. Returns the token for the browser's cookie."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    session.connection().execute(
        delete(SignInTry).where(col(SignInTry.who) == _digest(staff_id.lower()))
    )
    session.add(
        StaffSession(token_hash=_digest(token), staff_id=staff_id, made_at=now, seen_at=now)
    )
    audit.record(session, "signed_in", actor=f"staff:{staff_id}")
    return token


def failed(session: Session, name: str) -> None:
    """In the trail where it is somebody's id; what else was typed is nobody's business."""
    if name.isprintable() and session.get(StaffMember, name) is not None:
        audit.record(session, "sign_in_failed", actor=f"staff:{name}")


def find(session: Session, token: str) -> SignedIn | None:
    """Who is signed in with this token; None where it lapsed, ended or never was."""
    if not token:
        return None
    row = session.get(StaffSession, _digest(token))
    now = clock.now()
    if row is None or row.ended_at is not None:
        return None
    if row.seen_at < now - IDLE or row.made_at < now - WHOLE:
        return None
    member = session.get_one(StaffMember, row.staff_id)
    if member.revoked_at is not None:
        return None
    if row.seen_at < now - NOTICED:
        row.seen_at = now
        session.add(row)
    return SignedIn(member.id, must_choose=member.one_time_until is not None)


def end(session: Session, token: str) -> None:
    row = session.get(StaffSession, _digest(token))
    if row is not None and row.ended_at is None:
        row.ended_at = clock.now()
        session.add(row)
        audit.record(session, "signed_out", actor=f"staff:{row.staff_id}")


def end_all(session: Session, staff_id: str) -> int:
    """Everywhere this person is signed in. Returns in how many browsers that was."""
    result = session.connection().execute(
        update(StaffSession)
        .where(col(StaffSession.staff_id) == staff_id, col(StaffSession.ended_at).is_(None))
        .values(ended_at=clock.now())
    )
    return result.rowcount if isinstance(result, CursorResult) else 0


def open_count(session: Session, staff_id: str) -> int:
    """In how many browsers this person is signed in."""
    now = clock.now()
    return session.exec(
        select(func.count())
        .select_from(StaffSession)
        .where(StaffSession.staff_id == staff_id, col(StaffSession.ended_at).is_(None))
        .where(col(StaffSession.seen_at) > now - IDLE, col(StaffSession.made_at) > now - WHOLE)
    ).one()


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
