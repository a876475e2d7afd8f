"""The invented town: its people, its zone, its room, and the import rule."""

import ast
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import sandbox as package
from sandbox import people
from sandbox.zones import ZONES, noon_zone
from tests.sandbox.conftest import Running

OURS = {"rebook", "connectors", "gateway", "runtime", "flows", "tasks", "blocks"}


def test_it_imports_nothing_of_ours() -> None:
    files = list(Path(package.__path__[0]).rglob("*.py"))
    names = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom):
                names.add(str(node.module).split(".")[0])
            elif isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
    assert len(files) > 20
    assert names & OURS == set()


@pytest.mark.parametrize("month", [1, 4, 7, 10])
@pytest.mark.parametrize("hour", range(24))
def test_it_is_about_noon_there_whenever_it_starts(hour: int, month: int) -> None:
    now = datetime(2026, month, 15, hour, 30, tzinfo=UTC)
    local = now.astimezone(ZoneInfo(noon_zone(now)))
    assert 11 <= local.hour <= 13


def test_every_zone_of_the_list_exists() -> None:
    assert [ZoneInfo(name).key for name in ZONES] == ZONES


@pytest.mark.parametrize("count", [1, 12, 40, 500, 1200])
def test_everybody_has_their_own_number_mail_and_hour(count: int) -> None:
    zone = ZoneInfo("Pacific/Honolulu")
    now = datetime(2026, 11, 22, 22, tzinfo=UTC)
    visits = people.visits(count, now, zone)
    assert len({v.client.phone for v in visits}) == count
    assert len({v.client.email for v in visits}) == count
    assert len({(v.calendar, v.start) for v in visits}) == count
    for visit in visits:
        local = visit.start.astimezone(zone)
        assert local.weekday() != people.CLOSED_WEEKDAY
        assert local.time() >= people.OPENS
        assert (local + timedelta(minutes=60)).time() <= people.CLOSES
        assert now < visit.start <= now + timedelta(days=11)


def test_a_bigger_town_has_more_practitioners_and_room(serve: Callable[..., Running]) -> None:
    running = serve(clients=120)
    state = running.state()
    assert len(state["acuity"]["appointments"]) == 120
    assert len({a["calendarID"] for a in state["acuity"]["appointments"]}) == 10
    assert len(running.connection("google")["settings"]["calendars"].split(",")) == 10
    assert running.http.get("/").status_code == 200


def test_another_seed_has_other_credentials(serve: Callable[..., Running]) -> None:
    one, other = serve().connection("acuity"), serve(seed="other").connection("acuity")
    assert one["credentials"] != other["credentials"]
