"""Google's incremental lists: pages, tokens that expire, and what is never skipped."""

import json
from datetime import timedelta
from typing import Any

import pytest

from connectors.errors import NotFound, VendorFault
from rebook.domain import clock
from tests.connectors import specs
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

STUDIO, MELE = "studio@example.com", "mele@example.com"
SLUG = "google_calendar"


def event(name: str, days: int = 3, **over: Any) -> dict[str, Any]:
    start = clock.now().replace(microsecond=0) + timedelta(days=days)
    times = {
        "start": {"dateTime": start.isoformat()},
        "end": {"dateTime": (start + timedelta(minutes=45)).isoformat()},
    }
    return {"id": name, "etag": '"1"', "status": "confirmed", **times, **over}


class Account:
    """Calendars that answer by sync token and page token; a token not in `tokens` has expired."""

    def __init__(self, vendor: Vendor) -> None:
        self.pages: dict[tuple[str, str, str], dict[str, Any]] = {}
        vendor.answer = self.answer
        self.vendor = vendor

    def page(
        self,
        *items: dict[str, Any],
        sync: str = "",
        page: str = "",
        calendar: str = STUDIO,
        **then: str,
    ) -> None:
        zone = {"timeZone": "Pacific/Honolulu"}
        self.pages[calendar, sync, page] = {**zone, "items": list(items), **then}

    def answer(self, request: Received) -> Reply:
        assert specs.faults(SLUG, request) == []
        calendar = request.path.split("/")[-2]
        sync, page = (request.query.get(name, [""])[0] for name in ("syncToken", "pageToken"))
        found = self.pages.get((calendar, sync, page))
        error = {"errors": [{"domain": "calendar", "reason": "fullSyncRequired"}], "code": 410}
        return Reply(200, found) if found else Reply(410, {"error": error})

    def poll(self, cursor: str | None, **settings: str) -> tuple[list[str], list[str], str]:
        pages = list(build(SLUG, self.vendor, **settings).poll_changes(cursor))
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
        found = [a.id.rpartition("/")[2] for page in pages for a in page.appointments]
        return found, [one for page in pages for one in page.gone], pages[-1].cursor


@pytest.fixture
def account(vendor: Vendor) -> Account:
    made = Account(vendor)
    made.page(event("a"), event("b"), nextPageToken="p2")
    made.page(event("c"), page="p2", nextSyncToken="s1")
    made.page(event("b", status="cancelled"), sync="s1", nextSyncToken="s2")
    made.page(sync="s2", nextSyncToken="s2")
    return made


def test_the_first_poll_reads_every_page_and_the_next_only_what_changed(account: Account) -> None:
    found, _gone, cursor = account.poll(None)
    assert found == ["a", "b", "c"]
    found, _gone, cursor = account.poll(cursor)
    assert found == ["b"]
    assert account.poll(cursor)[0] == []


def test_every_request_repeats_the_parameters_of_the_first(account: Account) -> None:
    _found, _gone, cursor = account.poll(None)
    account.poll(cursor)
    kept = [
        {k: v for k, v in r.query.items() if k not in ("syncToken", "pageToken")}
        for r in account.vendor.received
    ]
    assert kept == [kept[0]] * 3
    assert kept[0]["singleEvents"] == ["true"]
    assert kept[0]["showDeleted"] == ["true"]


def test_an_expired_token_means_reading_everything_in_the_same_poll(account: Account) -> None:
    _found, _gone, cursor = account.poll(None)
    del account.pages[STUDIO, "s1", ""]
    found, _gone, cursor = account.poll(cursor)
    assert found == ["a", "b", "c"]
    assert json.loads(cursor) == {STUDIO: {"sync": "s1"}}


def test_an_interrupted_poll_goes_on_at_the_page_that_was_stored(account: Account) -> None:
    first = next(build(SLUG, account.vendor).poll_changes(None))
    assert account.poll(first.cursor)[0] == ["c"]


def test_a_page_token_that_expired_means_reading_everything(account: Account) -> None:
    cursor = json.dumps({STUDIO: {"page": "p-old"}})
    assert account.poll(cursor)[0] == ["a", "b", "c"]


@pytest.mark.parametrize("cursor", ["", "not json", "[]", '"x"', '{"studio@example.com": 3}'])
def test_a_cursor_that_cannot_be_read_means_reading_everything(
    account: Account, cursor: str
) -> None:
    assert account.poll(cursor)[0] == ["a", "b", "c"]


def test_a_calendar_that_is_not_there_is_an_error_and_no_endless_search(vendor: Vendor) -> None:
    vendor.answer = lambda _request: Reply(404, {})
    with pytest.raises(NotFound):
        list(build(SLUG, vendor).poll_changes(json.dumps({STUDIO: {"sync": "s1"}})))
    assert len(vendor.received) == 2


def test_each_calendar_has_a_token_of_its_own(account: Account) -> None:
    account.page(event("z"), calendar=MELE, nextSyncToken="m1")
    found, _gone, cursor = account.poll(None, calendars=f"{STUDIO},{MELE}")
    assert found == ["a", "b", "c", "z"]
    assert json.loads(cursor) == {STUDIO: {"sync": "s1"}, MELE: {"sync": "m1"}}


def test_a_deleted_event_of_which_only_the_id_is_left_is_told_as_gone(account: Account) -> None:
    account.page({"id": "a", "status": "cancelled"}, sync="s1", nextSyncToken="s2")
    _found, _gone, cursor = account.poll(None)
    found, gone, _cursor = account.poll(cursor)
    assert (found, gone) == ([], [f"{STUDIO}/a"])


def test_deleted_events_are_told_as_gone_after_an_expired_token_but_not_at_the_very_first(
    account: Account,
) -> None:
    account.page(event("c"), {"id": "a", "status": "cancelled"}, page="p2", nextSyncToken="s1")
    assert account.poll(None)[1] == []
    assert account.poll(json.dumps({STUDIO: {"sync": "expired"}}))[1] == [f"{STUDIO}/a"]


def test_what_is_no_timed_event_of_type_default_is_no_appointment(vendor: Vendor) -> None:
    account = Account(vendor)
    all_day: dict[str, Any] = {"start": {"date": "2030-03-12"}, "end": {"date": "2030-03-13"}}
    others = [event(kind, eventType=kind) for kind in ("focusTime", "outOfOffice", "birthday")]
    account.page(event("a"), event("day", **all_day), *others, nextSyncToken="s1")
    assert account.poll(None)[0] == ["a"]


def test_a_full_list_leaves_out_the_far_past_and_an_incremental_one_does_not(
    vendor: Vendor,
) -> None:
    account = Account(vendor)
    account.page(event("a"), event("old", days=-40), nextSyncToken="s1")
    account.page(event("old", days=-40), sync="s1", nextSyncToken="s2")
    found, _gone, cursor = account.poll(None)
    assert found == ["a"]
    assert account.poll(cursor)[0] == ["old"]


def test_an_event_without_a_zone_has_its_calendars(account: Account) -> None:
    page = next(build(SLUG, account.vendor).poll_changes(None))
    assert {a.zone for a in page.appointments} == {"Pacific/Honolulu"}


def test_a_last_page_without_a_token_is_the_vendors_fault_and_not_an_end(vendor: Vendor) -> None:
    Account(vendor).page(event("a"))
    with pytest.raises(VendorFault):
        list(build(SLUG, vendor).poll_changes(None))
