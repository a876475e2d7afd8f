"""The ledger's tables. Personal columns are encrypted; all instants are UTC with a zone beside them."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlmodel import Field, SQLModel

from rebook.db.columns import Encrypted, EncryptedJson, Instant


def _id() -> Any:
    return Field(primary_key=True, max_length=40)


def _serial() -> Any:
    return Field(default=None, sa_column=Column(BigInteger, primary_key=True, autoincrement=True))


def _instant(*, index: bool = False) -> Any:
    return Field(sa_type=Instant, index=index)


def _maybe(*, index: bool = False) -> Any:
    return Field(default=None, sa_type=Instant, index=index)


class Connection(SQLModel, table=True):
    """An account on a platform. `door_secrets` are readable by the gateway, the rest is not."""

    id: str = _id()
    slug: str
    base_url: str = ""
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    credentials: dict[str, Any] = Field(default_factory=dict, sa_type=EncryptedJson)
    tokens: dict[str, Any] = Field(default_factory=dict, sa_type=EncryptedJson)
    door_secrets: bytes = Field(default=b"", sa_type=LargeBinary)
    watch: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    paused: str = ""
    heard_at: datetime | None = _maybe()
    polled_at: datetime | None = _maybe()


class Cursor(SQLModel, table=True):
    """How far a connection has been read; moves in the transaction that stores what it brought."""

    connection: str = _id()
    value: str
    moved_at: datetime = _instant()


class Claim(SQLModel, table=True):
    """A flow run that a worker reaches for or has. `worker` is the advisory lock of a living one."""

    run_id: str = _id()
    worker: int = Field(primary_key=True, sa_type=BigInteger)


class Inbox(SQLModel, table=True):
    """What arrived at the door, sealed. Answered 2xx means it is here."""

    __table_args__ = (
        UniqueConstraint("connection", "dedupe_key"),
        Index(
            "inbox_waiting_twins",
            "connection",
            "kind",
            "twin_key",
            unique=True,
            postgresql_where=sql("handled_at IS NULL AND dedupe_key IS NULL"),
        ),
        Index("inbox_waiting", "id", postgresql_where=sql("handled_at IS NULL")),
    )
    id: int | None = _serial()
    connection: str
    kind: str = ""
    dedupe_key: str | None = None
    twin_key: str = ""
    sealed: bytes = Field(sa_type=LargeBinary)
    received_at: datetime = _instant()
    handled_at: datetime | None = _maybe()
    attempts: int = 0
    fault: str = ""
    for_a_run: bool = Field(default=False, sa_column_kwargs={"server_default": sql("false")})
    """It speaks of an appointment: a run reads it, since that asks its platform."""


class SettingVersion(SQLModel, table=True):
    """A version of a policy, topology or template block. A case pins the policy it started with."""

    __table_args__ = (UniqueConstraint("kind", "digest"),)
    id: int | None = _serial()
    kind: str
    digest: str
    body: dict[str, Any] = Field(sa_type=JSON)
    current_since: datetime = _instant()


class Person(SQLModel, table=True):
    id: str = _id()
    match_key: str = Field(index=True)
    given_name: str = Field(default="", sa_type=Encrypted)
    family_name: str = Field(default="", sa_type=Encrypted)
    zone: str = "UTC"
    language: str = "en"


class ContactPoint(SQLModel, table=True):
    """A phone or address of a person, found by its keyed fingerprint. A couple may share one."""

    __table_args__ = (UniqueConstraint("person_id", "value_key"),)
    id: str = _id()
    person_id: str = Field(foreign_key="person.id", index=True)
    channel: str
    value: str = Field(sa_type=Encrypted)
    value_key: str = Field(index=True)
    known_since: datetime = _instant()
    disowned_at: datetime | None = _maybe()
    """Whoever answers there says that they are not this person."""


class Suppression(SQLModel, table=True):
    """Who asked for silence. Keyed by the contact's fingerprint, so it outlives the person."""

    value_key: str = Field(primary_key=True)
    since: datetime = _instant()
    source: str


