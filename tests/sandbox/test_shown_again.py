"""A visit that was lost on a platform stands there again at its new time, and stands there once."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors import REGISTRY, connector_class
from connectors.contract import Capability, Connector
from rebook.db.session import ledger
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Slot, Status
from rebook.domain.ids import new_id
from rebook.services import intake
from rebook.services.sync_back import Target
from tasks.sync_back import show_new_time
from tests.sandbox.conftest import Running
from tests.sandbox.ours import polled, reach

pytestmark = pytest.mark.usefixtures("ledger_db")

HOLDERS = sorted(
    slug
    for slug in REGISTRY
    if {Capability.FETCH, Capability.MOVE} <= connector_class(slug).capabilities()
    and slug not in ("acuity", "google_calendar")
)


@pytest.mark.parametrize("slug", HOLDERS)
def test_a_lost_visit_stands_once_at_its_new_time_however_often_it_is_told(
    slug: str, serve: Callable[..., Running]
) -> None:
    town = serve(platforms=(slug,), clients=4)
    connector = reach(town, slug.replace("_", "-"))
    visit = next(one for one in polled(connector)[0] if one.status is Status.BOOKED)
    target = known(slug, visit)
    town.act(f"/{slug}/{visit.id}/cancel")
    slot = later(visit)
    first = show_new_time(connector, target, slot)
    second = show_new_time(connector, target, slot)
    assert first == second
    assert _is_at(connector.fetch_appointment(first), slot)
    assert standing(connector, slot) <= {first}


def known(slug: str, visit: Appointment) -> Target:
    """As the ledger holds it once it was read."""
    with ledger() as session:
        intake.observe(session, slug, visit, first_read=True)
    return Target(new_id("sync"), slug, visit.id, later(visit), "case-1")


def later(visit: Appointment) -> Slot:
    """A week on, in the middle of a working day of no other client."""
    day = clock.now().astimezone(ZoneInfo(visit.zone)) + timedelta(days=20)
    day -= timedelta(days=day.weekday() - 2)
    starts = day.replace(hour=12, minute=0, second=0, microsecond=0)
    return Slot(starts, starts + (visit.ends_at - visit.starts_at), calendar=visit.calendar)


def standing(connector: Connector, slot: Slot) -> set[str]:
    """What is booked at that time, by a list made anew; one platform lists what is a minute old."""
    found, _, _ = polled(connector)
    return {one.id for one in found if _is_at(one, slot)}


def _is_at(one: Appointment, slot: Slot) -> bool:
    return one.status is Status.BOOKED and one.starts_at == slot.starts_at
