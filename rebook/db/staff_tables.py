"""Who may sign in to the staff page, who is signed in, and who tried."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from rebook.db.columns import Instant


class StaffMember(SQLModel, table=True):
    """A person of the office, by the staff id that the audit trail knows them by.

    While `one_time_until` is set the password serves once, to choose an own one.
    """

    __tablename__ = "staff_member"
    id: str = Field(primary_key=True, max_length=40)
    password_hash: str
    one_time_until: datetime | None = Field(default=None, sa_type=Instant)
    slack_id: str = Field(default="", max_length=40, index=True)
    added_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)


class StaffSession(SQLModel, table=True):
    """A browser that is signed in. Its cookie holds a token; here is the token's digest."""

    __tablename__ = "staff_session"
    token_hash: str = Field(primary_key=True, max_length=64)
    staff_id: str = Field(foreign_key="staff_member.id", index=True)
    made_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class SignInTry(SQLModel, table=True):
    """A try that did not succeed, under a digest of the name that was typed."""

    __tablename__ = "sign_in_try"
    id: int | None = Field(default=None, primary_key=True)
    who: str = Field(index=True, max_length=64)
    at: datetime = Field(sa_type=Instant, index=True)
