"""The one clock and the file that moves it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rebook.domain import clock


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "clock.json"
    monkeypatch.setenv("REBOOK_CLOCK_FILE", str(path))
    return path


def put(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(path)


def moved_by() -> timedelta:
    return clock.now() - datetime.now(UTC)


def test_without_a_file_it_is_the_clock_on_the_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REBOOK_CLOCK_FILE", raising=False)
    assert clock.offset_seconds() == 0
    assert clock.now().tzinfo is UTC


def test_a_file_that_is_not_there_yet_moves_nothing(file: Path) -> None:
    assert clock.offset_seconds() == 0


def test_the_offset_moves_the_clock_and_each_new_one_is_seen_at_once(file: Path) -> None:
    for hours in (0, 1, 24, 96, -3, 2, 3, 4, 5):
        put(file, json.dumps({"offset_seconds": hours * 3600}))
        assert abs(moved_by() - timedelta(hours=hours)) < timedelta(seconds=5)


@pytest.mark.parametrize("broken", ["", "{", "[]", "{}", '{"offset_seconds": null}', '"x"'])
def test_a_file_that_cannot_be_read_leaves_the_last_offset_in_force(
    file: Path, broken: str
) -> None:
    put(file, '{"offset_seconds": 7200}')
    assert clock.offset_seconds() == 7200
    put(file, broken)
    assert clock.offset_seconds() == 7200
