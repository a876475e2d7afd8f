"""Zendesk's incremental export: pages, cursors, deleted tickets, and what holds no appointment."""

import json
from datetime import timedelta
from typing import Any

import pytest

from connectors.errors import Refused, VendorFault
from rebook.domain import clock
from tests.connectors import specs
from tests.connectors.replay import load
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

SLUG = "zendesk"
RECORDED = load(SLUG, "fetch")[0]["response"]["body"]


def ticket(number: int, *, at: str = "2030-03-12T10:00-10:00", **over: Any) -> dict[str, Any]:
    status = over.pop("value", "appt_booked")
    fields = [{"id": 9001, "value": status}, {"id": 9002, "value": at}]
    return {**RECORDED["ticket"], "id": number, "custom_fields": fields, **over}


class Export:
    """Answers by cursor; one that is not among the pages is no longer taken."""

    def __init__(self, vendor: Vendor) -> None:
        self.pages: dict[str, dict[str, Any]] = {}
        self.vendor = vendor
        vendor.answer = self.answer

    def page(self, at: str, *tickets: dict[str, Any], after: str | None, last: bool) -> None:
        more = {"after_cursor": after, "end_of_stream": last}
        self.pages[at] = {"tickets": list(tickets), "users": RECORDED["users"], **more}

    def answer(self, request: Received) -> Reply:
        assert specs.faults(SLUG, request) == []
        found = self.pages.get(request.query.get("cursor", [""])[0])
        return Reply(200, found) if found else Reply(400, {"error": "InvalidCursor"})

    def poll(self, cursor: str | None = None, **settings: str) -> tuple[list[str], list[str], str]:
        pages = list(build(SLUG, self.vendor, **settings).poll_changes(cursor))
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
        found = [one.id for page in pages for one in page.appointments]
        return found, [one for page in pages for one in page.gone], pages[-1].cursor


@pytest.fixture
def export(vendor: Vendor) -> Export:
    made = Export(vendor)
    made.page("", ticket(1), ticket(2), after="c1", last=False)
    made.page("c1", ticket(3), after="c2", last=True)
    made.page("c2", after="c2", last=True)
    return made


def test_the_export_is_read_to_its_end_and_then_from_there(export: Export) -> None:
    found, _gone, cursor = export.poll()
    assert found == ["1", "2", "3"]
    assert export.poll(cursor) == ([], [], cursor)
    assert [sorted(r.query) for r in export.vendor.received] == [
        ["include", "start_time"],
        ["cursor", "include"],
        ["cursor", "include"],
    ]


def test_the_first_reading_goes_as_far_back_as_it_is_told(export: Export) -> None:
    export.poll(days_back="3")
    asked = int(export.vendor.received[0].query["start_time"][0])
    assert abs(asked - (clock.now() - timedelta(days=3)).timestamp()) < 60


def test_an_interrupted_reading_goes_on_at_the_page_that_was_stored(export: Export) -> None:
    first = next(build(SLUG, export.vendor).poll_changes(None))
    assert export.poll(first.cursor)[0] == ["3"]


@pytest.mark.parametrize("cursor", ["", "not json", "[]", '"x"', '{"cursor": "of-last-year"}'])
def test_a_cursor_that_serves_no_longer_means_reading_again(export: Export, cursor: str) -> None:
    assert export.poll(cursor)[0] == ["1", "2", "3"]


def test_each_ticket_has_its_requester(export: Export) -> None:
    page = next(build(SLUG, export.vendor).poll_changes(None))
    assert {one.person.email for one in page.appointments} == {"ana@example.com"}


def test_what_holds_no_readable_appointment_is_left_out(export: Export) -> None:
    others = [ticket(4, at=""), ticket(5, value=None), ticket(6, at="2030-03-12"), ticket(7)]
    export.page("", *others, after="c1", last=True)
    assert export.poll()[0] == ["7"]


def test_a_deleted_ticket_is_gone_unless_it_held_no_appointment(export: Export) -> None:
    deleted = [ticket(4, status="deleted"), ticket(5, status="deleted", value=None)]
    export.page("", *deleted, after="c1", last=True)
    assert export.poll()[:2] == ([], ["4"])


def test_an_export_that_stops_in_the_middle_is_the_vendors_fault(export: Export) -> None:
    export.page("", ticket(1), after=None, last=False)
    with pytest.raises(VendorFault):
        export.poll()


def test_a_refusal_without_a_cursor_is_told_and_not_tried_for_ever(vendor: Vendor) -> None:
    Export(vendor)
    with pytest.raises(Refused):
        list(build(SLUG, vendor).poll_changes(json.dumps({"cursor": "c1"})))
    assert len(vendor.received) == 2
