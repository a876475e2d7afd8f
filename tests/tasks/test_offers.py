"""Where free times are looked for: within a wish first, in the whole period else."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import SlotQuery
from rebook.db.session import ledger
from rebook.domain.appointments import Slot
from rebook.domain.policy import Policy
from rebook.domain.wishes import Wish
from rebook.services import connections
from rebook.services.connections import Account
from tasks.offers import Question, as_wished, busy_on_mirrors

HOUR = timedelta(hours=1)
NOW = datetime(2027, 3, 1, 20, tzinfo=UTC)
QUERY = SlotQuery("7", NOW + 2 * HOUR, NOW + timedelta(days=14), 60, "UTC", enough=72)


def asked(wish: Wish) -> Question:
    return Question("acuity", QUERY, Policy(), [], wish)


def wish(start: float, end: float) -> Wish:
    return Wish(NOW + start * HOUR, NOW + end * HOUR, HOUR)


class Calendar:
    """Free at the given hours from now; remembers the periods it was asked for."""

    def __init__(self, *hours: float) -> None:
        self.free = [Slot(NOW + hour * HOUR, NOW + (hour + 1) * HOUR) for hour in hours]
        self.asked: list[tuple[float, float]] = []

    def search(self, query: SlotQuery) -> list[Slot]:
        self.asked.append(((query.starts_at - NOW) / HOUR, (query.ends_at - NOW) / HOUR))
        return [
            slot
            for slot in self.free
            if query.starts_at <= slot.starts_at and slot.ends_at <= query.ends_at
        ]


@pytest.mark.parametrize(
    ("wanted", "free", "found", "periods"),
    [
        (wish(48, 54), (10, 50, 53, 60), [50, 53], [(48, 55)]),
        (wish(48, 54), (10, 60), [60, 10], [(48, 55), (2, 336)]),
        (wish(0, 6), (1, 3, 60), [3], [(2, 7)]),
        (wish(-9, 1), (3, 60), [3, 60], [(2, 336)]),
        (wish(400, 424), (3, 60), [60, 3], [(2, 336)]),
        (wish(50, 51), (49.5, 50, 50.5), [50], [(50, 52)]),
        (wish(48, 54), (), [], [(48, 55), (2, 336)]),
    ],
    ids=str,
)
def test_a_wish_is_looked_for_where_it_lies_and_within_what_may_be_booked(
    wanted: Wish,
    free: tuple[float, ...],
    found: list[float],
    periods: list[tuple[float, float]],
) -> None:
    calendar = Calendar(*free)
    slots = as_wished(asked(wanted), wanted, calendar.search)
    assert [(slot.starts_at - NOW) / HOUR for slot in slots] == found
    assert calendar.asked == periods


@pytest.mark.usefixtures("business")
def test_a_mirror_without_a_calendar_is_not_asked_when_it_is_busy() -> None:
    account = Account("desk", "freshdesk", "http://127.0.0.1:9", {}, {"api_key": "nobody's"})
    with ledger() as session:
        connections.store(session, account, door_secrets=[])
    assert list(busy_on_mirrors([("desk", "agent-1")], QUERY)) == []
