"""Salesforce's poll, against an org in memory that answers the queries the connector sends."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.contract import Page
from connectors.errors import TooMany
from connectors.parsing import instant
from rebook.domain import clock
from rebook.domain.appointments import Status
from tests.connectors import specs
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

SLUG = "salesforce"
LATER = re.compile(r"SystemModstamp (>=?) (\S+?)(?: OR .* Id > '(\w+)'\)\))? ORDER")


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


class Org:
    """Events by when they were touched; answers come two hundred at a time, in pages of `paged`."""

    def __init__(self, vendor: Vendor, paged: int = 2000) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.vendor = vendor
        self.paged = paged
        self.fails_at = 0
        self._more: list[dict[str, Any]] = []
        self.asked: list[str] = []
        vendor.answer = self.answer

    def event(self, number: int, *, touched: datetime, **over: Any) -> None:
        start = clock.now() + timedelta(days=3)
        one = f"00U{number:012}AAA"
        self.rows[one] = {
            "Id": one,
            "Subject": "Haircut",
            "StartDateTime": stamp(start),
            "EndDateTime": stamp(start + timedelta(hours=1)),
            "OwnerId": "005000000000001AAA",
            "IsDeleted": False,
            "LastModifiedDate": stamp(touched),
            "SystemModstamp": stamp(touched),
            **over,
        }

    def answer(self, request: Received) -> Reply:
        assert specs.faults(SLUG, request) == []
        self.asked.append(request.query.get("q", [request.path])[0])
        if len(self.asked) == self.fails_at:
            return Reply(403, [{"message": "", "errorCode": "REQUEST_LIMIT_EXCEEDED"}])
        if "q" in request.query:
            assert "/queryAll/" in request.path
            self._more = self._found(request.query["q"][0])
        some, self._more = self._more[: self.paged], self._more[self.paged :]
        told: dict[str, Any] = {"totalSize": len(some), "done": not self._more, "records": some}
        if self._more:
            told["nextRecordsUrl"] = "/services/data/v59.0/query/01g000000000001-2000"
        return Reply(200, told)

    def _found(self, soql: str) -> list[dict[str, Any]]:
        asked = LATER.search(soql)
        assert asked, soql
        at, after = instant(asked[2]), asked[3] or ""
        rows = sorted(self.rows.values(), key=_place)
        return [row for row in rows if _place(row) > (at, after)][:200]

    def pages(self, cursor: str | None = None) -> list[Page]:
        pages = list(build(SLUG, self.vendor).poll_changes(cursor))
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
        return pages


def _place(row: dict[str, Any]) -> tuple[datetime, str]:
    return instant(row["SystemModstamp"]), str(row["Id"])


def ids(pages: list[Page]) -> list[int]:
    return [int(one.id[3:15]) for page in pages for one in page.appointments]


@pytest.fixture
def past() -> datetime:
    return (clock.now() - timedelta(hours=10)).replace(microsecond=0)


@pytest.mark.parametrize("paged", [2000, 30])
def test_many_that_were_touched_in_one_second_are_all_read_once(
    vendor: Vendor, past: datetime, paged: int
) -> None:
    org = Org(vendor, paged)
    for number in range(1, 451):
        org.event(number, touched=past)
    assert ids(org.pages()) == list(range(1, 451))


def test_the_next_poll_brings_what_was_touched_since_and_the_last_minutes_again(
    vendor: Vendor, past: datetime
) -> None:
    org = Org(vendor)
    org.event(1, touched=past)
    org.event(2, touched=past + timedelta(hours=1))
    end = org.pages()[-1].cursor
    org.event(1, touched=past + timedelta(hours=2), Appointment_Status__c="Missed")
    org.event(3, touched=past + timedelta(minutes=57))
    again = org.pages(end)
    assert ids(again) == [3, 2, 1]
    assert again[0].appointments[-1].status is Status.NOSHOW
    assert again[-1].cursor != end


def test_nothing_new_leaves_the_cursor_where_it_is_not_further(
    vendor: Vendor, past: datetime
) -> None:
    org = Org(vendor)
    org.event(1, touched=past)
    end = org.pages()[-1].cursor
    assert org.pages(end)[-1].cursor == end


def test_a_poll_that_was_stopped_half_way_misses_nothing(vendor: Vendor, past: datetime) -> None:
    org = Org(vendor)
    for number in range(1, 451):
        org.event(number, touched=past + timedelta(minutes=number))
    org.fails_at = 2
    seen: list[Page] = []
    with pytest.raises(TooMany):
        seen.extend(build(SLUG, vendor).poll_changes(None))
    assert len(ids(seen)) == 200
    rest = org.pages(seen[-1].cursor)
    assert set(ids(seen)) | set(ids(rest)) == set(range(1, 451))
    assert len(ids(rest)) < 260


def test_a_deleted_event_is_cancelled(vendor: Vendor, past: datetime) -> None:
    org = Org(vendor)
    org.event(1, touched=past, IsDeleted=True)
    [page] = org.pages()
    assert [one.status for one in page.appointments] == [Status.CANCELLED]


def test_days_invitees_and_series_are_not_asked_for_and_old_ones_neither(
    vendor: Vendor, past: datetime
) -> None:
    org = Org(vendor)
    org.pages()
    oldest = (clock.now() - timedelta(days=30)).strftime("%Y-%m-%d")
    for words in (
        "IsChild = false",
        "IsAllDayEvent = false",
        "IsRecurrence = false",
        f"StartDateTime >= {oldest}T",
    ):
        assert words in org.asked[0]


@pytest.mark.parametrize("cursor", ["", "nonsense", "[]", "{}", "3", '{"at": "yesterday"}'])
def test_a_cursor_that_cannot_be_read_is_none(vendor: Vendor, past: datetime, cursor: str) -> None:
    org = Org(vendor)
    org.event(1, touched=past)
    assert ids(org.pages(cursor)) == [1]
