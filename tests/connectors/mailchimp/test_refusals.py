"""Polling who unsubscribed, so that a lost webhook loses no refusal."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from connectors.errors import VendorFault
from rebook.domain.messages import Channel, OptOut
from tests.connectors import specs
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

SLUG = "mailchimp"
NOW = datetime(2030, 3, 12, 20, 0, tzinfo=UTC)


class Audience:
    """Members who unsubscribed: address and when."""

    def __init__(self, vendor: Vendor) -> None:
        self.gone: list[tuple[str, datetime]] = []
        self.vendor = vendor
        vendor.answer = self.answer

    def answer(self, request: Received) -> Reply:
        assert specs.faults(SLUG, request) == []
        assert request.query["status"] == ["unsubscribed"]
        since = datetime.fromisoformat(request.query["since_last_changed"][0])
        offset, count = (int(request.query[name][0]) for name in ("offset", "count"))
        rows = [{"email_address": email} for email, at in self.gone if at >= since]
        return Reply(200, {"members": rows[offset : offset + count]})

    def poll(self, cursor: str | None, at: datetime) -> tuple[list[OptOut], str]:
        with time_machine.travel(at, tick=False):
            pages = list(build(SLUG, self.vendor).poll_changes(cursor))
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
        return [one for page in pages for one in page.opt_outs], pages[-1].cursor


@pytest.fixture
def audience(vendor: Vendor) -> Audience:
    return Audience(vendor)


def test_a_refusal_is_told_and_no_longer_once_ten_minutes_have_passed(audience: Audience) -> None:
    audience.gone = [("old@example.com", NOW - timedelta(days=31)), ("ana@example.com", NOW)]
    told, cursor = audience.poll(None, NOW + timedelta(minutes=1))
    assert told == [OptOut(Channel.EMAIL, "ana@example.com")]
    _told, cursor = audience.poll(cursor, NOW + timedelta(minutes=20))
    assert audience.poll(cursor, NOW + timedelta(minutes=21))[0] == []


def test_what_mailchimp_lists_late_is_not_missed(audience: Audience) -> None:
    _told, cursor = audience.poll(None, NOW)
    audience.gone = [("ana@example.com", NOW - timedelta(minutes=9))]
    assert len(audience.poll(cursor, NOW + timedelta(minutes=15))[0]) == 1


def test_a_long_list_is_read_to_its_end_in_bounded_pages(audience: Audience) -> None:
    audience.gone = [(f"client.{n}@example.com", NOW) for n in range(1, 1502)]
    with time_machine.travel(NOW, tick=False):
        pages = list(build(SLUG, audience.vendor).poll_changes(None))
    assert max(len(page.opt_outs) for page in pages) == 200
    assert len({one.contact for page in pages for one in page.opt_outs}) == 1501
    assert {page.cursor for page in pages[:-1]} == {pages[0].cursor}
    assert json.loads(pages[-1].cursor)["since"] > json.loads(pages[0].cursor)["since"]


def test_a_failed_poll_leaves_the_cursor_where_it_was(audience: Audience) -> None:
    audience.vendor.answer = lambda _request: Reply(200, {"members": [{}]})
    with pytest.raises(VendorFault):
        audience.poll(None, NOW)


@pytest.mark.parametrize("cursor", ["", "x", "[]", '{"since": "soon"}', '{"since": 3}'])
def test_a_cursor_that_cannot_be_read_means_reading_a_month(
    audience: Audience, cursor: str
) -> None:
    audience.gone = [("ana@example.com", NOW - timedelta(days=29))]
    assert len(audience.poll(cursor, NOW)[0]) == 1
