"""ServiceTitan's export feed, against a tenant in memory that forgets nothing."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.contract import Page
from connectors.errors import TooMany
from rebook.domain import clock
from rebook.domain.appointments import Status
from tests.connectors import specs
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

SLUG = "servicetitan"


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Tenant:
    """The feed in pages of three; the rest as little as the connector reads of it."""

    def __init__(self, vendor: Vendor) -> None:
        self.feed: list[dict[str, Any]] = []
        self.quiet: list[dict[str, Any]] = []
        self.reasons: dict[int, int] = {}
        self.vendor = vendor
        self.fails_at = 0
        vendor.answer = self.answer

    def visit(self, number: int, *, hours: float = 72, quiet: bool = False, **over: Any) -> None:
        """A quiet one was last touched before the feed begins: it is in the list alone."""
        start = clock.now() + timedelta(hours=hours)
        row = {
            "id": number,
            "jobId": number + 1000,
            "customerId": number + 2000,
            "start": stamp(start),
            "end": stamp(start + timedelta(hours=1)),
            "status": "Scheduled",
            "modifiedOn": stamp(clock.now()),
            "active": True,
        }
        (self.quiet if quiet else self.feed).append({**row, **over})

    def answer(self, request: Received) -> Reply:
        assert specs.faults(SLUG, request) == []
        if len(self.vendor.received) == self.fails_at:
            return Reply(429, {}, {"Retry-After": "2"})
        what = request.path.partition("/404/")[2]
        query = {name: values[0] for name, values in request.query.items()}
        match what.split("/"):
            case ["export", "appointments"]:
                return self._export(query["from"])
            case ["appointments"]:
                return _page(self.quiet if "modifiedBefore" in query else self.feed)
            case ["jobs"]:
                return _page([_job(int(number)) for number in query["ids"].split(",")])
            case ["jobs", number, "canceled-log"]:
                return _page([_log(self.reasons.get(int(number), 31))])
            case ["job-cancel-reasons"]:
                return _page([{"id": 31, "name": "Weather"}, {"id": 32, "name": "No Show"}])
            case ["job-types"]:
                return _page([{"id": 9101, "name": "Haircut"}])
            case ["customers", _number, "contacts"]:
                return _page([])
            case ["customers", number]:
                return Reply(200, {"id": int(number), "name": "Ana Kealoha"})
        return Reply(404)

    def _export(self, token: str) -> Reply:
        if token == "forgotten":
            return Reply(400, {"title": "The token is not known."})
        at = int(token.removeprefix("at-")) if token.startswith("at-") else 0
        rows = self.feed[at : at + 3]
        more = at + 3 < len(self.feed)
        token = f"at-{at + len(rows)}"
        return Reply(200, {"hasMore": more, "continueFrom": token, "data": rows})

    def pages(self, cursor: str | None = None, **settings: str) -> list[Page]:
        pages = list(build(SLUG, self.vendor, **settings).poll_changes(cursor))
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
        return pages

    def asked(self, what: str) -> list[Received]:
        return [one for one in self.vendor.received if one.path.endswith(what)]


def _page(rows: list[dict[str, Any]]) -> Reply:
    return Reply(200, {"page": 1, "pageSize": 200, "hasMore": False, "data": rows})


def _job(number: int) -> dict[str, Any]:
    return {"id": number, "jobTypeId": 9101, "businessUnitId": 8101}


def _log(reason: int) -> dict[str, Any]:
    return {"createdOn": stamp(clock.now()), "reasonId": reason, "active": True}


def ids(pages: list[Page]) -> list[str]:
    return [one.id for page in pages for one in page.appointments]


@pytest.fixture
def tenant(vendor: Vendor) -> Tenant:
    made = Tenant(vendor)
    for number in range(1, 8):
        made.visit(number)
    return made


def test_the_feed_is_read_to_its_end_and_the_next_poll_goes_on_from_there(tenant: Tenant) -> None:
    tenant.visit(9, quiet=True)
    pages = tenant.pages(days_back="10")
    assert ids(pages) == ["1009/9", *(f"{n + 1000}/{n}" for n in range(1, 8))]
    listed = tenant.asked("/404/appointments")[0].query["startsOnOrAfter"][0]
    first = tenant.asked("export/appointments")[0].query
    assert listed[:10] == (clock.now() - timedelta(days=10)).date().isoformat()
    assert first["from"] == [(clock.now() - timedelta(days=1)).date().isoformat()]
    assert first["includeRecentChanges"] == ["true"]
    tenant.visit(8, status="Canceled")
    again = tenant.pages(pages[-1].cursor)
    assert [(a.id, a.status) for page in again for a in page.appointments] == [
        ("1008/8", Status.CANCELLED)
    ]


def test_a_poll_that_was_stopped_half_way_repeats_a_page_and_misses_nothing(tenant: Tenant) -> None:
    tenant.fails_at = 15
    seen: list[Page] = []
    with pytest.raises(TooMany):
        seen.extend(build(SLUG, tenant.vendor).poll_changes(None))
    assert [one for one in tenant.asked("export/appointments") if one.query["from"] == ["at-3"]]
    tenant.fails_at = 0
    rest = tenant.pages(seen[-1].cursor)
    assert set(ids(seen)) | set(ids(rest)) == {f"{n + 1000}/{n}" for n in range(1, 8)}


def test_what_is_lost_is_no_news_to_a_first_reading(vendor: Vendor) -> None:
    tenant = Tenant(vendor)
    tenant.visit(1, quiet=True, status="Canceled")
    tenant.visit(2, quiet=True)
    assert ids(tenant.pages()) == ["1002/2"]


def test_a_token_that_is_no_longer_taken_means_reading_from_the_first_day(tenant: Tenant) -> None:
    assert len(ids(tenant.pages(json.dumps({"from": "forgotten"})))) == 7


@pytest.mark.parametrize("cursor", ["", "nonsense", "[]", "{}", "3"])
def test_a_cursor_that_cannot_be_read_is_none(tenant: Tenant, cursor: str) -> None:
    assert len(ids(tenant.pages(cursor))) == 7


def test_a_deleted_visit_is_gone_and_an_old_one_is_left_out(vendor: Vendor) -> None:
    tenant = Tenant(vendor)
    tenant.visit(1, active=False)
    tenant.visit(2, hours=-24 * 40)
    tenant.visit(3)
    pages = tenant.pages()
    assert [one for page in pages for one in page.gone] == ["1001/1"]
    assert ids(pages) == ["1003/3"]


def test_what_is_on_hold_is_the_offices_unless_it_is_said_to_be_lost(vendor: Vendor) -> None:
    tenant = Tenant(vendor)
    tenant.visit(1, status="Hold")
    tenant.visit(2, status="Hold")
    assert ids(tenant.pages()) == []
    told = [a.status for page in tenant.pages(hold_means="noshow") for a in page.appointments]
    assert told == [Status.NOSHOW, Status.NOSHOW]


def test_a_status_of_next_year_is_left_out_and_stops_nothing(vendor: Vendor) -> None:
    tenant = Tenant(vendor)
    tenant.visit(1, status="Teleported")
    tenant.visit(2)
    assert ids(tenant.pages()) == ["1002/2"]


def test_a_reason_decides_between_cancelled_and_missed(vendor: Vendor) -> None:
    tenant = Tenant(vendor)
    tenant.visit(1, status="Canceled")
    tenant.visit(2, status="Canceled")
    tenant.reasons[1002] = 32
    told = [a.status for page in tenant.pages() for a in page.appointments]
    assert told == [Status.CANCELLED, Status.NOSHOW]
    assert len(tenant.asked("job-cancel-reasons")) == 1


def test_a_visit_whose_time_passed_is_missed_only_where_the_office_says_so(vendor: Vendor) -> None:
    tenant = Tenant(vendor)
    tenant.visit(1, hours=-3)
    tenant.visit(2, hours=-3, status="Working")
    tenant.visit(3, hours=-3, arrivalWindowEnd=stamp(clock.now() + timedelta(hours=1)))
    end = tenant.pages()[-1].cursor
    assert ids(tenant.pages(end)) == []
    told = [(a.id, a.status) for p in tenant.pages(end, missed_after="60") for a in p.appointments]
    assert told == [("1001/1", Status.NOSHOW)]
    assert ids(tenant.pages(end, missed_after="180")) == []


def test_jobs_are_read_together_and_not_one_by_one(tenant: Tenant) -> None:
    tenant.pages()
    assert [len(r.query["ids"][0].split(",")) for r in tenant.asked("/jobs")] == [3, 3, 1]


def test_a_feed_that_stands_still_is_left_until_the_next_poll(vendor: Vendor) -> None:
    stuck = {"hasMore": True, "continueFrom": "at-0", "data": []}
    vendor.answer = lambda _request: Reply(200, {**stuck, "page": 1})
    pages = list(build(SLUG, vendor).poll_changes(json.dumps({"from": "at-0"})))
    assert [page.last for page in pages] == [False, True]
    assert len(vendor.received) == 1
