"""What an operator may tune about a case, and how the parts of an installation hang together."""

from dataclasses import dataclass, field

from rebook.domain.cases import Cause


@dataclass(frozen=True)
class Policy:
    """The default story: a text at once, a mail after a day, a last text after three, then a person."""

    grace_minutes: float = 10
    grace_minutes_client_acted: float = 0
    slots_per_offer: int = 3
    hold_minutes: int = 120
    earliest_minutes: int = 120
    latest_days: int = 14
    email_after_hours: float = 24
    last_sms_after_hours: float = 72
    hand_over_after_hours: float = 96
    contact_from_hour: int = 8
    contact_to_hour: int = 21
    contact_budget: int = 3
    holidays: str = ""
    answer_window_minutes: int = 10
    staff_reminder_hours: float = 24
    business_from_hour: int = 9
    business_to_hour: int = 17
    business_days: str = "mon,tue,wed,thu,fri,sat"
    assignee: str = "office"
    text_countries: str = ""
    texts_a_day: int = 5000
    texts_a_day_to_a_block: int = 500
    confirm_noshow: bool = False
    text_when_late: bool = False

    def grace(self, cause: Cause) -> float:
        """Minutes before the first word to the client."""
        acted = cause is Cause.CLIENT_CANCELLED
        return self.grace_minutes_client_acted if acted else self.grace_minutes


@dataclass(frozen=True)
class Topology:
    """Which connection plays which part. Every platform that holds appointments may be the record."""

    record: str
    mirrors: tuple[str, ...] = ()
    sms: str = ""
    email: str = ""
    staff: str = ""
    staff_channel: str = ""
    business_name: str = "our office"
    business_phone: str = ""
    default_zone: str = "UTC"
    default_language: str = "en"
    campaigns: dict[str, str] = field(default_factory=dict)
    """Where a loss was seen (`*`: anywhere) and the connection whose own sequence then invites the client."""
    sms_answers: bool = True
    """False where texts come from a name, which nobody can answer."""
    shows_offers: tuple[str, ...] = ()
    """Calendars in which the times on offer stand as tentative entries while they are held."""


@dataclass(frozen=True)
class Templates:
    """Texts to clients. `{name}` and `{when}` come from the ledger and are made safe first."""

    texts: dict[str, str] = field(default_factory=dict)
