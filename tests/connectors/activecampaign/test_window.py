"""Polling deals: the list knows days only, so what it repeats is told once and what fails is told again."""

import json
from datetime import timedelta
from typing import Any

import pytest

from connectors.errors import ConnectorError, TooMany, VendorFault
from rebook.domain import clock
from tests.connectors import specs
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

SLUG = "activecampaign"


class Account:
    """Deals in an account: `deals` are id, stage, date of change, start. `answers` go first, by path."""

    def __init__(self, vendor: Vendor) -> None:
        self.deals: list[dict[str, Any]] = []
        self.answers: dict[str, Reply] = {}
        self.vendor = vendor
        vendor.answer = self.answer

    def put(self, number: int, stage: str = "15", changed: str = "09:00", **over: Any) -> None:
        """A deal of today, in the place of the one of this number."""
        self.deals = [one for one in self.deals if one["id"] != str(number)]
        day = clock.now().date().isoformat()
        told = {"id": str(number), "stage": stage, "mdate": f"{day}T{changed}:00-10:00"}
        self.deals.append({**told, "group": "4", "title": "Haircut", "contact": "", **over})

    def answer(self, request: Received) -> Reply:
        path = request.path.removeprefix("/api/3/")
        assert specs.faults(SLUG, request) == []
        if path in self.answers:
            return self.answers.pop(path)
        if path == "dealStages":
            titles = {"15": "Booked", "16": "Missed", "17": "Cancelled"}
            rows = [{"id": one, "group": "4", "title": title} for one, title in titles.items()]
            return Reply(200, {"dealStages": rows})
        if path == "dealCustomFieldData":
            deal = request.query["filters[dealId]"][0]
            rows = [{"customFieldId": "7", "dealId": deal, "fieldValue": self.start(deal)}]
            return Reply(200, {path: rows})
        offset, limit = int(request.query["offset"][0]), int(request.query["limit"][0])
        return Reply(200, {"deals": self.deals[offset : offset + limit]})

    def start(self, number: str) -> str:
        deal = next(one for one in self.deals if one["id"] == number)
        return str(deal.get("start", "2030-03-12T10:00:00-10:00"))

    def poll(self, cursor: str | None) -> tuple[list[str], str]:
        pages = list(build(SLUG, self.vendor).poll_changes(cursor))
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
        found = [f"{a.id} {a.status}" for page in pages for a in page.appointments]
        return found, pages[-1].cursor

    def asked(self, path: str) -> int:
        return len([r for r in self.vendor.received if r.path == f"/api/3/{path}"])


@pytest.fixture
def account(vendor: Vendor) -> Account:
    made = Account(vendor)
    for number in range(1, 4):
        made.put(number)
    return made


def test_the_first_poll_reads_a_month_and_the_next_only_what_changed(account: Account) -> None:
    found, cursor = account.poll(None)
    assert found == ["1 booked", "2 booked", "3 booked"]
    first = account.vendor.received[0].query
    month = clock.now().date() - timedelta(days=30)
    assert first["filters[updated_after]"] == [month.isoformat()]
    assert (first["filters[group]"], first["orders[cdate]"]) == (["4"], ["ASC"])
    account.put(2, "16", "09:05")
    read = account.asked("dealCustomFieldData")
    found, cursor = account.poll(cursor)
    assert found == ["2 noshow"]
    assert account.asked("dealCustomFieldData") == read + 1
    assert account.poll(cursor)[0] == []


def test_the_last_two_days_are_listed_again(account: Account) -> None:
    cursor = account.poll(None)[1]
    since = clock.now().date() - timedelta(days=2)
    assert json.loads(cursor)["since"] == since.isoformat()


def test_a_list_is_read_to_its_end(account: Account) -> None:
    for number in range(1, 151):
        account.put(number)
    found, cursor = account.poll(None)
    assert len(found) == 150
    assert account.poll(cursor)[0] == []


def test_stages_are_asked_for_once_in_a_poll(account: Account) -> None:
    account.poll(None)
    assert account.asked("dealStages") == 1


def test_a_deal_that_cannot_be_read_hides_no_other(account: Account) -> None:
    account.put(1, start="soon")
    account.put(2, start="")
    account.deals.append({"id": "9", "isDisabled": True, "title": "of another team"})
    assert account.poll(None)[0] == ["3 booked"]


@pytest.mark.parametrize(("status", "error"), [(429, TooMany), (503, VendorFault)])
def test_what_the_platform_could_not_tell_is_asked_again_and_not_taken_for_read(
    account: Account, status: int, error: type[ConnectorError]
) -> None:
    cursor = account.poll(None)[1]
    account.put(2, "17", "09:05")
    account.answers["dealCustomFieldData"] = Reply(status)
    with pytest.raises(error):
        account.poll(cursor)
    assert account.poll(cursor)[0] == ["2 cancelled"]


def test_a_poll_that_was_cut_short_reads_no_deal_twice(account: Account) -> None:
    for number in range(1, 31):
        account.put(number)
    first = next(build(SLUG, account.vendor).poll_changes(None))
    assert (len(first.appointments), first.last) == (20, False)
    assert len(account.poll(first.cursor)[0]) == 10


@pytest.mark.parametrize("cursor", ["", "x", "[]", '{"since": "x", "seen": {}}', '{"seen": 3}'])
def test_a_cursor_that_cannot_be_read_means_reading_a_month(account: Account, cursor: str) -> None:
    assert len(account.poll(cursor)[0]) == 3
