"""Locks on what has no row yet, held to the end of the transaction."""

from sqlalchemy import text
from sqlmodel import Session

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))")


def appointment(session: Session, connection: str, external_id: str) -> None:
    """For whoever tells of an appointment: its platform, and we when we have made it there.

    Taken before any row is locked, so that the two wait for one another in one order only.
    """
    session.connection().execute(ONE_AT_A_TIME, {"what": f"{connection}:{external_id}"})
