"""Times as people write them in cells, both ways."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.google_sheets.cells import moment, same, text, written

ZONE = "America/New_York"
NOON = datetime(2030, 7, 1, 16, 0, tzinfo=UTC)
WAYS: list[tuple[Any, Any, str]] = [
    (47665.5, None, ""),
    (47665, 0.5, ""),
    ("2030-07-01T12:00:00-04:00", None, ""),
    ("2030-07-01T16:00:00Z", None, ""),
    ("07/01/2030 12:00", None, "%m/%d/%Y %H:%M"),
    ("01.07.2030", "12:00", "%d.%m.%Y %H:%M"),
]


@pytest.mark.parametrize(("day", "hour", "date_format"), WAYS)
def test_a_time_is_read_and_written_in_the_way_it_stands_there(
    day: Any, hour: Any, date_format: str
) -> None:
    assert moment(day, hour, ZONE, date_format) == NOON
    later = NOON.replace(day=9, hour=19, minute=30)
    cells = written(later, (day, hour), ZONE, date_format)
    assert moment(*cells, ZONE, date_format) == later
    assert type(cells[0]) in (type(day), float)


@pytest.mark.parametrize("day", ["2030-07-01T12:00", "soon", "07/01/2030 12:00", True])
def test_a_time_that_could_mean_two_things_is_not_guessed(day: Any) -> None:
    with pytest.raises(ValueError):
        moment(day, None, ZONE, "")


def test_an_hour_in_words_beside_a_date_cell_is_not_guessed() -> None:
    with pytest.raises(ValueError):
        moment(47665, "noon", ZONE, "")


@given(st.integers(0, 60 * 24 * 364))
def test_a_date_cell_keeps_every_minute_outside_the_hour_that_comes_twice(minute: int) -> None:
    start = datetime(2030, 1, 1, tzinfo=UTC).timestamp() + minute * 60
    when = datetime.fromtimestamp(start, UTC)
    back = moment(*written(when, (1.5, None), "Pacific/Honolulu", ""), "Pacific/Honolulu", "")
    assert back == when


def test_cells_are_read_as_staff_read_them() -> None:
    assert [text(v) for v in (8085550123.0, 12, " x ", None, True, 1.5)] == [
        "8085550123", "12", "x", "", "TRUE", "1.5",
    ]  # fmt: skip
    assert same(47665.5, 47665.50000001)
    assert not same(47665.5, 47665.51)
    assert same("", None)
