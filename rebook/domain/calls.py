"""A telephone call in our words: what was heard in one turn of it, and what is said next."""

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """What the caller was asked last."""

    LANGUAGE = "language"
    CHECK = "check"
    MENU = "menu"
    LOOKING = "looking"
    TIMES = "times"
    CONFIRM = "confirm"
    CANCEL = "cancel"
    DIALLED = "dialled"
    ENDED = "ended"


@dataclass(frozen=True)
class Heard:
    """One turn. `call` is the vendor's id; `number` is empty where the caller hides it."""

    call: str
    number: str
    called: str
    turn: int
    keys: str = ""
    speech: str = ""
    reached: bool = False
    """After `Spoken.dial`: a person took the call."""

    @property
    def silent(self) -> bool:
        return not (self.keys or self.speech)


@dataclass(frozen=True)
class Line:
    text: str
    language: str


@dataclass(frozen=True)
class Spoken:
    """What is said, and then: listen for an answer, wait and go on, dial somebody, or hang up."""

    lines: tuple[Line, ...]
    turn: int = 0
    """The number the next turn will have."""
    language: str = "en"
    keys: int = 0
    """Listen for so many keys, or for words."""
    hints: tuple[str, ...] = ()
    """Words that are likely to be said."""
    wait: int = 0
    """Seconds of silence before the next turn begins by itself."""
    dial: str = ""


@dataclass(frozen=True)
class Unanswered:
    """A turn that no worker answered in time: the caller was promised that someone gets in touch."""

    heard: Heard
