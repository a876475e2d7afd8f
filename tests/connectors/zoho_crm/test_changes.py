"""Zoho's list of what was modified: pages that slip, what fell due, and what was deleted."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from connectors.errors import TooMany
from connectors.zoho_crm import records
from rebook.domain.appointments import Status
from tests.connectors import specs
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

SLUG = "zoho_crm"
NOW = datetime(2030, 3, 1, 20, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)
BOOKED, NOSHOW, CANCELLED = Status.BOOKED, Status.NOSHOW, Status.CANCELLED


class Account:
    """Appointments in memory, two to a page, listed by the time they were modified."""

    def __init__(self, vendor: Vendor) -> None:
        self.rows: dict[int, dict[str, Any]] = {}
        self.asked: list[Received] = []
        self.fails_at = 0
        self.between: Any = lambda: None
        self.vendor = vendor
        vendor.answer = self.answer

    def put(self, number: int, days: int = 5, *, minute: int = 0, **over: Any) -> None:
        start = NOW + timedelta(days=days)
        self.rows[number] = {
            "id": str(number),
            "Status": "Scheduled",
            "Appointment_Start_Time": start.isoformat(),
            "Appointment_End_Time": (start + timedelta(minutes=45)).isoformat(),
            "Appointment_For": {"module": {"api_name": "Accounts"}, "name": "Shore Ltd", "id": "7"},
            "Modified_Time": (NOW + timedelta(minutes=minute)).isoformat(),
            **over,
        }

    def answer(self, request: Received) -> Reply:
        assert specs.faults(SLUG, request) == []
        self.asked.append(request)
        if len(self.asked) == self.fails_at:
            return Reply(429)
        if "ids" in request.query:
            wanted = request.query["ids"][0].split(",")
            found = [row for row in self.rows.values() if row["id"] in wanted]
            return Reply(200, {"data": found}) if found else Reply(204)
        reply = self._listed(request)
        self.between()
        return reply

    def _listed(self, request: Received) -> Reply:
        since = request.headers.get("if-modified-since", "0001-01-01T00:00:00+00:00")
        found = [row for row in self.rows.values() if _at(row) > datetime.fromisoformat(since)]
        found.sort(key=_at)
        at = 2 * (int(request.query["page"][0]) - 1)
        if not found[at:]:
            return Reply(304 if "if-modified-since" in request.headers else 204)
        info = {"more_records": at + 2 < len(found), "next_page_token": None}
        return Reply(200, {"data": found[at : at + 2], "info": info})

    def poll(
        self, cursor: str | None, now: datetime = NOW
    ) -> tuple[list[tuple[str, Status]], list[str], str]:
        self.asked.clear()
        with time_machine.travel(now, tick=False):
            pages = list(build(SLUG, self.vendor).poll_changes(cursor))
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
        found = [(one.id, one.status) for page in pages for one in page.appointments]
        return found, [one for page in pages for one in page.gone], pages[-1].cursor

    def interrupted(self, cursor: str | None, *, at: int) -> list[str]:
        """The cursors of a reading that was cut off at a request."""
        self.asked.clear()
        self.fails_at = at
        kept: list[str] = []
        with time_machine.travel(NOW, tick=False), suppress(TooMany):
            for page in build(SLUG, self.vendor).poll_changes(cursor):
                kept.append(page.cursor)
            raise AssertionError("it was not cut off")
        self.fails_at = 0
        return kept


def _at(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["Modified_Time"])


@pytest.fixture
def account(vendor: Vendor) -> Account:
    return Account(vendor)


def test_the_first_reading_brings_everything(account: Account) -> None:
    for number in range(1, 6):
        account.put(number, minute=-100 * number)
    account.put(6, Appointment_Start_Time=None)
    found, gone, _ = account.poll(None)
    assert (sorted(set(found)), gone) == ([(str(n), BOOKED) for n in range(1, 6)], [])


def test_later_only_what_was_modified_is_asked_for(account: Account) -> None:
    account.put(1, minute=-60)
    cursor = account.poll(None)[2]
    account.put(2, minute=3, Status="Cancelled")
    found, _, cursor = account.poll(cursor, NOW + timedelta(minutes=5))
    assert ("2", CANCELLED) in found
    assert account.asked[0].headers["if-modified-since"] == "2030-03-01T18:58:00+00:00"
    assert account.poll(cursor, NOW + timedelta(hours=2))[0] == [("2", CANCELLED)]


def test_a_record_modified_while_pages_are_read_hides_no_other(account: Account) -> None:
    for number in range(1, 8):
        account.put(number, minute=-100 + number)

    def touch() -> None:
        account.between = lambda: None
        account.put(1, minute=1)

    account.between = touch
    assert {name for name, _ in account.poll(None)[0]} == {str(n) for n in range(1, 8)}


def test_a_bulk_change_within_one_second_is_read_by_pages(account: Account) -> None:
    for number in range(1, 8):
        account.put(number, minute=-10)
    assert len({name for name, _ in account.poll(None)[0]}) == 7


def test_what_is_overdue_without_being_modified_was_missed_an_hour_after_its_end(
    account: Account,
) -> None:
    account.put(1, days=1)
    cursor = account.poll(None)[2]
    account.rows[1]["Status"] = "Overdue"
    over = NOW + A_DAY + timedelta(minutes=45)
    found, _, cursor = account.poll(cursor, over + timedelta(minutes=59))
    assert NOSHOW not in [status for _, status in found]
    found, _, cursor = account.poll(cursor, over + timedelta(minutes=61))
    assert found[-1] == ("1", NOSHOW)
    account.poll(cursor, over + timedelta(minutes=70))
    assert [one for one in account.asked if "ids" in one.query] == []


def test_what_was_deleted_silently_is_found_within_a_day(account: Account) -> None:
    account.put(1)
    account.put(2)
    cursor = account.poll(None)[2]
    del account.rows[1]
    assert account.poll(cursor)[1] == []
    _, gone, cursor = account.poll(cursor, NOW + A_DAY)
    assert gone == ["1"]
    assert account.poll(cursor, NOW + 2 * A_DAY)[1] == []


def test_what_loses_its_time_is_gone_once(account: Account) -> None:
    account.put(1)
    cursor = account.poll(None)[2]
    account.put(1, minute=1, Appointment_Start_Time=None)
    found, gone, cursor = account.poll(cursor)
    assert (found, gone) == ([], ["1"])
    assert account.poll(cursor)[:2] == ([], [])


def test_an_interrupted_reading_skips_nothing(account: Account) -> None:
    account.put(9, minute=-60)
    cursor = account.poll(None)[2]
    for number in range(1, 8):
        account.put(number, minute=10 * number)
    kept = account.interrupted(cursor, at=3)
    assert {"5", "6", "7"} <= {name for name, _ in account.poll(kept[-1])[0]}


def test_an_interrupted_first_reading_calls_nothing_old_lost(account: Account) -> None:
    for number in range(1, 6):
        account.put(number, minute=-100 + 10 * number)
    account.rows[5]["Status"] = "Cancelled"
    kept = account.interrupted(None, at=2)
    found, _, cursor = account.poll(kept[-1])
    assert ("4", BOOKED) in found
    assert ("5", CANCELLED) not in found
    account.put(4, minute=5, Status="Cancelled")
    assert ("4", CANCELLED) in account.poll(cursor)[0]


def test_beyond_the_tenth_page_zohos_token_is_sent(account: Account) -> None:
    token = {"more_records": True, "next_page_token": "t-1"}
    row = {"id": "1", "Appointment_Start_Time": None, "Modified_Time": NOW.isoformat()}
    pages = iter([{"data": [row], "info": token}, {"data": [row], "info": {}}])
    account.vendor.answer = lambda _request: Reply(200, next(pages))
    found = records.Records(build(SLUG, account.vendor).http).lists("Tasks", "id")
    assert len(list(found)) == 2
    assert account.vendor.received[-1].query["page_token"] == ["t-1"]
    assert "page" not in account.vendor.received[-1].query


@pytest.mark.parametrize("cursor", ["", "{}", "[]", "?", '{"since": 3}', '{"since":"x","due":{}}'])
def test_a_cursor_that_cannot_be_read_means_reading_all(cursor: str, account: Account) -> None:
    account.put(1, minute=-100_000)
    assert account.poll(cursor)[0] == [("1", BOOKED)]


def test_no_person_is_in_the_cursor(account: Account) -> None:
    account.put(1)
    assert json.loads(account.poll(None)[2]) == {
        "since": "2030-03-01T20:00:00Z",
        "due": {"1": "2030-03-06T20:45:00Z"},
        "day": "2030-03-01",
        "first": False,
    }


def test_people_are_asked_for_together_and_once(account: Account) -> None:
    whom = {"module": {"api_name": "Contacts"}, "name": "Ana Kealoha"}
    for number in range(1, 4):
        account.put(
            number, minute=-100 + number, Appointment_For={**whom, "id": str(60 + number % 2)}
        )
    asked = []

    def answer(request: Received) -> Reply:
        if "/Contacts" not in request.path:
            return account.answer(request)
        asked.append(request.query["ids"][0])
        ids = request.query["ids"][0].split(",")
        return Reply(200, {"data": [{"id": one, "First_Name": "Ana"} for one in ids]})

    account.vendor.answer = answer
    assert len(set(account.poll(None)[0])) == 3
    assert asked == ["61,60"]
