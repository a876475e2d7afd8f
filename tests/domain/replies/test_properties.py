"""What holds for every reply, whoever writes it."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebook.domain.replies import Asked, Meaning, Offered, interpret
from tests.domain.replies import score

CARRIER_WORDS = ("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout")
"""Twilio's default keywords for long codes (checked 2026-11)."""
ZONES = ("Pacific/Honolulu", "America/New_York", "Europe/Madrid", "Australia/Lord_Howe", "UTC")
SAID = [row for name in score.OPEN for row in score.replies(name) if row.channel == "sms"]
WORDS = sorted({word for row in SAID for word in row.text.split()})

starts = st.datetimes(datetime(2026, 11, 1), datetime(2027, 12, 31), timezones=st.timezones())  # noqa: DTZ001  # hypothesis adds the zone
slots = st.lists(st.builds(Offered, st.integers(1, 9), starts, st.integers(5, 240)),
                 max_size=6, unique_by=lambda slot: slot.code)  # fmt: skip
questions = st.builds(
    Asked, now=starts, zone=st.sampled_from(ZONES), offered=slots.map(tuple),
    channel=st.sampled_from(["sms", "email"]), language=st.sampled_from(["en", "es", "mix"]),
    missed=st.none() | starts,
)  # fmt: skip
texts = st.text(max_size=300) | st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)


@given(texts, questions)
def test_it_never_fails_and_accepts_only_what_was_offered(text: str, asked: Asked) -> None:
    found = interpret(text, asked)
    assert found.meaning in set(Meaning)
    assert 0 <= found.confidence <= 1
    offered = {slot.code for slot in asked.offered}
    assert (found.code in offered) == (found.meaning is Meaning.ACCEPT)


@given(texts, questions)
def test_only_a_wish_has_a_window_and_a_window_has_an_end(text: str, asked: Asked) -> None:
    found = interpret(text, asked)
    if found.window is not None:
        assert found.meaning is Meaning.PREFER
        assert found.window.start < found.window.end
        assert found.window.start.utcoffset() is not None


@given(st.sampled_from(CARRIER_WORDS), st.sampled_from(["", ".", "!", "!!", " ", "\n", " ."]),
       questions)  # fmt: skip
def test_a_carriers_word_alone_always_ends_the_messages(word: str, tail: str, asked: Asked) -> None:
    for said in (word, word.upper(), word.title(), f"  {word}"):
        assert interpret(said + tail, asked).meaning is Meaning.OPT_OUT


@given(st.sampled_from(SAID), st.sampled_from([str.upper, str.lower, str.title, str.swapcase]),
       st.sampled_from(["", " ", "  \n", ".", "!", " !!"]))  # fmt: skip
def test_case_space_and_closing_marks_change_nothing(
    row: score.Labelled, change: object, tail: str
) -> None:
    assert callable(change)
    plain = interpret(row.text, score.asked(row))
    changed = interpret(f"  {change(row.text)}{tail}", score.asked(row))
    assert (changed.meaning, changed.code, changed.window) == (
        plain.meaning, plain.code, plain.window,
    )  # fmt: skip


@pytest.mark.parametrize(
    "text", ["1 " * 5_000, "a" * 50_000, "monday or " * 3_000, "\x00" * 9, "("]
)
def test_what_is_long_or_strange_is_read_at_once(text: str) -> None:
    asked = score.asked(SAID[0])
    assert interpret(text, asked).meaning in set(Meaning)
