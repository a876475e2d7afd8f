"""The daily comparison: what a platform no longer lists is asked for, and lost if it is gone."""

import pytest

from connectors.errors import ConnectorError
from rebook.db.tables import Appointment, Case
from rebook.domain.appointments import Status
from rebook.services.unlisted import FEW
from tasks import reconciling
from tasks.reconciling import Comparison, whole
from tests.connectors.vendor import Reply, Vendor
from tests.services import office
from tests.services.office import Clock
from tests.tasks.acuity import Acuity

pytestmark = pytest.mark.usefixtures("business")


@pytest.fixture
def acuity(vendor: Vendor, business: str) -> Acuity:
    return Acuity(vendor)


def status(number: int) -> str:
    return office.rows(Appointment, connection="acuity", external_id=str(number))[0].status


def compared(acuity: Acuity, *numbers: int) -> Comparison:
    for number in numbers:
        acuity.put(number)
    return whole("acuity")


def test_what_is_listed_no_more_and_gone_is_a_lost_appointment(acuity: Acuity) -> None:
    compared(acuity, 1, 2)
    del acuity.listed[1]
    found = whole("acuity")
    assert (found.read, found.gone, len(found.opened)) == (1, 1, 1)
    assert (status(1), status(2)) == (Status.CANCELLED, Status.BOOKED)
    assert [case.id for case in office.rows(Case)] == found.opened


def test_the_next_comparison_finds_nothing_new(acuity: Acuity) -> None:
    compared(acuity, 1, 2)
    del acuity.listed[1]
    whole("acuity")
    again = whole("acuity")
    assert (again.gone, again.opened, again.differed) == (0, [], 0)


def test_what_a_list_leaves_out_but_still_stands_is_not_lost(acuity: Acuity) -> None:
    compared(acuity, 1)
    acuity.unlisted[1] = acuity.listed.pop(1)
    found = whole("acuity")
    assert (found.gone, found.opened, status(1)) == (0, [], Status.BOOKED)


def test_what_a_list_leaves_out_because_it_was_cancelled_opens_a_case(acuity: Acuity) -> None:
    compared(acuity, 1)
    acuity.unlisted[1] = acuity.listed.pop(1) | {"canceled": True}
    found = whole("acuity")
    assert (found.gone, len(found.opened), status(1)) == (0, 1, Status.CANCELLED)


def test_visits_further_away_and_past_ones_are_left_alone(acuity: Acuity, at_noon: Clock) -> None:
    acuity.put(1, days=1)
    acuity.put(2, days=59)
    whole("acuity")
    acuity.listed.clear()
    at_noon.forward(days=2)
    found = whole("acuity")
    assert (found.gone, status(1), status(2)) == (1, Status.BOOKED, Status.CANCELLED)


def test_a_calendar_that_is_all_but_empty_at_once_is_not_believed(acuity: Acuity) -> None:
    """An account changed under us answers every question with 404."""
    compared(acuity, *range(1, FEW + 11))
    acuity.listed = {1: acuity.listed[1]}
    found = whole("acuity")
    assert (found.doubted, found.gone, office.rows(Case)) == (FEW + 9, 0, [])
    assert status(2) == Status.BOOKED


def test_a_platform_that_fails_while_it_is_asked_loses_nothing(
    acuity: Acuity, vendor: Vendor
) -> None:
    compared(acuity, 1, 2)
    acuity.listed.clear()
    listing = vendor.answer
    vendor.answer = lambda r: Reply(503) if "appointments/" in r.path else listing(r)
    with pytest.raises(ConnectorError):
        whole("acuity")
    assert (status(1), office.rows(Case)) == (Status.BOOKED, [])


def test_no_more_than_so_many_are_asked_for_in_a_day_and_the_rest_is_told(
    acuity: Acuity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "MOST_READ_AGAIN", 2)
    compared(acuity, 1, 2, 3)
    acuity.unlisted, acuity.listed = acuity.listed, {}
    assert whole("acuity").left == 1
