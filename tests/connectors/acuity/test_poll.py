"""Acuity's poll over HTTP: what is asked for, in the vendor's own parameters."""

from datetime import timedelta

from rebook.domain import clock
from tests.connectors import specs
from tests.connectors.setups import build
from tests.connectors.vendor import Reply, Vendor


def test_the_window_is_walked_in_fortnights_with_the_cancelled_ones(vendor: Vendor) -> None:
    vendor.answer = lambda _request: Reply(200, [])
    pages = list(build("acuity", vendor, days_back="1", days_ahead="16").poll_changes(None))
    today = clock.now().date()
    asked = [(r.query["minDate"][0], r.query["maxDate"][0]) for r in vendor.received]
    days = [(today + timedelta(days=n)).isoformat() for n in (-1, 12, 13, 16)]
    assert asked == [(days[0], days[1]), (days[2], days[3])]
    assert {r.query["showall"][0] for r in vendor.received} == {"true"}
    assert [fault for r in vendor.received for fault in specs.faults("acuity", r)] == []
    assert (len(pages), pages[0].last) == (1, True)