class Appointment(SQLModel, table=True):
    """An appointment as one platform last described it."""

    __table_args__ = (UniqueConstraint("connection", "external_id"),)
    id: str = _id()
    connection: str
    external_id: str
    group_id: str = Field(index=True)
    linked_by: str = ""
    person_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    status: str
    starts_at: datetime = _instant(index=True)
    ends_at: datetime = _instant()
    zone: str
    service: str = Field(default="", sa_type=Encrypted)
    service_id: str = ""
    calendar: str = ""
    place: str = Field(default="", sa_type=Encrypted)
    version: str = ""
    by_client: bool | None = None
    ours: str = ""
    same_as: str = Field(default="", index=True)
    seen_at: datetime = _instant()


class Case(SQLModel, table=True):
    """One lost appointment. Open cases always have a next deadline."""

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint(
            "next_action_at IS NOT NULL OR state NOT IN ('open','offered','booking','handed_over')",
            name="open_case_has_deadline",
        ),
        Index(
            "one_open_case_per_group",
            "group_id",
            unique=True,
            postgresql_where=sql("state IN ('open','offered','booking','handed_over')"),
        ),
        Index("cases_due", "next_action_at", postgresql_where=sql("next_action_at IS NOT NULL")),
        Index("cases_owing", "id", postgresql_where=sql("next_action_at IS NOT NULL")),
        Index("cases_acted_for", "lease_until", postgresql_where=sql("lease_until IS NOT NULL")),
    )
    id: str = _id()
    appointment_id: str = Field(foreign_key="appointment.id", index=True)
    group_id: str = Field(index=True)
    person_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    state: str
    version: int = 0
    cause: str
    reason: str = ""
    owner: str = ""
    policy_version: int
    opened_at: datetime = _instant()
    closed_at: datetime | None = _maybe()
    grace_until: datetime = _instant()
    first_word_at: datetime | None = _maybe()
    next_action_at: datetime | None = _maybe()
    follow_up_at: datetime | None = _maybe()
    retry_at: datetime | None = _maybe()
    failures: int = 0
    touches: int = 0
    old_stands: bool = False
    """The old appointment is still booked on the system of record: move it rather than book anew."""
    asked: str = ""
    """What the client asked of a visit that stands: `move` or `cancel`; empty where it was lost."""
    chosen_slot: int | None = None
    wish: str | None = None
    """The reply that named the time looked for now."""
    epoch: int = 0
    run_id: str | None = Field(default=None, index=True)
    lease_fence: int = 0
    lease_until: datetime | None = _maybe()


class Wait(SQLModel, table=True):
    """One stretch of waiting of a case; its key is the key of Prefect's suspension."""

    __table_args__ = (
        Index(
            "one_open_wait_per_case",
            "case_id",
            unique=True,
            postgresql_where=sql("closed_at IS NULL"),
        ),
    )
    key: str = _id()
    case_id: str = Field(foreign_key="cases.id", index=True)
    opened_at: datetime = _instant()
    woken_at: datetime | None = _maybe()
    closed_at: datetime | None = _maybe()
    outcome: str = ""


class Offer(SQLModel, table=True):
    """Slots proposed to a client. `n` counts within the case: staff say `o2-1`."""

    __table_args__ = (UniqueConstraint("case_id", "n"),)
    id: str = _id()
    case_id: str = Field(foreign_key="cases.id", index=True)
    n: int
    made_at: datetime = _instant()
    held_until: datetime = _instant()
    superseded_at: datetime | None = _maybe()


class OfferSlot(SQLModel, table=True):
    __tablename__ = "offer_slot"
    __table_args__ = (UniqueConstraint("offer_id", "code"),)
    id: int | None = _serial()
    offer_id: str = Field(foreign_key="offer.id")
    code: int
    starts_at: datetime = _instant()
    ends_at: datetime = _instant()
    calendar: str = ""
    key: str = ""
    shown: str = Field(default="", max_length=120)


class Hold(SQLModel, table=True):
    """Our exclusive claim on a seat of a calendar for an interval."""

    __table_args__ = (
        ExcludeConstraint(
            ("connection", "="),
            ("calendar", "="),
            ("seat", "="),
            ("during", "&&"),
            where=sql("state IN ('held','booked')"),
            name="no_seat_is_held_twice",
        ),
    )
    id: int | None = _serial()
    case_id: str = Field(foreign_key="cases.id", index=True)
    slot_id: int = Field(foreign_key="offer_slot.id", sa_type=BigInteger)
    connection: str
    calendar: str
    seat: int = 0
    during: Range[datetime] = Field(sa_type=TSTZRANGE)
    state: str = "held"
    expires_at: datetime = _instant()


