"""What every turn of a call can do: say, ask, ask again, call a person, keep what the caller wants."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from rebook.db.call_tables import PhoneCall
from rebook.db.tables import Appointment, Case, OfferSlot
from rebook.domain import call_choices, call_words, clock, wording
from rebook.domain.calls import Heard, Line, Spoken, Stage
from rebook.domain.messages import Channel
from rebook.domain.replies import Meaning, Understood
from rebook.services import audit, cases, replies

ASKED_AGAIN = 2
"""Then a person takes over."""


@dataclass(frozen=True)
class Talk:
    """One turn of one call. `office` is the number of a person, where one takes calls."""

    session: Session
    call: PhoneCall
    heard: Heard
    office: str

    def line(self, name: str, *, language: str = "", **gaps: str) -> Line:
        return call_words.say(name, language or self.call.language, **gaps)

    def pick(self, choices: Mapping[str, str]) -> str:
        return call_choices.pick(self.heard.keys, self.heard.speech, choices)

    def ask(self, stage: Stage, *lines: Line, keys: int = 1, hints: tuple[str, ...] = ()) -> Spoken:
        self.call.stage, self.call.misses = stage, 0
        return Spoken(lines, language=self.call.language, keys=keys, hints=hints)

    def end(self, *lines: Line) -> Spoken:
        self.call.stage = Stage.ENDED
        return Spoken(lines, language=self.call.language)

    def miss(self) -> Spoken:
        """Silence, a wrong key, words that fit nothing: the same again, twice, then a person."""
        self.call.misses += 1
        if self.call.misses > ASKED_AGAIN:
            return self.person()
        said = self.call.said
        again = self.line("again")
        lines = [line for line in (Line(**one) for one in said["lines"]) if line != again]
        first = [] if self.heard.silent else [again]
        return Spoken(
            (*first, *lines), language=said["language"], keys=said["keys"],
            hints=tuple(said["hints"]),
        )  # fmt: skip

    def person(self, why: str = "") -> Spoken:
        """A person takes the call now, or calls back."""
        if not self.office or self.office == self.heard.called:
            return self.call_back(why)
        self.call.stage = Stage.DIALLED
        lines = [self.line(name) for name in (why, "dial") if name]
        return Spoken(tuple(lines), language=self.call.language, dial=self.office)

    def call_back(self, why: str = "") -> Spoken:
        lines = [self.line(why)] if why else []
        if not self.call.number:
            return self.end(*lines, self.line("withheld"))
        case = self.case()
        if case is not None and cases.is_open(case):
            self.keep(case, Understood(Meaning.CALL_ME, "asked on the phone", confidence=1.0))
        else:
            self.call.for_staff, self.call.due_at = "wanted", clock.now()
        audit.record(
            self.session, "person_wanted", case_id=self.call.case_id, actor="client",
            call=self.call.id,
        )  # fmt: skip
        self.session.add(self.call)
        return self.end(*lines, self.line("call_back"))

    def keep(
        self, case: Case, understood: Understood, slot: OfferSlot | None = None, said: str = ""
    ) -> None:
        source = f"call:{self.call.id}:{self.heard.turn}"
        replies.keep(
            self.session, case, Channel.PHONE, understood, source, clock.now(), slot=slot, said=said
        )

    def case(self) -> Case | None:
        """The case spoken of, locked."""
        return cases.load(self.session, self.call.case_id) if self.call.case_id else None

    def visit(self) -> Appointment:
        return self.session.get_one(Appointment, self.call.appointment_id)

    def service(self) -> str:
        """As it may be spoken: a platform's words, made harmless."""
        plain = {"en": "appointment", "es": "atención"}[self.call.language]
        return wording.safe(self.visit().service) or plain
