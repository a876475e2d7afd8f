"""Locks on what has no row of its own: by number for the house, by name for what is not stored yet."""

from enum import IntEnum

from sqlalchemy import text
from sqlmodel import Session


class Lock(IntEnum):
    """Numbers of PostgreSQL's advisory locks. One list, so that no two mean the same by accident."""

    MIGRATIONS = 7_265_626_001
    SEALER = 7_265_626_002
    LEADER = 7_265_626_003
    SIGNING_IN = 7_265_626_004


ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))")


def appointment(session: Session, connection: str, external_id: str) -> None:
    """For whoever tells of an appointment: its platform, and we when we have made it there.

    Taken before any row is locked, so that the two wait for one another in one order only.
    """
    session.connection().execute(ONE_AT_A_TIME, {"what": f"{connection}:{external_id}"})
