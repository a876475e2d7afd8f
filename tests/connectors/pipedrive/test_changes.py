"""Pipedrive's list of updates: what fell due and what was deleted is found too, and nothing is skipped."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from connectors.errors import TooMany
from rebook.domain.appointments import Status
from tests.connectors import specs
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

SLUG = "pipedrive"
NOW = datetime(2030, 3, 1, 20, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)


class Account:
    """Activities in memory, two to a page; a page token is a number."""

    def __init__(self, vendor: Vendor) -> None:
        self.rows: dict[int, dict[str, Any]] = {}
        self.asked: list[dict[str, str]] = []
        self.fails_at = 0
        self.knows_tokens = True
        self.vendor = vendor
        vendor.answer = self.answer

    def put(self, number: int, days: int = 5, *, updated: datetime = NOW, **over: Any) -> None:
        due = NOW + timedelta(days=days)
        self.rows[number] = {
            "id": number,
            "type": "meeting",
            "subject": "Haircut",
            "due_date": f"{due:%Y-%m-%d}",
            "due_time": "20:00",
            "duration": "00:45",
            "done": False,
            "update_time": f"{updated:%Y-%m-%dT%H:%M:%SZ}",
            **over,
        }

    def answer(self, request: Received) -> Reply:
        assert specs.faults(SLUG, request) == []
        query = {name: values[0] for name, values in request.query.items()}
        self.asked.append(query)
        if len(self.asked) == self.fails_at:
            return Reply(429)
        if "cursor" in query and not self.knows_tokens:
            return Reply(400, {"success": False})
        found = sorted(self._wanted(query), key=lambda row: (self._order(row, query), row["id"]))
        at = int(query.get("cursor", 0))
        more = str(at + 2) if at + 2 < len(found) and "ids" not in query else None
        page = found if "ids" in query else found[at : at + 2]
        body = {"success": True, "data": page, "additional_data": {"next_cursor": more}}
        return Reply(200, body)

    def _wanted(self, query: dict[str, str]) -> list[dict[str, Any]]:
        rows = list(self.rows.values())
        if "ids" in query:
            return [row for row in rows if str(row["id"]) in query["ids"].split(",")]
        if "updated_since" in query:
            return [row for row in rows if row["update_time"] >= query["updated_since"]]
        return [row for row in rows if not row["done"]]

    def _order(self, row: dict[str, Any], query: dict[str, str]) -> str:
        return str(row["update_time"]) if query.get("sort_by") == "update_time" else ""

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


@pytest.fixture
def account(vendor: Vendor) -> Account:
    return Account(vendor)


BOOKED, NOSHOW = Status.BOOKED, Status.NOSHOW


def test_the_first_reading_brings_all_that_is_open(account: Account) -> None:
    for number in range(1, 6):
        account.put(number, updated=NOW - 400 * A_DAY)
    account.put(6, done=True)
    account.put(7, type="call")
    account.put(8, due_time=None)
    found, gone, _ = account.poll(None)
    assert (found, gone) == ([(str(n), BOOKED) for n in range(1, 6)], [])


def test_later_only_what_was_updated_is_listed_with_some_overlap(account: Account) -> None:
    account.put(1, updated=NOW - A_DAY)
    cursor = account.poll(None)[2]
    account.put(2, updated=NOW - timedelta(seconds=30))
    found, _, cursor = account.poll(cursor, NOW + timedelta(minutes=5))
    assert found == [("2", BOOKED)]
    assert account.asked[0]["updated_since"] == "2030-03-01T19:58:00Z"
    account.poll(cursor, NOW + timedelta(minutes=10))
    assert account.asked[0]["updated_since"] == "2030-03-01T19:57:30Z"


def test_what_falls_due_without_an_update_was_missed_and_is_told_once(account: Account) -> None:
    account.put(1, days=1)
    cursor = account.poll(None)[2]
    over = NOW + A_DAY + timedelta(minutes=45)
    found, _, cursor = account.poll(cursor, over + timedelta(minutes=59))
    assert NOSHOW not in [status for _, status in found]
    found, gone, cursor = account.poll(cursor, over + timedelta(minutes=61))
    assert (found[-1], gone) == (("1", NOSHOW), [])
    account.poll(cursor, over + timedelta(minutes=70))
    assert [one for one in account.asked if "ids" in one] == []


def test_what_was_deleted_silently_is_found_within_a_day(account: Account) -> None:
    account.put(1)
    account.put(2)
    cursor = account.poll(None)[2]
    del account.rows[1]
    assert account.poll(cursor)[1] == []
    _, gone, cursor = account.poll(cursor, NOW + A_DAY)
    assert gone == ["1"]
    assert account.poll(cursor, NOW + 2 * A_DAY)[1] == []


@pytest.mark.parametrize(
    ("change", "lost"),
    [({"due_date": None}, ["1"]), ({"due_time": None}, []), ({"type": "call"}, [])],
)
def test_what_loses_its_date_is_gone_and_of_another_type_nothing_follows(
    change: dict[str, Any], lost: list[str], account: Account
) -> None:
    account.put(1)
    cursor = account.poll(None)[2]
    account.put(1, **change)
    found, gone, cursor = account.poll(cursor)
    assert (found, gone) == ([], lost)
    assert account.poll(cursor, NOW + 30 * A_DAY)[:2] == ([], [])


def test_a_reading_of_updates_that_was_interrupted_skips_nothing(account: Account) -> None:
    cursor = account.poll(None)[2]
    for number in range(1, 8):
        account.put(number, updated=NOW + timedelta(minutes=10 * number))
    kept = account.interrupted(cursor, at=3)
    assert len(kept) == 2
    assert [name for name, _ in account.poll(kept[-1])[0]] == ["4", "5", "6", "7"]


@pytest.mark.parametrize("knows_tokens", [True, False])
def test_an_interrupted_first_reading_goes_on_and_calls_nothing_old_lost(
    knows_tokens: bool, account: Account
) -> None:
    for number in range(1, 6):
        account.put(number)
    account.put(5, days=-9)
    kept = account.interrupted(None, at=2)
    account.knows_tokens = knows_tokens
    if not knows_tokens:
        account.vendor.answer = _forgets_tokens_once(account)
    found, _, cursor = account.poll(kept[-1])
    assert {("3", BOOKED), ("4", BOOKED)} <= set(found)
    assert json.loads(cursor)["since"] == "2030-03-01T20:00:00Z"
    assert (("5", NOSHOW) in found) == (not knows_tokens)


def _forgets_tokens_once(account: Account) -> Any:
    def answer(request: Received) -> Reply:
        reply = account.answer(request)
        account.knows_tokens = True
        return reply

    return answer


@pytest.mark.parametrize(
    "cursor", ["", "{}", "[]", "?", '{"since": 3}', '{"since":"x","due":{},"day":"","page":""}']
)
def test_a_cursor_that_cannot_be_read_means_reading_all(cursor: str, account: Account) -> None:
    account.put(1, updated=NOW - 400 * A_DAY)
    assert account.poll(cursor)[0] == [("1", BOOKED)]


def test_no_person_and_no_subject_is_in_the_cursor(account: Account) -> None:
    account.put(1)
    assert json.loads(account.poll(None)[2]) == {
        "since": "2030-03-01T20:00:00Z",
        "due": {"1": "2030-03-06T20:45:00Z"},
        "day": "2030-03-01",
        "page": "",
        "began": "",
    }


def test_a_person_is_asked_for_once_in_a_reading(account: Account, vendor: Vendor) -> None:
    asked = []
    for number in (1, 2, 3):
        account.put(number, person_id=61)

    def answer(request: Received) -> Reply:
        if "/persons/" not in request.path:
            return account.answer(request)
        asked.append(request.path)
        return Reply(200, {"success": True, "data": {"id": 61, "first_name": "Ana"}})

    vendor.answer = answer
    assert len(account.poll(None)[0]) == 3
    assert asked == ["/api/v2/persons/61"]
