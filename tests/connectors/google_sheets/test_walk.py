"""Polling a tab: what changed, what is gone, and what is never skipped, however staff rearrange it."""

import json
from typing import Any

import pytest

from connectors.errors import Refused
from connectors.google_sheets import walk
from rebook.domain import clock
from tests.connectors import specs
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

SLUG = "google_sheets"
HEADER = ["appointment_id", "starts_at", "status"]


def row(name: str, status: str = "booked", days: int = 3) -> list[Any]:
    now = clock.now().timestamp()
    return [name, now / 86_400 + 25_569 + days, status]


class Sheet:
    """A tab that answers readings of rows; `rows` may be changed between two polls, or within one."""

    def __init__(self, vendor: Vendor, *rows: list[Any]) -> None:
        self.rows = list(rows)
        self.header = list(HEADER)
        self.vendor = vendor
        vendor.answer = self.answer

    def answer(self, request: Received) -> Reply:
        assert specs.faults(SLUG, request) == []
        if request.path.endswith("/values:batchGet"):
            spans = [one.rpartition("!")[2].split(":") for one in request.query["ranges"]]
            parts = [self.span(int(first), int(last)) for first, last in spans]
            return Reply(200, {"spreadsheetId": "sheet1", "valueRanges": parts})
        if "/values/" in request.path:
            return Reply(200, self.span(1, len(self.rows) + 1))
        grid = {"title": "Appointments", "gridProperties": {"rowCount": len(self.rows) + 1}}
        about = {"title": "Harbour Studio", "timeZone": "Etc/UTC"}
        return Reply(200, {"properties": about, "sheets": [{"properties": grid}]})

    def span(self, first: int, last: int) -> dict[str, Any]:
        """Google leaves `values` out where nothing stands."""
        found = [self.header, *self.rows][first - 1 : last]
        told = {"range": f"Appointments!A{first}:C{last}", "majorDimension": "ROWS"}
        return {**told, "values": found} if any(found) else told

    def poll(self, cursor: str | None, **settings: str) -> tuple[list[str], list[str], str]:
        pages = list(build(SLUG, self.vendor, **settings).poll_changes(cursor))
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
        found = [f"{a.id} {a.status}" for page in pages for a in page.appointments]
        return found, [one for page in pages for one in page.gone], pages[-1].cursor


@pytest.fixture
def sheet(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> Sheet:
    monkeypatch.setattr(walk, "SPAN", 2)
    return Sheet(vendor, row("a"), row("b", "missed"), row("c"), row("d"), row("e"))


def test_the_first_poll_tells_every_row_and_the_next_only_what_changed(sheet: Sheet) -> None:
    found, gone, cursor = sheet.poll(None)
    assert found == ["a booked", "b noshow", "c booked", "d booked", "e booked"]
    sheet.rows[3] = row("d", "cancelled")
    found, gone, cursor = sheet.poll(cursor)
    assert (found, gone) == (["d cancelled"], [])
    assert sheet.poll(cursor)[:2] == ([], [])


def test_rows_that_are_sorted_or_get_a_row_put_between_are_the_same_rows(sheet: Sheet) -> None:
    _found, _gone, cursor = sheet.poll(None)
    sheet.rows = [row("f"), *reversed(sheet.rows)]
    found, gone, cursor = sheet.poll(cursor)
    assert (found, gone) == (["f booked"], [])


def test_a_column_that_is_put_between_while_a_poll_runs_mixes_nothing_up(sheet: Sheet) -> None:
    connector = build(SLUG, sheet.vendor)
    pages = connector.poll_changes(None)
    first = next(pages)
    sheet.header = ["appointment_id", "new", "starts_at", "status"]
    sheet.rows = [[name, "x", *rest] for name, *rest in sheet.rows]
    told = [a for page in [first, *pages] for a in page.appointments]
    assert [a.id for a in told] == ["a", "b", "c", "d", "e"]
    assert {a.status for a in told[2:]} == {"booked"}


def test_a_deleted_row_is_gone_and_one_that_was_only_sorted_away_is_not(sheet: Sheet) -> None:
    _found, _gone, cursor = sheet.poll(None)
    del sheet.rows[1]
    assert sheet.poll(cursor)[:2] == ([], ["b"])
    pages = build(SLUG, sheet.vendor).poll_changes(cursor)
    sheet.rows[0] = row("a", "cancelled")
    first = next(pages)
    assert [a.id for a in first.appointments] == ["a"]
    sheet.rows.insert(0, sheet.rows.pop(2))
    told = list(pages)
    assert [gone for page in told for gone in page.gone] == ["b"]


def test_a_sheet_that_was_emptied_loses_nobody(sheet: Sheet) -> None:
    _found, _gone, cursor = sheet.poll(None)
    sheet.rows = [[]]
    with pytest.raises(Refused) as caught:
        sheet.poll(cursor, most_gone="4")
    assert caught.value.code == "many_rows_gone"
    assert sheet.poll(cursor, most_gone="5")[1] == ["a", "b", "c", "d", "e"]


def test_a_poll_that_was_cut_short_goes_on_where_it_was(sheet: Sheet) -> None:
    pages = build(SLUG, sheet.vendor).poll_changes(None)
    cursor = [next(pages), next(pages)][-1].cursor
    asked = len(sheet.vendor.received)
    found, gone, cursor = sheet.poll(cursor)
    assert (found, gone) == (["e booked"], [])
    spans = [r.query["ranges"][1] for r in sheet.vendor.received[asked:] if "ranges" in r.query]
    assert spans == ["'Appointments'!6:6"]
    assert sheet.poll(cursor)[:2] == ([], [])


def test_what_cannot_be_read_hides_no_other_row(sheet: Sheet) -> None:
    sheet.rows[0] = ["a", "soon", "cancelled"]
    sheet.rows[1] = ["", "", "a heading"]
    sheet.rows[2] = ["c"]
    assert sheet.poll(None)[0] == ["d booked", "e booked"]


def test_what_ended_long_ago_is_neither_told_nor_remembered(sheet: Sheet) -> None:
    sheet.rows = [row("old", "cancelled", days=-40), row("new")]
    found, _gone, cursor = sheet.poll(None)
    assert found == ["new booked"]
    assert list(json.loads(cursor)["seen"]) == ["new"]


@pytest.mark.parametrize("cursor", ["", "x", "[]", '{"seen": 3}', '{"seen": {}, "next": "x"}'])
def test_a_cursor_that_cannot_be_read_means_reading_everything(sheet: Sheet, cursor: str) -> None:
    assert len(sheet.poll(cursor)[0]) == 5


def test_the_cursor_holds_no_person(sheet: Sheet) -> None:
    sheet.header += ["client", "email"]
    sheet.rows = [[*one, "Ana Kealoha", "ana@example.com"] for one in sheet.rows]
    cursor = sheet.poll(None)[2]
    assert [word for word in ("Ana", "Kealoha", "@") if word in cursor] == []
