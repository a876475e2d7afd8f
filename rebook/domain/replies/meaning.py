"""The thirteen things a reply can mean, and what is known when it is read."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

Code = int | str


class Meaning(StrEnum):
    ACCEPT = "accept"
    PREFER = "prefer"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"
    LATER = "later"
    CALL_ME = "call_me"
    WRONG_PERSON = "wrong_person"
    ALREADY = "already"
    QUESTION = "question"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Offered:
    """A slot that is out and still held, under the code the client was given."""

    code: Code
    start: datetime
    minutes: int


@dataclass(frozen=True)
class Asked:
    """The open question. `language` is a hint only: people mix."""

    now: datetime
    zone: str
    offered: tuple[Offered, ...] = ()
    channel: str = "sms"
    language: str = "mix"
    missed: datetime | None = None
    local: ZoneInfo = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "local", ZoneInfo(self.zone))

    @property
    def today(self) -> date:
        return self.now.astimezone(self.local).date()

    @property
    def minutes(self) -> int:
        """The length of a visit; an hour where nothing is offered."""
        return self.offered[0].minutes if self.offered else 60

    def at(self, instant: datetime) -> datetime:
        return instant.astimezone(self.local)

    def only_day(self) -> date | None:
        """The one local day on which everything offered lies."""
        days = {self.at(slot.start).date() for slot in self.offered}
        return days.pop() if len(days) == 1 else None


@dataclass(frozen=True)
class Window:
    """A local interval that holds the wish and nothing else."""

    start: datetime
    end: datetime

    def holds(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    def fits(self, length: timedelta) -> bool:
        return self.end - self.start >= length


@dataclass(frozen=True)
class Understood:
    """`code` is an offered slot's when accepting; `rule` names what decided, `confidence` how surely."""

    meaning: Meaning
    rule: str
    code: Code | None = None
    window: Window | None = None
    confidence: float = 0.9
