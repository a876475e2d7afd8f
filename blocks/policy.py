"""How patient and how insistent a case is. A case keeps the version it was opened under."""

from typing import ClassVar

from prefect.blocks.core import Block
from pydantic import Field

from rebook.domain.policy import Policy


class ReschedulePolicy(Block):
    """The course of a case: grace, offers, follow-ups, hand-over, contact hours."""

    _block_type_name: ClassVar[str | None] = "Rebook Policy"
    _block_type_slug: ClassVar[str | None] = "rebook-policy"
    _description: ClassVar[str | None] = "Grace, offers, follow-ups and contact hours of a case."

    grace_minutes: float = Field(
        default=10,
        ge=0,
        description="Wait this long before the first word, so that people can undo.",
    )
    grace_minutes_client_acted: float = Field(
        default=0, ge=0, description="The same where the client cancelled."
    )
    slots_per_offer: int = Field(default=3, ge=1, le=9, description="Times offered at once.")
    hold_minutes: int = Field(
        default=120, ge=1, description="How long offered times are held for this client alone."
    )
    earliest_minutes: int = Field(
        default=120, ge=0, description="No time is offered that begins sooner than this."
    )
    latest_days: int = Field(default=14, ge=1, le=90, description="How far ahead times are sought.")
    email_after_hours: float = Field(
        default=24, ge=0, description="Hours after the first word until the e-mail."
    )
    last_sms_after_hours: float = Field(
        default=72, ge=0, description="Hours after the first word until the last text."
    )
    hand_over_after_hours: float = Field(
        default=96, ge=0, description="Hours after the first word until a person takes over."
    )
    contact_from_hour: int = Field(
        default=8, ge=8, le=20, description="Nobody is written to before, on their own clock."
    )
    contact_to_hour: int = Field(
        default=21, ge=9, le=21, description="Nobody is written to from this hour on."
    )
    holidays: str = Field(
        default="",
        pattern=r"^\s*(\d{4}-\d{2}-\d{2}([\s,]+|$))*$",
        description="Days on which nobody is written to unasked: `2026-12-25, 2027-01-01`.",
    )
    contact_budget: int = Field(
        default=3, ge=1, description="Messages without an answer, over all channels."
    )
    answer_window_minutes: int = Field(
        default=10,
        ge=0,
        le=10,
        description="A direct answer may be sent at any hour within this.",
    )
    staff_reminder_hours: float = Field(
        default=24, gt=0, description="A case that waits for a person says so again after this."
    )
    business_from_hour: int = Field(
        default=9, ge=0, le=23, description="Opening hour, where the platform has no availability."
    )
    business_to_hour: int = Field(default=17, ge=1, le=24, description="Closing hour, likewise.")
    business_days: str = Field(
        default="mon,tue,wed,thu,fri,sat", description="Opening days, likewise."
    )
    assignee: str = Field(
        default="office", description="Who gets a case that needs a person: a staff id."
    )
    text_countries: str = Field(
        default="",
        description="Where texts may go: `US, CA`. Empty: the country of the business's own number.",
    )
    texts_a_day: int = Field(
        default=5000, ge=0, description="Texts in a day, in all; beyond it mails and people help."
    )
    texts_a_day_to_a_block: int = Field(
        default=500,
        ge=0,
        description="Texts in a day to numbers that differ in their last four digits only.",
    )
    confirm_noshow: bool = Field(
        default=False,
        description="A technician's no-show is judged by a person before the client is written to.",
    )
    text_when_late: bool = Field(
        default=False, description="The client gets a text when the technician is running late."
    )

    def value(self) -> Policy:
        return Policy(**self.model_dump(include=set(Policy.__dataclass_fields__)))
