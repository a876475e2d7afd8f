"""What a text costs, by the tables of the networks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebook.domain.segments import BASIC, EXTENSION, segments

GSM = st.text(st.sampled_from(sorted(BASIC | EXTENSION)), max_size=700)


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("a" * 152 + "€" + "b" * 153, "GSM-7", 307, 3),
        ("mañana a las 5", "GSM-7", 14, 1),
        ("miércoles a las tres de la tarde, sí", "UCS-2", 36, 1),
        ("’" * 70, "UCS-2", 70, 1),
        ("’" * 71, "UCS-2", 71, 2),
        ("😀" * 35, "UCS-2", 70, 1),
        ("😀" * 67, "UCS-2", 134, 3),
    ],
)
def test_a_text_is_cut_as_networks_cut_it(text: str, encoding: str, units: int, count: int) -> None:
    found = segments(text)
    assert (found.encoding, found.units, found.count) == (encoding, units, count)


@given(GSM)
def test_parts_hold_no_more_than_they_can_and_no_fewer_are_used(text: str) -> None:
    found = segments(text)
    assert found.encoding == "GSM-7"
    assert found.units <= (160 if found.count == 1 else 153 * found.count)
    assert found.count == 1 or found.units > 152 * (found.count - 1)


@given(GSM, st.sampled_from("áíúç–…'’😀"))
def test_one_letter_beyond_the_alphabet_costs_the_whole_text(text: str, letter: str) -> None:
    cheap, dear = segments(text), segments(text + letter)
    assert dear.count >= cheap.count
    assert (dear.encoding == "UCS-2") == (letter not in BASIC)
