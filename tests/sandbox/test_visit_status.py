"""Marking a visit at its platform: once, only the visit that was meant, and never what has changed."""

from datetime import timedelta

import pytest
from sqlmodel import select

from connectors import connector_class
from connectors.contract import Connector
from rebook.db.session import ledger
from rebook.db.tables import ExpectedEcho, SyncTarget
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Status
from rebook.domain.ids import new_id
from rebook.services.sync_back import Target
from tasks.visit_status import CHANGED, NO_WORD, mark
from tests.runtime import desk
from tests.sandbox.conftest import Running
from tests.sandbox.ours import polled, reach

pytestmark = pytest.mark.usefixtures("ledger_db")


@pytest.fixture
def acuity(sandbox: Running) -> Connector:
    return reach(sandbox, "acuity")


@pytest.fixture
def visit(acuity: Connector) -> Appointment:
    found, _, _ = polled(acuity)
    return next(one for one in found if one.status is Status.BOOKED)


def target(visit: Appointment, status: Status, connection: str = "acuity") -> Target:
    """As the ledger holds it."""
    desk.plant_business()
    case_id = desk.plant_case()
    row = SyncTarget(
        id=new_id("sync"), case_id=case_id, connection=connection, external_id=visit.id,
        wanted={}, due_at=clock.now(),
    )  # fmt: skip
    with ledger() as session:
        session.add(row)
    return Target(row.id, connection, visit.id, None, case_id, status=status, was=visit.starts_at)


def echoes() -> list[ExpectedEcho]:
    with ledger() as session:
        return list(session.exec(select(ExpectedEcho)))


@pytest.mark.parametrize("status", [Status.NOSHOW, Status.CANCELLED])
def test_a_visit_is_marked_once_and_its_echo_is_expected(
    acuity: Connector, visit: Appointment, status: Status
) -> None:
    wanted = target(visit, status)
    assert [mark(acuity, wanted), mark(acuity, wanted)] == ["", ""]
    assert acuity.fetch_appointment(visit.id).status is status
    assert [(one.status, one.starts_at) for one in echoes()] == [(status, visit.starts_at)]


def test_a_visit_that_was_moved_since_is_not_touched(acuity: Connector, visit: Appointment) -> None:
    wanted = target(visit, Status.NOSHOW)
    late = Target(**{**vars(wanted), "was": visit.starts_at - timedelta(days=1)})
    assert mark(acuity, late) == CHANGED
    assert acuity.fetch_appointment(visit.id).status is Status.BOOKED
    assert echoes() == []


def test_a_visit_that_the_office_cancelled_is_left_as_it_is(
    acuity: Connector, visit: Appointment
) -> None:
    wanted = target(visit, Status.NOSHOW)
    acuity.cancel(visit.id, "the office")
    assert mark(acuity, wanted) == CHANGED
    assert acuity.fetch_appointment(visit.id).status is Status.CANCELLED


def test_a_platform_without_a_word_for_it_is_not_called(visit: Appointment) -> None:
    """Behind this connector there is no platform at all: a call would fail."""
    jobber = connector_class("jobber").at_the_door({})
    assert mark(jobber, target(visit, Status.NOSHOW, "jobber")) == NO_WORD
    assert echoes() == []
