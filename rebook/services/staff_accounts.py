"""Who may sign in to the staff page: people with a password, revoked by the admin at the terminal."""

import re
import secrets
import unicodedata
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col, select

from rebook.db.staff_tables import StaffMember
from rebook.domain import clock
from rebook.services import audit, staff_sessions

STAFF_ID = re.compile(r"[A-Za-z0-9._-]{1,40}")
SHORTEST, LONGEST = 12, 200
ONE_TIME = timedelta(days=3)
ADMIN = "admin"
HASHER = PasswordHasher()
NOBODYS = HASHER.hash(secrets.token_urlsafe())
"""Checked where there is no such person, so that both answers take as long."""


class BadPassword(ValueError):
    """Says what is wrong with it."""


class NoSuchMember(LookupError):
    """Nobody of this id may sign in."""


def add(session: Session, staff_id: str, *, password: str = "", slack_id: str = "") -> str:
    """Make a person, or give one a new password. Returns the one-time password, if one was made.

    Whoever is signed in under this id is signed out. Raises `BadPassword`.
    """
    once = "" if password else secrets.token_urlsafe(12)
    if password:
        require_good(staff_id, password)
    now = clock.now()
    member = session.get(StaffMember, staff_id) or StaffMember(
        id=staff_id, password_hash="", added_at=now
    )
    member.password_hash = hashed(password or once)
    member.one_time_until = now + ONE_TIME if once else None
    member.slack_id = slack_id or member.slack_id
    member.revoked_at = None
    session.add(member)
    session.flush()
    staff_sessions.end_all(session, staff_id)
    audit.record(session, "staff_added", actor=ADMIN, staff=staff_id, once=bool(once))
    return once


def revoke(session: Session, staff_id: str) -> int:
    """No more signing in, and out at once. Returns how many sessions ended. Raises `NoSuchMember`."""
    member = session.get(StaffMember, staff_id)
    if member is None:
        raise NoSuchMember(f"there is no {staff_id}: `rebook staff list` shows who there is")
    member.revoked_at = member.revoked_at or clock.now()
    session.add(member)
    ended = staff_sessions.end_all(session, staff_id)
    audit.record(session, "staff_revoked", actor=ADMIN, staff=staff_id)
    return ended


def everybody(session: Session) -> list[StaffMember]:
    return list(session.exec(select(StaffMember).order_by(StaffMember.id)))


def behind(session: Session, vendor_user: str) -> str:
    """The staff id of a user of the office's channel; the user's own id where none is known."""
    known = select(StaffMember.id).where(
        col(StaffMember.slack_id) == vendor_user, col(StaffMember.revoked_at).is_(None)
    )
    return session.exec(known).first() or vendor_user


def is_right(session: Session, staff_id: str, password: str) -> bool:
    """Takes as long for somebody who is not there. A one-time password lapses."""
    member = session.get(StaffMember, staff_id) if STAFF_ID.fullmatch(staff_id) else None
    usable = member is not None and member.revoked_at is None and not _has_lapsed(member)
    try:
        HASHER.verify(member.password_hash if member and usable else NOBODYS, _plain(password))
    except (VerificationError, InvalidHashError):
        return False
    return usable


def _has_lapsed(member: StaffMember) -> bool:
    return member.one_time_until is not None and member.one_time_until <= clock.now()


def change_password(session: Session, staff_id: str, password: str) -> None:
    """By the person; every session of theirs ends. Raises `BadPassword`."""
    require_good(staff_id, password)
    member = session.get_one(StaffMember, staff_id)
    if member.one_time_until is not None and is_right(session, staff_id, password):
        raise BadPassword("choose another one than the one-time password")
    member.password_hash = hashed(password)
    member.one_time_until = None
    session.add(member)
    staff_sessions.end_all(session, staff_id)
    audit.record(session, "password_changed", actor=f"staff:{staff_id}")


def require_good(staff_id: str, password: str) -> None:
    plain = _plain(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise BadPassword(f"a password has {SHORTEST} to {LONGEST} characters")
    if staff_id.lower() in plain.lower() and len(plain) < len(staff_id) + SHORTEST:
        raise BadPassword("a password is more than the staff id")
    if len(set(plain)) < SHORTEST // 2:
        raise BadPassword("a password has more different characters than that")


def hashed(password: str) -> str:
    return HASHER.hash(_plain(password))


def _plain(password: str) -> str:
    """The same letters typed on two keyboards are the same password."""
    return unicodedata.normalize("NFKC", password)
