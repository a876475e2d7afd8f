"""Graph's delta lists: pages, windows that move on, tokens that expire, and what is never skipped."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from connectors.errors import NotFound, VendorFault
from rebook.domain import clock
from tests.connectors import specs
from tests.connectors.outlook.kit import MAILBOX
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

SLUG, MELE = "outlook", "mele@example.com"
REMOVED = {"reason": "deleted"}


def event(name: str, days: int = 3, **over: Any) -> dict[str, Any]:
    start = clock.now().replace(microsecond=0, tzinfo=None) + timedelta(days=days)
    times = {
        "start": {"dateTime": f"{start.isoformat()}.0000000", "timeZone": "UTC"},
        "end": {
            "dateTime": f"{(start + timedelta(minutes=45)).isoformat()}.0000000",
            "timeZone": "UTC",
        },
    }
    made = {"id": name, "@odata.etag": '"1"', "type": "singleInstance", "subject": name}
    return {**made, **times, **over}


class Account:
    """Mailboxes that answer by token; the empty token opens a window, one not in `pages` has expired.

    What is in the `bin` still answers to its id.
    """

    def __init__(self, vendor: Vendor) -> None:
        self.pages: dict[tuple[str, str], dict[str, Any]] = {}
        self.events: dict[str, dict[str, Any]] = {}
        self.bin: set[str] = set()
        self.vendor = vendor
        vendor.answer = self.answer

    def page(self, *items: Any, at: str = "", mailbox: str = MAILBOX, **then: str) -> None:
        """`more` names the next page, `done` the token that will tell of changes."""
        name, token = next(iter(then.items()))
        kind = {"more": ("nextLink", "$skiptoken"), "done": ("deltaLink", "$deltatoken")}[name]
        link = f"{self.vendor.url}/v1.0/users/{mailbox}/calendarView/delta?{kind[1]}={token}"
        self.pages[mailbox, at] = {"value": list(items), f"@odata.{kind[0]}": link}

    def answer(self, request: Received) -> Reply:
        token = [v[0] for name, v in request.query.items() if name.endswith("token")]
        if not token:
            assert specs.faults(SLUG, request) == []
        if "/events/" in request.path:
            found = self.events.get(request.path.rsplit("/", 1)[1])
            return Reply(200, found) if found else Reply(404, {})
        if request.path.endswith("/calendarView"):
            return Reply(200, {"value": [{"id": name} for name in self.events.keys() - self.bin]})
        page = self.pages.get((request.path.split("/")[3], token[0] if token else ""))
        return Reply(200, page) if page else Reply(410, {"error": {"code": "SyncStateNotFound"}})

    def poll(self, cursor: str | None, **settings: str) -> tuple[list[str], list[str], str]:
        pages = list(build(SLUG, self.vendor, **settings).poll_changes(cursor))
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
        found = [a.id.rpartition("/")[2] for page in pages for a in page.appointments]
        return found, [one for page in pages for one in page.gone], pages[-1].cursor

    def asked(self) -> list[str]:
        """The token of each list that was asked for; `open` for a new window."""
        lists = [r.query for r in self.vendor.received if r.path.endswith("/delta")]
        return [next((v[0] for n, v in q.items() if "token" in n), "open") for q in lists]


@pytest.fixture
def account(vendor: Vendor) -> Account:
    made = Account(vendor)
    made.page(event("a"), event("b"), more="p2")
    made.page(event("c"), at="p2", done="d1")
    made.page(event("b", isCancelled=True), at="d1", done="d2")
    made.page(at="d2", done="d3")
    return made


def test_the_first_poll_reads_every_page_and_the_next_only_what_changed(account: Account) -> None:
    found, _gone, cursor = account.poll(None)
    assert found == ["a", "b", "c"]
    found, _gone, cursor = account.poll(cursor)
    assert found == ["b"]
    assert account.poll(cursor)[0] == []
    assert account.asked() == ["open", "p2", "d1", "d2"]


def test_the_window_is_asked_for_once_and_its_links_are_followed_as_they_are(
    account: Account,
) -> None:
    _found, _gone, cursor = account.poll(None, days_back="2", days_ahead="30")
    account.poll(cursor)
    first, *others = account.vendor.received
    assert set(first.query) == {"startDateTime", "endDateTime"}
    assert [set(one.query) for one in others] == [{"$skiptoken"}, {"$deltatoken"}]
    assert {one.headers["prefer"] for one in account.vendor.received} == {first.headers["prefer"]}
    assert 'IdType="ImmutableId"' in first.headers["prefer"]


def test_an_interrupted_poll_goes_on_at_the_page_that_was_stored(account: Account) -> None:
    first = next(build(SLUG, account.vendor).poll_changes(None))
    assert account.poll(first.cursor)[0] == ["c"]


def test_a_deleted_event_is_gone_and_one_that_left_the_window_is_read(account: Account) -> None:
    _found, _gone, cursor = account.poll(None)
    removed = [{"id": "a", "@removed": REMOVED}, {"id": "c", "@removed": REMOVED}]
    account.page(*removed, at="d1", done="d2")
    account.events["c"] = event("c", days=200)
    found, gone, _cursor = account.poll(cursor)
    assert (found, gone) == (["c"], [f"{MAILBOX}/a"])


def test_an_event_that_lies_in_deleted_items_is_gone_although_its_id_still_serves(
    account: Account,
) -> None:
    _found, _gone, cursor = account.poll(None)
    account.page({"id": "c", "@removed": REMOVED}, at="d1", done="d2")
    account.events["c"] = event("c")
    account.bin.add("c")
    found, gone, _cursor = account.poll(cursor)
    assert (found, gone) == ([], [f"{MAILBOX}/c"])


def test_an_expired_token_means_reading_everything_in_the_same_poll(account: Account) -> None:
    _found, _gone, cursor = account.poll(None)
    del account.pages[MAILBOX, "d1"]
    assert account.poll(cursor)[0] == ["a", "b", "c"]


def test_a_day_later_the_window_is_opened_anew_and_the_old_one_asked_a_last_time(
    account: Account,
) -> None:
    """What is removed while the new window is read is told by the old one alone."""
    _found, _gone, cursor = account.poll(None)
    account.page({"id": "c", "@removed": REMOVED}, at="d2", done="d9")
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1)):
        account.page(event("a"), event("z"), done="n1")
        found, gone, cursor = account.poll(cursor)
    assert (found, gone) == (["b", "a", "z"], [f"{MAILBOX}/c"])
    assert account.asked()[2:] == ["d1", "open", "d2"]
    mark = json.loads(cursor)[MAILBOX]
    assert mark["link"].endswith("n1")
    assert "old" not in mark


def test_a_poll_interrupted_while_the_window_is_opened_still_asks_the_old_one(
    account: Account,
) -> None:
    _found, _gone, cursor = account.poll(None)
    account.page({"id": "c", "@removed": REMOVED}, at="d2", done="d9")
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1)):
        account.page(event("a"), done="n1")
        account.page(at="n1", done="n2")
        pages = build(SLUG, account.vendor).poll_changes(cursor)
        cut = [next(pages), next(pages)][-1]
        found, gone, _cursor = account.poll(cut.cursor)
    assert (found, gone) == ([], [f"{MAILBOX}/c"])


@pytest.mark.parametrize(
    "cursor",
    ["", "not json", "[]", '"x"', f'{{"{MAILBOX}": 3}}', f'{{"{MAILBOX}": {{"link": "x"}}}}'],
)
def test_a_cursor_that_cannot_be_read_means_reading_everything(
    account: Account, cursor: str
) -> None:
    assert account.poll(cursor)[0] == ["a", "b", "c"]


def test_a_cursor_that_points_elsewhere_is_not_followed(account: Account) -> None:
    mark = {"link": "https://elsewhere.example.com/", "since": clock.now().isoformat()}
    assert account.poll(json.dumps({MAILBOX: mark}))[0] == ["a", "b", "c"]


def test_a_link_that_leads_away_is_the_vendors_fault_and_not_followed(account: Account) -> None:
    account.pages[MAILBOX, "p2"]["@odata.deltaLink"] = "https://elsewhere.example.com/"
    with pytest.raises(VendorFault):
        account.poll(None)


def test_a_mailbox_that_is_not_there_is_an_error_and_no_endless_search(vendor: Vendor) -> None:
    mark = {"link": f"{vendor.url}/v1.0/x?a=b", "since": clock.now().isoformat()}
    vendor.answer = lambda _request: Reply(404, {})
    with pytest.raises(NotFound):
        list(build(SLUG, vendor).poll_changes(json.dumps({MAILBOX: mark})))
    assert len(vendor.received) == 2


def test_each_mailbox_has_a_mark_of_its_own(account: Account) -> None:
    account.page(event("z"), mailbox=MELE, done="m1")
    found, _gone, cursor = account.poll(None, mailboxes=f"{MAILBOX},{MELE}")
    assert found == ["a", "b", "c", "z"]
    assert set(json.loads(cursor)) == {MAILBOX, MELE}


def test_series_drafts_and_whole_days_are_no_appointments(vendor: Vendor) -> None:
    account = Account(vendor)
    others = [
        event("s", type="seriesMaster"),
        event("d", isDraft=True),
        event("w", isAllDay=True),
    ]
    account.page(event("a"), *others, done="d1")
    assert account.poll(None)[0] == ["a"]


def test_occurrences_listed_by_their_times_alone_take_the_rest_from_their_series(
    vendor: Vendor,
) -> None:
    account = Account(vendor)
    account.events["s"] = event("s", type="seriesMaster", subject="Massage – Ana K.")
    bare = [event(f"o{n}", days=n, type="occurrence", seriesMasterId="s") for n in (1, 2)]
    for one in bare:
        del one["subject"], one["@odata.etag"]
    account.page(*bare, done="d1")
    page = next(build(SLUG, vendor).poll_changes(None))
    assert [(a.id, a.service, a.version) for a in page.appointments] == [
        (f"{MAILBOX}/o1", "Massage", ""),
        (f"{MAILBOX}/o2", "Massage", ""),
    ]
    assert len([r for r in vendor.received if "/events/" in r.path]) == 1


def test_a_last_page_without_a_link_is_the_vendors_fault_and_not_an_end(vendor: Vendor) -> None:
    account = Account(vendor)
    account.page(event("a"), done="d1")
    del account.pages[MAILBOX, ""]["@odata.deltaLink"]
    with pytest.raises(VendorFault):
        account.poll(None)
