"""Which free times meet a wish, and how the wish is said back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebook.domain.appointments import Slot
from rebook.domain.wishes import Wish, best, label

HOUR = timedelta(hours=1)
HONOLULU, MADRID = "Pacific/Honolulu", "Europe/Madrid"
MIDNIGHT = datetime(2027, 3, 4, 10, tzinfo=UTC)
"""Of a Thursday in Honolulu."""


def wish(start: float, end: float, length: timedelta = HOUR) -> Wish:
    return Wish(MIDNIGHT + start * HOUR, MIDNIGHT + end * HOUR, length)


def slots(*hours: float) -> list[Slot]:
    return [Slot(MIDNIGHT + hour * HOUR, MIDNIGHT + (hour + 1) * HOUR) for hour in hours]


def begun(found: list[Slot]) -> list[float]:
    return [(slot.starts_at - MIDNIGHT) / HOUR for slot in found]


@pytest.mark.parametrize(
    ("wanted", "free", "found"),
    [
        (wish(12, 18), (9, 12, 17, 18, 36), [12, 17]),
        (wish(12, 18), (9, 17.5, 19), [17.5]),
        (wish(12, 18), (17, 17.5), [17]),
        (wish(14, 15), (13.5, 14, 14.5), [14]),
        (wish(14, 14.5), (13.5, 14, 14.5), [14]),
        (wish(14, 15), (9, 13.5, 15), [13.5, 15, 9]),
        (wish(24, 48), (10, 50, 90), [50, 10, 90]),
        (wish(12, 18), (), []),
    ],
    ids=str,
)
def test_what_meets_a_wish_is_found_and_else_what_is_nearest(
    wanted: Wish, free: tuple[float, ...], found: list[float]
) -> None:
    assert begun(best(slots(*free), wanted, most=9)) == found


def test_no_more_of_the_nearest_than_asked_for() -> None:
    assert begun(best(slots(1, 2, 3, 4), wish(12, 18), most=2)) == [4, 3]


@given(st.lists(st.floats(0, 200), max_size=20), st.floats(0, 150), st.floats(0.25, 50))
def test_times_that_meet_a_wish_are_never_mixed_with_others(
    free: list[float], start: float, long: float
) -> None:
    wanted = wish(start, start + long)
    found = best(slots(*free), wanted, most=3)
    assert len({wanted.met_by(slot.starts_at) for slot in found}) <= 1
    if any(wanted.met_by(slot.starts_at) for slot in slots(*free)):
        assert all(wanted.met_by(slot.starts_at) for slot in found)


@pytest.mark.parametrize(
    ("wanted", "english", "spanish"),
    [
        (wish(0, 24), "Thu 4 Mar", "el jue 4 mar"),
        (wish(6, 12), "Thu 4 Mar in the morning", "el jue 4 mar por la mañana"),
        (wish(12, 18), "Thu 4 Mar in the afternoon", "el jue 4 mar por la tarde"),
        (wish(18, 24), "Thu 4 Mar in the evening", "el jue 4 mar por la noche"),
        (wish(14, 15), "Thu 4 Mar, 2:00 pm", "el jue 4 mar a las 14:00"),
        (wish(15, 24), "Thu 4 Mar from 3:00 pm", "el jue 4 mar desde las 15:00"),
        (wish(0, 11), "Thu 4 Mar before 11:00 am", "el jue 4 mar antes de las 11:00"),
        (wish(13, 16), "Thu 4 Mar, 1:00 pm to 4:00 pm", "el jue 4 mar entre las 13:00 y las 16:00"),
        (wish(48, 72), "Sat 6 Mar", "el sáb 6 mar"),
        (wish(24, 96), "Fri 5 Mar to Sun 7 Mar", "los días del vie 5 mar al dom 7 mar"),
    ],
    ids=str,
)
def test_a_wish_is_said_back_as_it_was_understood(wanted: Wish, english: str, spanish: str) -> None:
    assert (label(wanted, HONOLULU, "en"), label(wanted, HONOLULU, "es")) == (english, spanish)


def test_an_afternoon_in_spain_lasts_until_eight() -> None:
    start = datetime(2027, 3, 4, 11, tzinfo=UTC)
    wanted = Wish(start, start + 8 * HOUR, HOUR)
    assert label(wanted, MADRID, "es") == "el jue 4 mar por la tarde"


def test_a_day_on_which_the_clocks_change_is_a_day() -> None:
    start = datetime(2027, 3, 14, 5, tzinfo=UTC)
    assert label(Wish(start, start + 23 * HOUR, HOUR), "America/New_York", "en") == "Sun 14 Mar"


def test_an_unknown_language_is_english() -> None:
    assert label(wish(0, 24), HONOLULU, "fr") == "Thu 4 Mar"
