"""Freshdesk's list by time of change: what shifts between pages is neither lost nor asked for for ever."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.errors import VendorFault
from connectors.freshdesk import lists
from rebook.domain import clock
from tests.connectors import specs
from tests.connectors.replay import load
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

SLUG = "freshdesk"
ROW = load(SLUG, "fetch")[0]["response"]["body"]
T0 = datetime(2030, 3, 1, 19, tzinfo=UTC)


class Desk:
    """Tickets with the second they changed in; lists them as Freshdesk does."""

    def __init__(self, vendor: Vendor, seconds: list[int]) -> None:
        self.changed = dict(enumerate(seconds, 1))
        self.over: dict[int, dict[str, Any]] = {}
        self.asked: list[Received] = []
        self.vendor = vendor
        vendor.answer = self.answer

    def answer(self, request: Received) -> Reply:
        assert specs.faults(SLUG, request) == []
        self.asked.append(request)
        since = datetime.fromisoformat(request.query["updated_since"][0])
        found = [n for n, second in self.changed.items() if self.at(second) >= since]
        found.sort(key=lambda n: (self.changed[n], n))
        first = (int(request.query["page"][0]) - 1) * 100
        return Reply(200, [self.row(n) for n in found[first : first + 100]])

    def at(self, second: int) -> datetime:
        return T0 + timedelta(seconds=second)

    def row(self, number: int) -> dict[str, Any]:
        at = self.at(self.changed[number]).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {**ROW, "id": number, "updated_at": at, **self.over.get(number, {})}

    def poll(self, cursor: str | None = None) -> tuple[set[int], list[str], str]:
        start = json.dumps({"since": T0.isoformat()}) if cursor is None else cursor
        pages = list(build(SLUG, self.vendor).poll_changes(start))
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
        found = {int(one.id) for page in pages for one in page.appointments}
        return found, [one for page in pages for one in page.gone], pages[-1].cursor


def test_every_page_is_read_and_then_only_what_is_new(vendor: Vendor) -> None:
    desk = Desk(vendor, [n * 10 for n in range(250)])
    found, _gone, cursor = desk.poll()
    assert found == set(range(1, 251))
    desk.changed[7] = 5000
    assert 7 in desk.poll(cursor)[0]
    assert len(desk.poll(cursor)[0]) < 20


def test_a_poll_that_finds_nothing_leaves_the_mark_where_it_was(vendor: Vendor) -> None:
    desk = Desk(vendor, [])
    cursor = desk.poll()[2]
    assert desk.poll(cursor)[2] == cursor == json.dumps({"since": "2030-03-01T19:00:00Z"})


def test_a_ticket_that_changes_while_pages_are_read_pushes_none_out(vendor: Vendor) -> None:
    desk = Desk(vendor, [n * 10 for n in range(250)])
    pages = build(SLUG, vendor).poll_changes(json.dumps({"since": T0.isoformat()}))
    found = {one.id for one in next(pages).appointments}
    desk.changed |= {n: 9000 + n for n in range(1, 51)}
    found |= {one.id for page in pages for one in page.appointments}
    assert found == {str(n) for n in range(1, 251)}


def test_hundreds_that_changed_in_one_second_are_read_by_page_number(vendor: Vendor) -> None:
    desk = Desk(vendor, [5] * 230 + [50] * 20)
    assert desk.poll()[0] == set(range(1, 251))
    assert {r.query["page"][0] for r in desk.asked} == {"1", "2", "3"}


def test_more_than_freshdesk_lists_of_one_second_is_told(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "LAST_PAGE", 2)
    with pytest.raises(VendorFault, match="one second"):
        Desk(vendor, [5] * 350).poll()


def test_an_interrupted_reading_goes_on_at_the_page_that_was_stored(vendor: Vendor) -> None:
    desk = Desk(vendor, [n * 10 for n in range(250)])
    start = json.dumps({"since": T0.isoformat()})
    first = next(build(SLUG, vendor).poll_changes(start))
    rest = desk.poll(first.cursor)[0]
    assert rest | {int(one.id) for one in first.appointments} == set(range(1, 251))
    assert len(rest) < 200


@pytest.mark.parametrize("cursor", ["", "not json", "[]", '"x"', '{"since": "2030"}', '{"at": 3}'])
def test_a_cursor_that_cannot_be_read_means_reading_again(vendor: Vendor, cursor: str) -> None:
    desk = Desk(vendor, [])
    desk.poll(cursor)
    since = datetime.fromisoformat(desk.asked[0].query["updated_since"][0])
    assert abs(clock.now() - timedelta(days=30) - since) < timedelta(minutes=3)


def test_what_is_no_appointment_is_left_out_and_what_is_deleted_is_gone(vendor: Vendor) -> None:
    desk = Desk(vendor, [1, 2, 3, 4])
    fields = ROW["custom_fields"]
    desk.over = {
        1: {"custom_fields": {**fields, "cf_reason": "refund"}},
        2: {"custom_fields": {**fields, "cf_appointment_time": "soon"}},
        3: {"deleted": True},
    }
    assert desk.poll()[:2] == ({4}, ["3"])
