"""A visit that was lost on a platform stands there again at its new time, and stands there once."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors import REGISTRY, connector_class
from connectors.contract import Capability, Connector, SlotQuery
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

LISTED_LATE = {"zendesk"}
"""It keeps the last minute's changes back."""
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
    slot = later(connector, visit)
    target = known(slug, visit, slot)
    town.act(f"/{slug}/{visit.id}/cancel")
    first = show_new_time(connector, target, slot)
    second = show_new_time(connector, target, slot)
    assert first == second
    assert _is_at(connector.fetch_appointment(first), slot)
    assert standing(connector, slot) == (set() if slug in LISTED_LATE else {first})


def known(slug: str, visit: Appointment, slot: Slot) -> Target:
    """As the ledger holds it once it was read."""
    with ledger() as session:
        intake.observe(session, slug, visit, first_read=True)
    return Target(new_id("sync"), slug, visit.id, slot, "case-1")


def later(connector: Connector, visit: Appointment) -> Slot:
    """Noon of a working day on which nobody comes; Square takes only what it offers itself."""
    day = clock.now().astimezone(ZoneInfo(visit.zone)) + timedelta(days=20)
    noon = (day - timedelta(days=day.weekday() - 2)).replace(
        hour=12, minute=0, second=0, microsecond=0
    )
    length = visit.ends_at - visit.starts_at
    if connector.slug != "square":
        return Slot(noon, noon + length, calendar=visit.calendar)
    minutes = round(length.total_seconds() / 60)
    period = (clock.now() + timedelta(days=1), clock.now() + timedelta(days=14))
    query = SlotQuery(visit.service_id, *period, minutes, visit.zone, visit.calendar)
    return connector.find_slots(query)[-1]


def standing(connector: Connector, slot: Slot) -> set[str]:
    """What is booked at that time, by a list made anew."""
    found, _, _ = polled(connector)
    return {one.id for one in found if _is_at(one, slot)}


def _is_at(one: Appointment, slot: Slot) -> bool:
    return one.status is Status.BOOKED and one.starts_at == slot.starts_at
