"""What callers hear and what their words pick."""

from datetime import UTC, datetime

import pytest

from rebook.domain import call_choices, call_words
from rebook.domain.call_choices import LANGUAGE, MENU, YES_NO, pick

ZONE = "America/Denver"


@pytest.mark.parametrize(
    ("at", "english", "spanish"),
    [
        ((2026, 11, 24, 16, 0), "Tuesday, November 24 at 9 in the morning",
         "martes 24 de noviembre a las 9 de la mañana"),
        ((2026, 11, 24, 20, 30), "Tuesday, November 24 at 1:30 in the afternoon",
         "martes 24 de noviembre a la 1:30 de la tarde"),
        ((2026, 11, 25, 2, 5), "Tuesday, November 24 at 7:05 in the evening",
         "martes 24 de noviembre a las 7:05 de la noche"),
    ],
)  # fmt: skip
def test_times_are_put_into_words_that_are_spoken(
    at: tuple[int, int, int, int, int], english: str, spanish: str
) -> None:
    instant = datetime(*at, tzinfo=UTC)
    assert call_words.when(instant, ZONE, "en") == english
    assert call_words.when(instant, ZONE, "es") == spanish


@pytest.mark.parametrize(
    ("speech", "wanted"),
    [
        ("new times please", "1"),
        ("I need to reschedule", "1"),
        ("quiero otra hora", "1"),
        ("I'll keep it", "2"),
        ("I want to cancel", "3"),
        ("I no longer need it", "3"),
        ("ya no la necesito", "3"),
        ("can I speak to someone", "0"),
        ("una persona", "0"),
        ("one", "1"),
        ("dos", "2"),
        ("don't cancel, move it", ""),
        ("potato", ""),
        ("", ""),
    ],
)
def test_words_pick_one_choice_or_none(speech: str, wanted: str) -> None:
    assert pick("", speech, MENU) == wanted


def test_a_key_counts_before_words_and_only_where_it_is_a_choice() -> None:
    assert pick("2", "new times", MENU) == "2"
    assert pick("7", "new times", MENU) == ""
    assert pick("", "en Español", LANGUAGE) == "2"
    assert pick("", "sí, claro", YES_NO) == "1"
    assert pick("", "yes no", YES_NO) == ""


@pytest.mark.parametrize("speech", ["Leilani", "it's leilani kahale", "Leilany.", "LEILÁNI"])
def test_a_name_is_heard_in_other_spellings(speech: str) -> None:
    assert call_choices.is_named(speech, "Leilani")


@pytest.mark.parametrize("speech", ["", "Robert", "lei", "yes", "I"])
def test_another_name_is_not(speech: str) -> None:
    assert not call_choices.is_named(speech, "Leilani")


def test_both_languages_say_everything_with_the_same_gaps() -> None:
    for name, (english, spanish) in call_words.WORDS.items():
        if name != "language":
            assert _gaps(english) == _gaps(spanish), name


def _gaps(text: str) -> set[str]:
    return {part.partition("}")[0] for part in text.split("{")[1:]}
