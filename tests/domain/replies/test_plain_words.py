"""What clients write and what we make of it: a fixed expectation for each wording."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebook.domain.replies import Meaning, understand

OFFERED = (1, 2, 3)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2", 2), (" 2. ", 2), ("2!", 2), ("#3", 3), ("2️⃣", 2), ("+1", 1), ("two", 2),
        ("The second one please", 2), ("third one", 3), ("1st", 1), ("first one", 1),
        ("option 3, thanks", 3), ("ok 3", 3), ("yes, number two", 2), ("I'll take 2", 2),
        ("I choose 1", 1), ("I would like the 2nd", 2), ("2 2", 2), ("la segunda por favor", 2),
        ("2 works for me", 2), ("I’ll take 1, thank you", 1),
    ],
)  # fmt: skip
def test_what_picks_exactly_one_offered_time_accepts_it(text: str, code: int) -> None:
    found = understand(text, OFFERED)
    assert (found.meaning, found.code) == (Meaning.ACCEPT, code)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "👍", "yes", "ok", "4", "0", "12", "-", "not 2", "no 2", "don't want 2",
        "I can't do 1", "neither 1 nor 2", "2 or 3", "1 2", "none of them, 1 is bad",
        "yes but not Tuesday", "2?", "is 2 still free?", "Stop by at 3?", "at 2", "2pm",
        "2:00", "2/2", "2-2", "1👎", "2 ❌", "2 people", "anything but 3", "tomorrow 9",
        "who is this", "cancel my appointment", "please cancel", "the end", "first two work",
        'Liked "Windward Dental: New times: 1 = Tue. Reply STOP to opt out."',
        "Loved “Reply STOP to opt out.”", "👍 to “Reply STOP to opt out. 2”", "²",
        "end of the week is better", "I quit smoking",
    ],
)  # fmt: skip
def test_what_is_not_plain_goes_to_a_person_and_books_nothing(text: str) -> None:
    assert understand(text, OFFERED).meaning is Meaning.UNCLEAR


@pytest.mark.parametrize(
    "text",
    [
        "STOP", "stop", " Stop. ", "STOP!!", "stop all", "StopAll", "unsubscribe", "CANCEL", "end",
        "quit", "opt out", "OPT-OUT", "revoke", "STOP please", "please stop", "stop now",
        "STOP STOP", "ok stop", "Stop texting me", "please don't text me", "dont contact me again",
        "do not message me", "leave me alone", "remove me from your list", "take me off",
        "no more texts", "no más mensajes", "2 but please stop texting me", "Don’t text me",
    ],
)  # fmt: skip
def test_every_way_to_ask_for_silence_is_heard(text: str) -> None:
    assert understand(text, OFFERED).meaning is Meaning.OPT_OUT


@pytest.mark.parametrize("text", ["1", "one", "the first"])
def test_a_number_that_was_not_offered_is_no_choice(text: str) -> None:
    assert understand(text, (2, 3)).meaning is Meaning.UNCLEAR
    assert understand(text, ()).meaning is Meaning.UNCLEAR


@given(st.text(max_size=200))
def test_nothing_anyone_writes_makes_it_fail_or_choose_what_was_not_offered(text: str) -> None:
    found = understand(text, OFFERED)
    assert (found.meaning is Meaning.ACCEPT) == (found.code in OFFERED)


@given(st.sampled_from(["not", "no", "don't want", "can't do", "never", "neither"]),
       st.sampled_from(["1", "2", "the third one"]))  # fmt: skip
def test_a_negation_never_accepts(negation: str, choice: str) -> None:
    assert understand(f"{negation} {choice}", OFFERED).meaning is not Meaning.ACCEPT
    assert understand(f"{choice} {negation}", OFFERED).meaning is not Meaning.ACCEPT
