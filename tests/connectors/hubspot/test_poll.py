"""HubSpot's poll, against an account in memory whose search works as it is documented."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import Page
from connectors.errors import TooMany, VendorFault
from rebook.domain import clock
from tests.connectors import specs
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

SLUG = "hubspot"


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


class Account:
    """Search answers `page` records by time of change; `meddle` may change one between two pages."""

    def __init__(self, vendor: Vendor, page: int = 3) -> None:
        self.changed: dict[str, int] = {}
        self.archived: dict[str, int] = {}
        self.page = page
        self.vendor = vendor
        self.searches = 0
        self.fails_at = 0
        self.left_out = "OBJECT_NOT_FOUND"
        self.meddle: Callable[[], None] = lambda: None
        vendor.answer = self.answer

    def answer(self, request: Received) -> Reply:
        assert specs.faults(SLUG, request) == []
        if len(self.vendor.received) == self.fails_at:
            return Reply(429, {})
        match request.path.split("/")[4:]:
            case ["meetings", "search"]:
                return self._search(request.json)
            case ["meetings"]:
                return self._archived(int(request.query.get("after", ["0"])[0]))
            case ["meetings", "batch", "read"]:
                return self._batch(request.json)
            case ["meetings", "contacts", "batch", "read"]:
                return self._nobody(request.json)
        return Reply(404, {"category": "OBJECT_NOT_FOUND"})

    def _search(self, body: dict[str, Any]) -> Reply:
        self.searches += 1
        since = int(body["filterGroups"][0]["filters"][0]["value"])
        order = sorted(self.changed, key=lambda number: (self.changed[number], int(number)))
        found = [number for number in order if self.changed[number] >= since]
        first = int(body.get("after", 0))
        rows = [self._row(number) for number in found[first : first + self.page]]
        more = first + self.page < len(found)
        paging = {"paging": {"next": {"after": str(first + self.page)}}} if more else {}
        self.meddle()
        return Reply(200, {"total": len(found), "results": rows, **paging})

    def _batch(self, body: dict[str, Any]) -> Reply:
        asked = [one["id"] for one in body["inputs"]]
        assert asked
        rows = [self._row(number) for number in asked if number in self.changed]
        errors = [{"category": self.left_out}] if len(rows) < len(asked) else []
        return Reply(207 if errors else 200, {"results": rows, "errors": errors})

    def _nobody(self, body: dict[str, Any]) -> Reply:
        """No record has a contact: HubSpot answers that as a fault of each."""
        assert body["inputs"]
        return Reply(207, {"results": [], "errors": [{"category": "OBJECT_NOT_FOUND"}]})

    def _archived(self, first: int) -> Reply:
        some = list(self.archived.items())[first : first + self.page]
        rows = [
            {"id": number, "archivedAt": _iso(at), "updatedAt": _iso(at)} for number, at in some
        ]
        more = first + self.page < len(self.archived)
        paging = {"paging": {"next": {"after": str(first + self.page)}}} if more else {}
        return Reply(200, {"results": rows, **paging})

    def _row(self, number: str) -> dict[str, Any]:
        at = _iso(self.changed[number])
        properties = {
            "hs_lastmodifieddate": at,
            "hs_meeting_start_time": "2030-03-12T20:00:00Z",
            "hs_meeting_outcome": "SCHEDULED",
        }
        return {"id": number, "properties": properties, "updatedAt": at}

    def pages(self, cursor: str | None = None) -> list[Page]:
        pages = list(build(SLUG, self.vendor).poll_changes(cursor))
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
        return pages


def _iso(at: int) -> str:
    read = datetime.fromtimestamp(at / 1000, UTC)
    return read.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ids(pages: list[Page]) -> list[str]:
    return [one.id for page in pages for one in page.appointments]


def gone(pages: list[Page]) -> list[str]:
    return [one for page in pages for one in page.gone]


@pytest.fixture
def past() -> int:
    return ms(clock.now() - timedelta(hours=10))


@pytest.fixture
def account(vendor: Vendor) -> Account:
    return Account(vendor)


def test_all_is_read_by_the_time_of_change_and_once(account: Account, past: int) -> None:
    account.changed = {str(n): past + n for n in range(1, 8)}
    assert ids(account.pages()) == [str(n) for n in range(1, 8)]


def test_many_that_were_changed_at_one_moment_are_all_read_once(
    account: Account, past: int
) -> None:
    account.changed = {str(n): past + (n > 9) for n in range(1, 12)}
    assert ids(account.pages()) == [str(n) for n in range(1, 12)]


def test_a_record_that_changes_while_we_read_hides_no_other(account: Account, past: int) -> None:
    """It moves to the end of the list: with an offset the fourth would be passed over."""
    account.changed = {str(n): past + n for n in range(1, 8)}

    def meddle() -> None:
        if account.searches == 1:
            account.changed["1"] = past + 500

    account.meddle = meddle
    found = ids(account.pages())
    assert set(found) == {str(n) for n in range(1, 8)}
    assert found[-1] == "1"


def test_the_next_poll_goes_on_from_there_and_reads_the_last_minutes_again(
    account: Account, past: int
) -> None:
    account.changed = {"1": past, "2": past + 600_000}
    end = account.pages()[-1].cursor
    account.changed["3"] = past + 600_000 - 110_000
    assert ids(account.pages(end)) == ["3", "2"]


def test_what_was_archived_since_is_gone_however_they_are_listed(
    account: Account, past: int
) -> None:
    account.changed = {"1": past}
    account.archived = {"9": past - 10**9}
    first = account.pages()
    assert gone(first) == []
    account.archived |= {"8": past + 5, "7": past - 10**9, "6": past + 9}
    assert gone(account.pages(first[-1].cursor)) == ["8", "6"]


def test_what_went_between_the_search_and_the_reading_is_gone(account: Account, past: int) -> None:
    account.changed = {"1": past, "2": past + 1}

    def meddle() -> None:
        account.changed.pop("2", None)

    account.meddle = meddle
    pages = account.pages()
    assert (ids(pages), gone(pages)) == (["1"], ["2"])


def test_what_a_batch_leaves_out_for_another_reason_is_not_taken_for_gone(
    account: Account, past: int
) -> None:
    account.changed = {"1": past, "2": past + 1}
    account.left_out = "INTERNAL_ERROR"

    def meddle() -> None:
        account.changed.pop("2", None)

    account.meddle = meddle
    with pytest.raises(VendorFault):
        account.pages()


def test_a_page_takes_few_requests_however_many_records_it_tells(
    account: Account, past: int
) -> None:
    account.page = 100
    account.changed = {str(n): past + n for n in range(1, 101)}
    assert len(ids(account.pages())) == 100
    assert len(account.vendor.received) == 3


def test_a_poll_that_was_stopped_half_way_misses_nothing(account: Account, past: int) -> None:
    account.changed = {str(n): past + n * 600_000 for n in range(1, 8)}
    account.fails_at = 6
    seen: list[Page] = []
    with pytest.raises(TooMany):
        seen.extend(build(SLUG, account.vendor).poll_changes(None))
    account.fails_at = 0
    rest = account.pages(seen[-1].cursor)
    assert len(ids(seen)) == 3
    assert set(ids(seen)) | set(ids(rest)) == {str(n) for n in range(1, 8)}
    assert len(ids(rest)) < 7


def test_what_was_archived_is_told_although_a_poll_broke_off_after_later_changes(
    account: Account, past: int
) -> None:
    account.changed = {"1": past}
    end = account.pages()[-1].cursor
    account.archived = {"9": past + 300_000}
    account.changed["2"] = past + 900_000
    account.fails_at = len(account.vendor.received) + 4
    seen: list[Page] = []
    with pytest.raises(TooMany):
        seen.extend(build(SLUG, account.vendor).poll_changes(end))
    account.fails_at = 0
    assert (ids(seen), gone(seen)) == (["1", "2"], [])
    assert gone(account.pages(seen[-1].cursor)) == ["9"]


@pytest.mark.parametrize("cursor", ["", "nonsense", "[]", "{}", "3", '{"at": "yesterday"}'])
def test_a_cursor_that_cannot_be_read_is_none(account: Account, past: int, cursor: str) -> None:
    account.changed = {"1": past}
    assert ids(account.pages(cursor)) == ["1"]
