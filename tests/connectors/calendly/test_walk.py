"""Calendly's window of events: what is new is read whole, what is old is not read again."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.errors import TooMany
from rebook.domain import clock
from rebook.domain.appointments import Status
from tests.connectors import specs
from tests.connectors.calendly.kit import API, HOST, SERVICE
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

SLUG, SIZE = "calendly", 3


def stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000000Z"


class Account:
    """Events with one invitee each, three to a page; `left` is how many calls a limit still allows."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.events: dict[str, dict[str, Any]] = {}
        self.invitees: dict[str, dict[str, Any]] = {}
        self.left = 10_000
        self.read: list[str] = []
        vendor.answer = self.answer

    def add(self, name: str, days: float = 3, invitee: str = "", **over: Any) -> None:
        start = clock.now() + timedelta(days=days)
        self.events[name] = {
            "uri": f"{API}/scheduled_events/{name}",
            "name": "Haircut",
            "status": "active",
            "start_time": stamp(start),
            "end_time": stamp(start + timedelta(minutes=45)),
            "event_type": SERVICE,
            "updated_at": "2030-01-01T00:00:00.000000Z",
            "event_memberships": [{"user": HOST}],
        }
        own = {
            "uri": f"{API}/scheduled_events/{name}/invitees/{invitee or 'i-' + name}",
            "name": "Ana Kealoha",
            "email": "ana@example.com",
            "status": "active",
            "updated_at": "2030-01-01T00:00:00.000000Z",
        }
        self.invitees[name] = {**own, **over}

    def change(self, name: str, **over: Any) -> None:
        self.events[name]["updated_at"] = stamp(clock.now())
        self.invitees[name] |= over
        if over.get("status") == "canceled":
            self.events[name]["status"] = "canceled"

    def answer(self, request: Received) -> Reply:
        assert specs.faults(SLUG, request) == []
        self.left -= 1
        if self.left < 0:
            return Reply(429, {}, {"X-RateLimit-Reset": "60"})
        parts = request.path.strip("/").split("/")
        match parts:
            case ["users", "me"]:
                me = {"uri": HOST, "current_organization": f"{API}/organizations/O1"}
                return Reply(200, {"resource": me})
            case ["scheduled_events"]:
                return self._list(request)
            case ["scheduled_events", event, "invitees"]:
                self.read.append(event)
                return Reply(200, {"collection": [self.invitees[event]], "pagination": {}})
            case ["scheduled_events", event, "invitees", _one]:
                return Reply(200, {"resource": self.invitees[event]})
        return Reply(200, {"resource": self.events[parts[1]]})

    def _list(self, request: Received) -> Reply:
        first = int(request.query.get("page_token", ["0"])[0])
        rows = sorted(self.events.values(), key=lambda one: str(one["start_time"]))
        more = first + SIZE < len(rows)
        link = f"{API}/scheduled_events?count=3&page_token={first + SIZE}" if more else None
        page = {"collection": rows[first : first + SIZE], "pagination": {"next_page": link}}
        return Reply(200, page)

    def poll(self, cursor: str | None) -> tuple[list[str], str]:
        self.read.clear()
        pages = list(build(SLUG, self.vendor).poll_changes(cursor))
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
        return [a.id for page in pages for a in page.appointments], pages[-1].cursor


@pytest.fixture
def account(vendor: Vendor) -> Account:
    made = Account(vendor)
    for number in range(7):
        made.add(f"e{number}", days=number + 1)
    return made


def test_the_first_walk_reads_every_page_and_the_next_only_what_changed(account: Account) -> None:
    found, cursor = account.poll(None)
    assert found == [f"e{n}/i-e{n}" for n in range(7)]
    account.change("e4", status="canceled")
    found, cursor = account.poll(cursor)
    assert (found, account.read) == (["e4/i-e4"], ["e4"])
    assert account.poll(cursor)[0] == []


def test_a_cancelled_one_is_told_as_cancelled(account: Account) -> None:
    _found, cursor = account.poll(None)
    account.change("e4", status="canceled")
    pages = list(build(SLUG, account.vendor).poll_changes(cursor))
    assert [a.status for page in pages for a in page.appointments] == [Status.CANCELLED]


def test_a_limit_in_the_midst_of_a_walk_does_not_lose_what_was_read(vendor: Vendor) -> None:
    account = Account(vendor)
    for number in range(45):
        account.add(f"e{number:02}", days=1 + number / 10)
    found: list[str] = []
    cursor: str | None = None
    for _ in range(10):
        account.left = 40
        try:
            for page in build(SLUG, vendor).poll_changes(cursor):
                found += [a.id for a in page.appointments]
                cursor = page.cursor
        except TooMany:
            continue
        break
    assert sorted(set(found)) == [f"e{n:02}/i-e{n:02}" for n in range(45)]


def test_a_rescheduled_one_is_told_once_moved_and_never_as_lost(account: Account) -> None:
    _found, cursor = account.poll(None)
    account.add("new", days=9.5, old_invitee=account.invitees["e1"]["uri"])
    new = account.invitees["new"]["uri"]
    account.change("e1", status="canceled", rescheduled=True, new_invitee=new)
    pages = list(build(SLUG, account.vendor).poll_changes(cursor))
    told = {(a.id, a.status) for page in pages for a in page.appointments}
    assert told == {("e1/i-e1", Status.BOOKED)}


def test_who_is_marked_missed_after_the_hour_is_found_though_the_event_looks_the_same(
    account: Account,
) -> None:
    account.add("past", days=-0.2)
    _found, cursor = account.poll(None)
    account.invitees["past"]["no_show"] = {"uri": f"{API}/invitee_no_shows/n1"}
    pages = list(build(SLUG, account.vendor).poll_changes(cursor))
    assert [(a.id, a.status) for page in pages for a in page.appointments] == [
        ("past/i-past", Status.NOSHOW)
    ]


def test_what_left_the_window_is_forgotten(account: Account) -> None:
    account.add("old", days=-1.9)
    _found, cursor = account.poll(None)
    kept = json.loads(cursor)
    kept["seen"]["ancient"] = ["2020-01-01T00:00:00+00:00", "x"]
    _found, cursor = account.poll(json.dumps(kept))
    assert set(json.loads(cursor)["seen"]) == {"old", *(f"e{n}" for n in range(7))}


@pytest.mark.parametrize(
    "cursor", ["", "not json", "[]", '"x"', '{"seen": 3}', '{"seen": {"a": 1}}']
)
def test_a_cursor_that_cannot_be_read_means_reading_everything(
    account: Account, cursor: str
) -> None:
    assert len(account.poll(cursor)[0]) == 7


def test_the_cursor_holds_nobody(account: Account) -> None:
    _found, cursor = account.poll(None)
    assert not [word for word in ("Ana", "Kealoha", "example.com") if word in cursor]
