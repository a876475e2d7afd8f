"""Every text a client may get, as it would read and what it costs: by cause, channel and language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rebook.domain import texts, wishes, wording
from rebook.domain.cases import Cause
from rebook.domain.segments import segments
from rebook.domain.texts import Answer, Purpose
from rebook.domain.wishes import Wish

LANGUAGES = ("en", "es")
TOKEN = "a" * 32
OF_THE_VISIT = {"link": f"https://book.example.com/a/{TOKEN}"}
BOOKED = (Purpose.BOOKED_SMS, Purpose.BOOKED_EMAIL)
ASKED = ("asked_to_move", "asked_to_cancel")
TOLD = (*(str(cause) for cause in Cause if cause is not Cause.STANDS), *ASKED)
"""Why a client needs a new time, as they hear it."""
ZONE = "Pacific/Honolulu"
LOST = datetime(2027, 3, 2, 0, 0, tzinfo=UTC)
OFFERED = [LOST + timedelta(hours=hours) for hours in (24, 43, 74.5)]
WISH = Wish(LOST + timedelta(hours=22), LOST + timedelta(hours=28), timedelta(hours=1))


@dataclass(frozen=True)
class Sample:
    """`name` is what an operator changes; `cause` is empty where it makes no difference."""

    name: str
    cause: str
    channel: str
    language: str
    subject: str
    text: str
    encoding: str = ""
    segments: int = 0


def fields(language: str) -> dict[str, str]:
    """A client, a visit and an offer that are nobody's."""
    shown = [wording.short(start, ZONE, language) for start in OFFERED]
    return {
        "business": "Windward Dental",
        "phone": "+1 808 555 0100",
        "name": "Leilani",
        "comma_name": " Leilani",
        "service": "Cleaning" if language == "en" else "Limpieza",
        "old": wording.short(LOST, ZONE, language),
        "place": "45-1048 Example Road",
        "when": shown[0],
        "choices": texts.choices(list(enumerate(shown, start=1))),
        "link": f"https://book.example.com/o/{TOKEN}",
        "wish": wishes.label(WISH, ZONE, language),
    }


def samples(changed: Mapping[str, str]) -> Iterator[Sample]:
    """With the operator's `changed` texts where there are any."""
    for language in LANGUAGES:
        for purpose in Purpose:
            if purpose in (Purpose.ANSWER_SMS, Purpose.ANSWER_EMAIL):
                for answer in Answer:
                    yield _sample(purpose, "", language, changed, answer)
            else:
                yield from _by_cause(purpose, language, changed)


def _by_cause(purpose: Purpose, language: str, changed: Mapping[str, str]) -> Iterator[Sample]:
    found = {cause: _sample(purpose, cause, language, changed) for cause in TOLD}
    if len({one.text for one in found.values()}) == 1:
        yield _sample(purpose, "", language, changed)
    else:
        yield from found.values()


def _sample(
    purpose: Purpose,
    cause: str,
    language: str,
    changed: Mapping[str, str],
    answer: Answer | None = None,
) -> Sample:
    said = fields(language) | (OF_THE_VISIT if purpose in BOOKED else {})
    written = texts.write(purpose, said, changed, cause=cause, answer=answer, language=language)
    mail = purpose.endswith("_email")
    cost = segments(written.text)
    name = f"answer.{answer}" if answer else str(purpose)
    return Sample(
        name=name if language == "en" else f"{language}.{name}",
        cause=cause,
        channel="email" if mail else "sms",
        language=language,
        subject=written.subject,
        text=written.text,
        encoding="" if mail else cost.encoding,
        segments=0 if mail else cost.count,
    )
