"""The ledger's tables about technicians: the page of a day, and what was reported on it."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel

from rebook.db.columns import Encrypted, Instant


class TechnicianPage(SQLModel, table=True):
    """One calendar's visits of one day, encrypted under a key made from the link's token."""

    __tablename__ = "technician_page"
    token_hash: str = Field(primary_key=True)
    connection: str = Field(index=True)
    calendar: str
    day: str = Field(max_length=10)
    view: bytes = Field(sa_type=LargeBinary)
    updated_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)


class VisitReport(SQLModel, table=True):
    """What a technician reported of a visit. `source` is the key of the form, so it counts once."""

    __tablename__ = "visit_report"
    id: str = Field(primary_key=True, max_length=40)
    source: str = Field(unique=True)
    appointment_id: str = Field(foreign_key="appointment.id", index=True)
    case_id: str | None = Field(default=None, foreign_key="cases.id", index=True)
    kind: str
    note: str = Field(default="", sa_type=Encrypted)
    photo: str = Field(default="", sa_type=Encrypted)
    """Base64 of a JPEG, PNG or WebP; empty where none was taken."""
    received_at: datetime = Field(sa_type=Instant)
    outcome: str = ""
