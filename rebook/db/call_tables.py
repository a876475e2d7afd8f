"""The ledger's tables of what is asked at the door while somebody waits: telephone calls."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, LargeBinary
from sqlmodel import Field, SQLModel

from rebook.db.columns import Encrypted, EncryptedJson, Instant


class Ask(SQLModel, table=True):
    """A question that only a worker can answer while the asker waits.

    `sealed` holds the question and a secret; the answer is closed under that secret.
    """

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger, primary_key=True, autoincrement=True)
    )
    connection: str
    kind: str
    secret_hash: str = Field(unique=True)
    sealed: bytes = Field(sa_type=LargeBinary)
    asked_at: datetime = Field(sa_type=Instant)
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    answer: bytes | None = Field(default=None, sa_type=LargeBinary)


class PhoneCall(SQLModel, table=True):
    """A call to our number: where in the conversation it is, and whether a person must call back."""

    __tablename__ = "phone_call"
    id: str = Field(primary_key=True, max_length=40)
    source: str = Field(unique=True)
    connection: str
    number: str = Field(default="", sa_type=Encrypted)
    language: str = "en"
    stage: str
    turn: int = 0
    misses: int = 0
    waited: int = 0
    said: dict[str, Any] = Field(default_factory=dict, sa_type=EncryptedJson)
    person_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    appointment_id: str | None = Field(default=None, foreign_key="appointment.id")
    case_id: str | None = Field(default=None, foreign_key="cases.id", index=True)
    offer_seen: int = 0
    slot_id: int | None = Field(default=None, sa_type=BigInteger)
    called_at: datetime = Field(sa_type=Instant)
    for_staff: str = Field(default="", index=True)
    """Empty, or how far the office's call back is: `wanted`, `telling`, `told`, `done`."""
    due_at: datetime | None = Field(default=None, sa_type=Instant)