class Intent(SQLModel, table=True):
    """One thing we mean to create at a vendor: a message or a booking. The row comes first."""

    __table_args__ = (UniqueConstraint("case_id", "step"),)
    id: str = _id()
    case_id: str = Field(foreign_key="cases.id", index=True)
    step: str
    kind: str
    channel: str = ""
    connection: str
    to_key: str = ""
    payload: dict[str, Any] = Field(sa_type=EncryptedJson)
    state: str = "planned"
    fence: int = 0
    attempts: int = 0
    direct_answer: bool = False
    vendor_id: str = Field(default="", index=True)
    delivery: str = ""
    reason: str = ""
    planned_at: datetime = _instant()
    due_at: datetime = _instant()
    sent_at: datetime | None = _maybe()
    claimed_at: datetime | None = _maybe()


class ExpectedEcho(SQLModel, table=True):
    """A change we are about to cause ourselves and will hear back about; matched once."""

    __tablename__ = "expected_echo"
    id: int | None = _serial()
    connection: str
    external_id: str = Field(index=True)
    status: str
    starts_at: datetime | None = _maybe()
    case_id: str = Field(foreign_key="cases.id")
    made_at: datetime = _instant()
    heard_at: datetime | None = _maybe()


class Reply(SQLModel, table=True):
    """What a client said, and what we made of it."""

    __table_args__ = (Index("unread", "case_id", postgresql_where=sql("taken_at IS NULL")),)
    id: str = _id()
    case_id: str = Field(foreign_key="cases.id", index=True)
    source: str = Field(unique=True)
    channel: str
    said: str = Field(default="", sa_type=Encrypted)
    intent: str
    slot_id: int | None = Field(default=None, sa_type=BigInteger)
    wish_from: datetime | None = _maybe()
    wish_to: datetime | None = _maybe()
    rule: str
    confidence: float = 1.0
    received_at: datetime = _instant()
    taken_at: datetime | None = _maybe()
    outcome: str = ""


class Booking(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("case_id"),)
    id: str = _id()
    case_id: str = Field(foreign_key="cases.id")
    connection: str
    external_id: str
    starts_at: datetime = _instant()
    ends_at: datetime = _instant()
    zone: str
    shown: str = ""
    made_at: datetime = _instant()


class SyncTarget(SQLModel, table=True):
    """What one platform must be told, and how far that got."""

    __tablename__ = "sync_target"
    __table_args__ = (UniqueConstraint("case_id", "connection", "external_id"),)
    id: str = _id()
    case_id: str = Field(foreign_key="cases.id", index=True)
    connection: str
    external_id: str
    wanted: dict[str, Any] = Field(sa_type=JSON)
    state: str = "wanted"
    attempts: int = 0
    due_at: datetime = _instant()
    done_at: datetime | None = _maybe()
    fault: str = ""
    owner: str = ""


class ClientPage(SQLModel, table=True):
    """What a client's link shows, encrypted under a key made from the link's token.

    Of a case, or of a visit that is ahead.
    """

    __tablename__ = "client_page"
    __table_args__ = (
        CheckConstraint(
            "(case_id IS NULL) <> (appointment_id IS NULL)", name="page_of_a_case_or_a_visit"
        ),
    )
    token_hash: str = Field(primary_key=True)
    case_id: str | None = Field(default=None, foreign_key="cases.id", index=True)
    appointment_id: str | None = Field(default=None, foreign_key="appointment.id", index=True)
    view: bytes = Field(sa_type=LargeBinary)
    updated_at: datetime = _instant()
    expires_at: datetime = _instant()


class Audit(SQLModel, table=True):
    """Append-only. Written with the change itself; numbered and chained by the sealer soon after."""

    id: int | None = _serial()
    at: datetime = _instant()
    actor: str
    action: str
    case_id: str | None = Field(default=None, index=True)
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    seq: int | None = Field(default=None, sa_column=Column(BigInteger, unique=True))
    hash: str = ""


class Mark(SQLModel, table=True):
    """Single facts about this installation: its id, when it was restored."""

    name: str = _id()
    value: str
    at: datetime = _instant()
