"""Square's window of bookings: what changed is read, and what is no longer listed is asked for."""

import json
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from connectors.errors import TooMany
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Status
from tests.connectors import specs
from tests.connectors.setups import build
from tests.connectors.square.kit import LOCATION, SERVICE, STAFF
from tests.connectors.vendor import Received, Reply, Vendor

SLUG, SIZE = "square", 3
HIDDEN = {"CANCELLED_BY_CUSTOMER", "CANCELLED_BY_SELLER"}


def stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


class Account:
    """Bookings of one customer each, three to a page. `hides` lists no cancelled ones."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.rows: dict[str, dict[str, Any]] = {}
        self.hides = False
        self.left = 10_000
        vendor.answer = self.answer

    def add(self, name: str, days: float = 3, **over: Any) -> None:
        self.rows[name] = {
            "id": name,
            "version": 0,
            "status": "ACCEPTED",
            "start_at": stamp(clock.now() + timedelta(days=days)),
            "location_id": LOCATION,
            "customer_id": f"C{name}",
            "appointment_segments": [
                {
                    "team_member_id": STAFF,
                    "service_variation_id": SERVICE,
                    "duration_minutes": 45,
                }
            ],
            **over,
        }

    def change(self, name: str, **over: Any) -> None:
        self.rows[name] |= {"version": self.rows[name]["version"] + 1, **over}

    def answer(self, request: Received) -> Reply:
        assert specs.faults(SLUG, request) == []
        self.left -= 1
        if self.left < 0:
            return Reply(429, {"errors": [{"code": "RATE_LIMITED"}]}, {"Retry-After": "1"})
        match request.path.strip("/").split("/"):
            case ["v2", "locations"]:
                return Reply(200, {"locations": [{"id": LOCATION, "timezone": "Pacific/Honolulu"}]})
            case ["v2", "customers", own]:
                return Reply(200, {"customer": {"id": own, "given_name": own}})
            case ["v2", "bookings"]:
                return self._list(request)
            case ["v2", "bookings", own] if own in self.rows:
                return Reply(200, {"booking": self.rows[own]})
        return Reply(404, {"errors": [{"code": "NOT_FOUND"}]})

    def _list(self, request: Received) -> Reply:
        least, most = (request.query[name][0] for name in ("start_at_min", "start_at_max"))
        rows = [r for r in self.rows.values() if least <= str(r["start_at"]) < most]
        rows = [r for r in rows if not (self.hides and r["status"] in HIDDEN)]
        rows.sort(key=lambda one: str(one["start_at"]))
        first = int(request.query.get("cursor", ["0"])[0])
        more = {"cursor": str(first + SIZE)} if first + SIZE < len(rows) else {}
        return Reply(200, {"bookings": rows[first : first + SIZE], **more})

    def poll(self, cursor: str | None) -> tuple[list[Appointment], list[str], str]:
        pages = list(build(SLUG, self.vendor).poll_changes(cursor))
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
        found = [a for page in pages for a in page.appointments]
        return found, [one for page in pages for one in page.gone], pages[-1].cursor

    def ids(self, cursor: str | None) -> tuple[list[str], str]:
        found, gone, after = self.poll(cursor)
        assert gone == []
        return [one.id for one in found], after


@pytest.fixture
def account(vendor: Vendor) -> Account:
    made = Account(vendor)
    for number in range(7):
        made.add(f"b{number}", days=number * 8 + 1)
    return made


def test_the_first_walk_reads_two_months_and_the_next_only_what_changed(account: Account) -> None:
    found, cursor = account.ids(None)
    assert found == [f"b{n}" for n in range(7)]
    account.change("b4")
    found, cursor = account.ids(cursor)
    assert found == ["b4"]
    assert account.ids(cursor)[0] == []


def test_the_past_is_asked_for_by_name_because_square_begins_with_now(account: Account) -> None:
    account.add("missed", days=-1.5)
    _found, cursor = account.ids(None)
    account.change("missed", status="NO_SHOW")
    [seen] = account.poll(cursor)[0]
    assert (seen.id, seen.status, seen.person.given_name) == ("missed", Status.NOSHOW, "Cmissed")


@pytest.mark.parametrize("hides", [False, True])
def test_a_cancelled_booking_is_found_whether_or_not_square_lists_it(
    account: Account, hides: bool
) -> None:
    account.hides = hides
    _found, cursor = account.ids(None)
    account.change("b2", status="CANCELLED_BY_CUSTOMER")
    [seen] = account.poll(cursor)[0]
    assert (seen.id, seen.status) == ("b2", Status.CANCELLED)


def test_what_was_moved_out_of_the_window_is_read_once_and_what_is_no_more_is_gone(
    account: Account,
) -> None:
    _found, cursor = account.ids(None)
    account.change("b1", start_at=stamp(clock.now() + timedelta(days=300)))
    del account.rows["b2"]
    found, gone, cursor = account.poll(cursor)
    assert ([one.id for one in found], gone) == (["b1"], ["b2"])
    assert account.ids(cursor)[0] == []


def test_a_limit_in_the_midst_of_a_walk_loses_nothing(vendor: Vendor) -> None:
    account = Account(vendor)
    names = {f"b{n:02}" for n in range(60)}
    for number in range(60):
        account.add(f"b{number:02}", days=1 + number / 10)
    found: set[str] = set()
    cursor: str | None = None
    for _ in range(10):
        account.left = 50
        try:
            for page in build(SLUG, vendor).poll_changes(cursor):
                found |= {a.id for a in page.appointments}
                cursor = page.cursor
        except TooMany:
            continue
        break
    assert found == names


def test_a_walk_cut_off_after_any_page_goes_on_without_a_gap(vendor: Vendor) -> None:
    account = Account(vendor)
    for number in range(25):
        account.add(f"b{number:02}", days=1 + number / 10)
    _found, cursor = account.ids(None)
    for number in range(25):
        account.change(f"b{number:02}")
    account.rows.pop("b03")
    for cut in range(4):
        first = list(islice(build(SLUG, vendor).poll_changes(cursor), cut))
        found, gone, _end = account.poll(first[-1].cursor if first else cursor)
        seen = {a.id for page in first for a in page.appointments} | {a.id for a in found}
        assert seen == {f"b{n:02}" for n in range(25)} - {"b03"}
        assert [*(one for page in first for one in page.gone), *gone] == ["b03"]


@pytest.mark.parametrize(
    "cursor", ["", "not json", "[]", '"x"', '{"seen": 3}', '{"seen": {"a": 1}}']
)
def test_a_cursor_that_cannot_be_read_means_reading_everything(
    account: Account, cursor: str
) -> None:
    assert len(account.ids(cursor)[0]) == 7


def test_the_cursor_holds_nobody_and_forgets_the_past(account: Account) -> None:
    _found, cursor = account.ids(None)
    kept = json.loads(cursor)
    kept["seen"]["ancient"] = ["2020-01-01T00:00:00+00:00", "x"]
    _found, cursor = account.ids(json.dumps(kept))
    assert set(json.loads(cursor)["seen"]) == {f"b{n}" for n in range(7)}
    assert "Cb1" not in cursor
