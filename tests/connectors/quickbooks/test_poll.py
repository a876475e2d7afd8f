"""What changed in QuickBooks: change data, the query where that ends, and what is gone."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.quickbooks import lists
from rebook.domain import clock
from rebook.domain.appointments import Status
from tests.connectors import specs
from tests.connectors.replay import load
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

SLUG = "quickbooks"
INVOICE = load(SLUG, "fetch")[0]["response"]["body"]["Invoice"]
CUSTOMER = load(SLUG, "fetch")[1]["response"]["body"]["Customer"]
ASKED = re.compile(
    r"SELECT \* FROM Invoice WHERE MetaData\.LastUpdatedTime > '([^']+)' "
    r"ORDERBY MetaData\.LastUpdatedTime STARTPOSITION (\d+) MAXRESULTS 100"
)
NAMED = re.compile(
    r"SELECT \* FROM Customer WHERE Id IN \(([^)]*)\) AND Active IN \(true, false\) "
    r"STARTPOSITION 1 MAXRESULTS 100"
)


class Company:
    """Invoices by number, each with the seconds since an hour ago at which it changed last."""

    def __init__(self, vendor: Vendor, seconds: list[int]) -> None:
        self.start = clock.now().replace(microsecond=0) - timedelta(hours=1)
        self.changed = dict(enumerate(seconds, 1))
        self.over: dict[int, dict[str, Any]] = {}
        self.deleted: list[int] = []
        self.vendor = vendor
        vendor.answer = self.answer

    def answer(self, request: Received) -> Reply:
        assert specs.faults(SLUG, request) == []
        now = {"time": clock.now().isoformat()}
        if request.path.endswith("/cdc"):
            return Reply(200, {"CDCResponse": [{"QueryResponse": [self._told(request)]}], **now})
        return Reply(200, {"QueryResponse": self._queried(request.query["query"][0]), **now})

    def _told(self, request: Received) -> dict[str, Any]:
        assert request.query["entities"] == ["Invoice"]
        since = datetime.fromisoformat(request.query["changedSince"][0])
        stubs = [{"domain": "QBO", "status": "Deleted", "Id": str(n)} for n in self.deleted]
        rows = [*(self.row(n) for n in self._since(since)), *stubs][:1000]
        return {"Invoice": rows} if rows else {}

    def _queried(self, asked: str) -> dict[str, Any]:
        if named := NAMED.fullmatch(asked):
            assert named[1] == "'58'"
            return {"Customer": [CUSTOMER]}
        found = ASKED.fullmatch(asked)
        assert found, asked
        first = int(found[2]) - 1
        numbers = self._since(datetime.fromisoformat(found[1]), strictly=True)[first : first + 100]
        return {"Invoice": [self.row(n) for n in numbers]} if numbers else {}

    def _since(self, since: datetime, *, strictly: bool = False) -> list[int]:
        found = [
            n for n in self.changed if self.at(n) > since or (not strictly and self.at(n) == since)
        ]
        return sorted(found, key=lambda n: (self.changed[n], n))

    def at(self, number: int) -> datetime:
        return self.start + timedelta(seconds=self.changed[number])

    def row(self, number: int) -> dict[str, Any]:
        times = {"MetaData": {"LastUpdatedTime": self.at(number).isoformat()}}
        return {**INVOICE, "Id": str(number), **times, **self.over.get(number, {})}

    def poll(self, cursor: str | None = None) -> tuple[set[int], list[str], str]:
        pages = list(build(SLUG, self.vendor).poll_changes(cursor))
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
        found = {int(one.id) for page in pages for one in page.appointments}
        return found, [one for page in pages for one in page.gone], pages[-1].cursor

    def paths(self) -> list[str]:
        return [request.path.rpartition("/")[2] for request in self.vendor.received]


def ago(**span: int) -> str:
    return json.dumps({"since": (clock.now() - timedelta(**span)).isoformat()})


def test_the_first_reading_is_a_query_and_later_ones_are_change_data(vendor: Vendor) -> None:
    company = Company(vendor, [n * 5 for n in range(250)])
    found, _gone, cursor = company.poll()
    assert found == set(range(1, 251))
    assert set(company.paths()) == {"query"}
    company.vendor.received.clear()
    company.changed[7] = 3599
    assert company.poll(cursor)[0] == {7}
    assert company.paths() == ["cdc", "query"]


def test_people_are_asked_for_once_a_page_and_none_where_nothing_changed(vendor: Vendor) -> None:
    company = Company(vendor, [])
    cursor = company.poll(ago(minutes=20))[2]
    assert company.paths() == ["cdc"]
    company.changed = {1: 3590, 2: 3591}
    [page] = build(SLUG, vendor).poll_changes(cursor)
    assert {one.person.email for one in page.appointments} == {"ana@example.com"}
    assert company.paths() == ["cdc", "cdc", "query"]


def test_change_data_that_ends_at_a_thousand_is_followed_by_the_query(vendor: Vendor) -> None:
    company = Company(vendor, [n * 2 for n in range(1100)])
    assert company.poll(ago(hours=2))[0] == set(range(1, 1101))
    assert company.paths()[:2] == ["cdc", "query"]


def test_a_mark_older_than_change_data_reaches_is_read_by_the_query(vendor: Vendor) -> None:
    company = Company(vendor, [1, 2])
    assert company.poll(ago(days=31))[0] == {1, 2}
    assert company.paths()[0] == "query"


def test_an_invoice_that_changes_while_pages_are_read_pushes_none_out(vendor: Vendor) -> None:
    company = Company(vendor, [n * 5 for n in range(250)])
    pages = build(SLUG, vendor).poll_changes(None)
    found = {one.id for one in next(pages).appointments}
    company.changed |= {n: 2000 + n for n in range(1, 51)}
    found |= {one.id for page in pages for one in page.appointments}
    assert found == {str(n) for n in range(1, 251)}


def test_hundreds_that_changed_in_one_second_are_all_read(vendor: Vendor) -> None:
    company = Company(vendor, [5] * 230 + [50] * 20)
    assert company.poll()[0] == set(range(1, 251))


def test_an_interrupted_reading_goes_on_from_the_page_that_was_stored(vendor: Vendor) -> None:
    company = Company(vendor, [n * 5 for n in range(250)])
    first = next(build(SLUG, vendor).poll_changes(None))
    rest = company.poll(first.cursor)[0]
    assert rest | {int(one.id) for one in first.appointments} == set(range(1, 251))


@pytest.mark.parametrize("cursor", ["", "not json", "[]", '"x"', '{"since": "2030"}', '{"at": 3}'])
def test_a_cursor_that_cannot_be_read_means_reading_again(vendor: Vendor, cursor: str) -> None:
    company = Company(vendor, [1])
    assert company.poll(cursor)[0] == {1}
    asked = ASKED.fullmatch(vendor.received[0].query["query"][0])
    assert asked
    since = datetime.fromisoformat(asked[1])
    assert abs(clock.now() - timedelta(days=30) - since) < timedelta(minutes=1)


def test_deleted_invoices_and_voids_that_lost_their_time_are_gone(vendor: Vendor) -> None:
    company = Company(vendor, [1, 2, 3])
    bare: dict[str, Any] = {"CustomField": []}
    company.over = {1: bare, 2: {**bare, "PrivateNote": "Voided", "TotalAmt": 0}}
    company.deleted = [9]
    found, gone, _cursor = company.poll(ago(hours=2))
    assert (found, gone) == ({3}, ["9", "2"])
    assert company.poll()[1] == [], "at the very first reading nobody knew them"


def test_a_void_keeps_its_time_and_is_lost(vendor: Vendor) -> None:
    company = Company(vendor, [1])
    company.over = {1: {"PrivateNote": "Voided", "TotalAmt": 0}}
    [page] = build(SLUG, vendor).poll_changes(ago(hours=2))
    assert [one.status for one in page.appointments] == [Status.CANCELLED]
    assert page.gone == []


def test_a_reading_overlaps_the_one_before(vendor: Vendor) -> None:
    company = Company(vendor, [])
    company.poll(ago(minutes=10))
    since = datetime.fromisoformat(vendor.received[0].query["changedSince"][0])
    assert abs(clock.now() - timedelta(minutes=10) - lists.OVERLAP - since) < timedelta(minutes=1)
