"""Every text a client may get, as it would read and what it costs: by cause, channel and language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rebook.domain import texts
from rebook.domain.cases import Cause
from rebook.domain.segments import segments
from rebook.domain.texts import Purpose

LANGUAGES = ("en",)
SAMPLE: dict[str, str] = {
    "business": "Windward Dental",
    "phone": "+1 808 555 0100",
    "name": "Leilani",
    "greeting": "Hi Leilani, ",
    "comma_name": " Leilani",
    "service": "Cleaning",
    "old": "Mon 1 Mar, 2:00 pm",
    "place": "45-1048 Example Road",
    "when": "Tue 2 Mar, 2:00 pm",
    "choices": texts.choices(
        [(1, "Tue 2 Mar, 2:00 pm"), (2, "Wed 3 Mar, 9:00 am"), (3, "Thu 4 Mar, 4:30 pm")]
    ),
    "link": "https://book.example.com/o/" + "a" * 32,
}
TOLD = [cause for cause in Cause if cause is not Cause.STANDS]
"""Why a visit may have been lost, as a client hears it."""


@dataclass(frozen=True)
class Sample:
    """`cause` is empty for a text that is the same whatever happened."""

    name: str
    cause: str
    channel: str
    language: str
    subject: str
    text: str
    encoding: str = ""
    segments: int = 0


def samples(changed: Mapping[str, str], fields: Mapping[str, str] = SAMPLE) -> Iterator[Sample]:
    """With the operator's `changed` texts where there are any."""
    for language in LANGUAGES:
        for purpose in Purpose:
            yield from _of(purpose, language, changed, fields)


def _of(
    purpose: Purpose, language: str, changed: Mapping[str, str], fields: Mapping[str, str]
) -> Iterator[Sample]:
    found = {cause: _sample(purpose, cause, language, changed, fields) for cause in map(str, TOLD)}
    if len({one.text for one in found.values()}) == 1:
        yield _sample(purpose, "", language, changed, fields)
    else:
        yield from found.values()


def _sample(
    purpose: Purpose,
    cause: str,
    language: str,
    changed: Mapping[str, str],
    fields: Mapping[str, str],
) -> Sample:
    written = texts.write(purpose, fields, changed, cause=cause)
    mail = purpose.endswith("_email")
    cost = segments(written.text)
    return Sample(
        name=purpose,
        cause=cause,
        channel="email" if mail else "sms",
        language=language,
        subject=written.subject,
        text=written.text,
        encoding="" if mail else cost.encoding,
        segments=0 if mail else cost.count,
    )
