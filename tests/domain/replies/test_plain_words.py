"""What clients write to an offer of three times, and what we make of it: a fixed expectation for each."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebook.domain.replies import Asked, Meaning, Offered, Understood, interpret

NOW = datetime.fromisoformat("2026-11-19T10:00:00-10:00")
STARTS = ("2026-11-23T09:00:00-10:00", "2026-11-24T15:30:00-10:00", "2026-11-25T13:00:00-10:00")
SLOTS = tuple(Offered(n, datetime.fromisoformat(start), 60) for n, start in enumerate(STARTS, 1))
THREE = Asked(NOW, "Pacific/Honolulu", SLOTS, "sms", "en")


def read(text: str, slots: tuple[Offered, ...] = SLOTS) -> Understood:
    return interpret(text, Asked(NOW, "Pacific/Honolulu", slots))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2", 2), (" 2. ", 2), ("2!", 2), ("#3", 3), ("2️⃣", 2), ("two", 2),
        ("The second one please", 2), ("third one", 3), ("1st", 1), ("first one", 1),
        ("option 3, thanks", 3), ("ok 3", 3), ("yes, number two", 2), ("I'll take 2", 2),
        ("I choose 1", 1), ("I would like the 2nd", 2), ("2 2", 2), ("la segunda por favor", 2),
        ("2 works for me", 2), ("I’ll take 1, thank you", 1), ("not 1, 2 is good", 2),
        ("not friday, monday is fine", 1), ("at 9", 1), ("3:30", 2), ("1pm", 3), ("wed", 3),
    ],
)  # fmt: skip
def test_what_picks_exactly_one_offered_time_accepts_it(text: str, code: int) -> None:
    found = read(text)
    assert (found.meaning, found.code) == (Meaning.ACCEPT, code)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "👍", "yes", "ok", "0", "12", "-", "-1", "not 2", "no 2", "don't want 2", "won",
        "I can't do 1", "neither 1 nor 2", "2 or 3", "1 2", "1,2,3", "1/2", "$2", "2%",
        "none of them, 1 is bad", "yes but not Tuesday", "2?", "is 2 still free?", "2-2", "1👎",
        "2 ❌", "2 people", "anything but 3", "who is this", "the end", "first two work", "²",
        "I quit smoking", "there are 2 of us", "apt 2", "in 2 minutes", "give me a second",
        "I had 2 root canals", "maybe 2", "2 if my wife agrees", "wait, not 2",
        'Liked "Windward Dental: New times: 1 = Tue. Reply STOP to opt out."',
        "Loved “Reply STOP to opt out.”", "👍 to “Reply STOP to opt out. 2”",
        "Reagierte mit 👍 auf “Reply 1 or 2. STOP to opt out”",
    ],
)  # fmt: skip
def test_what_is_not_plain_books_nothing_and_silences_nobody(text: str) -> None:
    assert read(text).meaning not in (Meaning.ACCEPT, Meaning.OPT_OUT)


@pytest.mark.parametrize(
    "text",
    [
        "STOP", "stop", " Stop. ", "STOP!!", "stop all", "StopAll", "unsubscribe", "CANCEL", "end",
        "quit", "opt out", "OPT-OUT", "revoke", "STOP please", "please stop", "stop now",
        "STOP STOP", "ok stop", "Stop texting me", "please don't text me", "dont contact me again",
        "do not message me", "leave me alone", "remove me from your list", "take me off",
        "no more texts", "no más mensajes", "2 but please stop texting me", "Don’t text me",
        "2\n\nSTOP", "Tuesday. And stop texting me.", "no me manden más mensajes",
    ],
)  # fmt: skip
def test_every_way_to_ask_for_silence_is_heard(text: str) -> None:
    assert read(text).meaning is Meaning.OPT_OUT


@pytest.mark.parametrize(
    "text", ["don't stop by", "please don't stop by", "Stop by at 3?", "is there a bus stop?"]
)
def test_the_word_stop_within_another_meaning_silences_nobody(text: str) -> None:
    assert read(text).meaning is not Meaning.OPT_OUT


@pytest.mark.parametrize("text", ["1", "one", "the first"])
def test_a_number_that_was_not_offered_is_no_choice(text: str) -> None:
    assert read(text, ()).meaning is Meaning.UNCLEAR


@given(st.text(max_size=200))
def test_nothing_anyone_writes_makes_it_fail_or_choose_what_was_not_offered(text: str) -> None:
    found = interpret(text, THREE)
    assert (found.meaning is Meaning.ACCEPT) == (found.code in (1, 2, 3))


@given(st.sampled_from(["not", "no", "don't want", "can't do", "never", "neither"]),
       st.sampled_from(["1", "2", "the third one", "monday", "at 9"]))  # fmt: skip
def test_a_negation_never_accepts(negation: str, choice: str) -> None:
    assert interpret(f"{negation} {choice}", THREE).meaning is not Meaning.ACCEPT
    assert interpret(f"{choice} {negation}", THREE).meaning is not Meaning.ACCEPT
