"""Which connection plays which part in this installation."""

from typing import ClassVar, Literal

from prefect.blocks.core import Block
from pydantic import Field

from rebook.domain.policy import Topology as Value


class Topology(Block):
    """One system of record, any number of mirrors, the channels to clients and to staff."""

    _block_type_name: ClassVar[str | None] = "Rebook Topology"
    _block_type_slug: ClassVar[str | None] = "rebook-topology"
    _description: ClassVar[str | None] = "Which connection is record, mirror, channel or staff."

    record: str = Field(
        title="System of record",
        description="The connection on which a new time must be booked first.",
    )
    mirrors: list[str] = Field(
        default_factory=list,
        description="Connections that show the same appointments and are told the outcome.",
    )
    sms: str = Field(
        default="", title="SMS", description="The connection that sends text messages."
    )
    email: str = Field(default="", title="E-mail", description="The connection that sends e-mail.")
    staff: str = Field(default="", description="The connection the office reads, such as Slack.")
    staff_channel: str = Field(default="", description="Where in it: a Slack channel's id.")
    business_name: str = Field(
        default="our office", description="How the business signs its messages."
    )
    business_phone: str = Field(default="", description="The number clients may call.")
    default_zone: str = Field(
        default="UTC", description="IANA time zone where a platform names none: `America/Denver`."
    )
    default_language: Literal["en", "es"] = Field(
        default="en", description="What clients who are new are written to in: `en` or `es`."
    )

    campaigns: dict[str, str] = Field(
        default_factory=dict,
        description="Whose own sequence invites the client in place of Rebook's messages, by the"
        ' connection that reported the loss: `{"hubspot": "hubspot", "*": "mailchimp"}`. `*` is every'
        " other; an empty value leaves it to Rebook. Never both.",
    )

    sms_answers: bool = Field(
        default=True,
        title="Texts can be answered",
        description="Off where texts are sent under a name instead of a number: then they ask for no"
        " answer, and carry a link to choose and one to hear no more.",
    )
    shows_offers: list[str] = Field(
        default_factory=list,
        title="Calendars that show offers",
        description="Connections in whose calendars the times offered to a client stand as tentative"
        " entries while they are held, and in the appointment's description: Google Calendar can.",
    )

    def value(self) -> Value:
        fields = self.model_dump(include=set(Value.__dataclass_fields__))
        lists = {name: tuple(value) for name, value in fields.items() if type(value) is list}
        return Value(**{**fields, **lists})
