"""Every platform that holds appointments, in one house: a loss on any of them is one case, and all agree."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from sqlmodel import col, select

from connectors import REGISTRY, connector_class
from connectors.contract import Capability
from rebook.db.session import ledger
from rebook.db.tables import Appointment, Case, SyncTarget
from tests.flows.conftest import pointed_at
from tests.flows.house import Client, House, until

pytestmark = pytest.mark.full

FIRST_FIVE = {"acuity", "google_calendar", "twilio", "sendgrid", "slack"}
SLUGS = sorted(
    slug
    for slug in REGISTRY
    if slug not in FIRST_FIVE and Capability.FETCH in connector_class(slug).capabilities()
)
HOLDERS = [slug.replace("_", "-") for slug in SLUGS]
TELLING = [slug for slug in SLUGS if Capability.WEBHOOK in connector_class(slug).capabilities()]
JUDGED_BY_STAFF = {"quickbooks"}
SILENT_ON_DELETED = {"pipedrive"}
"""What was deleted is in no list of theirs; a list shows what nobody came to."""
LATE = {"zendesk"}
"""It keeps the last minute's changes back."""
PATIENCE = 300


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    extra = {"REBOOK_SANDBOX_PLATFORMS": ",".join(SLUGS), "REBOOK_SANDBOX_CLIENTS": "40"}
    house = House(tmp_path_factory.mktemp("town"), extra)
    house.start()
    for pointed in pointed_at(house):
        until("every platform was read", partial(_all_read, pointed), PATIENCE)
        watching = pointed.start_flow("renew_watches", {})
        until("every platform tells", partial(_completed, pointed, watching), PATIENCE)
        yield pointed
    house.stop()


def _all_read(house: House) -> bool:
    with ledger() as session:
        seen = set(session.exec(select(Appointment.connection).distinct()))
    return {"acuity", "google", *HOLDERS} <= seen and house._was_read()


def _completed(house: House, run_id: str) -> bool:
    (run,) = house.runs(id={"any_": [run_id]})
    return bool(run["state"]["type"] == "COMPLETED")


def standing_on(client: Client) -> dict[str, str]:
    """The ids of this client's visit by connection."""
    with ledger() as session:
        record = session.exec(
            select(Appointment).where(
                Appointment.connection == "acuity",
                Appointment.external_id == client.appointment_id,
            )
        ).one()
        rows = session.exec(select(Appointment).where(Appointment.group_id == record.group_id))
        return {row.connection: row.external_id for row in rows}


def test_one_visit_is_known_on_every_platform(town: House) -> None:
    client = town.client()
    assert set(standing_on(client)) == {"acuity", "google", *HOLDERS}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_loss_found_by_polling_is_one_case_and_all_platforms_agree_at_the_end(
    town: House, slug: str
) -> None:
    client = town.client()
    town.fault(slug, "drop", count=50)
    loses(town, client, slug, "missed" if slug in SILENT_ON_DELETED else "cancel")
    if slug in LATE:
        town.control("clock", {"advance_seconds": 70})
    town.start_flow("catch_up", {"connection": name_of(slug)})
    rebooks(town, client, slug)
    with town.town as sandbox:
        sandbox.delete("/_control/faults")


@pytest.mark.parametrize("slug", TELLING)
def test_a_loss_told_by_webhook_is_one_case_and_all_platforms_agree_at_the_end(
    town: House, slug: str
) -> None:
    client = town.client()
    loses(town, client, slug)
    rebooks(town, client, slug)


def test_two_platforms_that_fail_for_an_hour_agree_with_the_others_afterwards(town: House) -> None:
    client = town.client()
    failing = ("outlook", "servicetitan")
    loses(town, client, "hubspot")
    town.start_flow("catch_up", {"connection": "hubspot"})
    client.gets_offer()
    for slug in failing:
        town.fault(slug, "503", count=100_000)
    client.replies("1")
    client.gets_confirmation()
    until("only those two fail", lambda: {row[0] for row in _open_targets(client)} == {*failing})
    for seconds in (60, 180, 660, 2700):
        before = _tries(client, failing)
        town.control("clock", {"advance_seconds": seconds})
        if seconds < 2700:
            until("both were tried again", partial(_more_tries, client, failing, before))
    assert {row[0] for row in _open_targets(client)} == {*failing}
    with town.town as sandbox:
        sandbox.delete("/_control/faults")
    town.control("clock", {"advance_seconds": 3600})
    agree(client)


def loses(town: House, client: Client, slug: str, how: str = "cancel") -> None:
    """This client's visit is lost on one platform."""
    place = standing_on(client)[name_of(slug)]
    town.control(f"{slug}/{place}/{how}")


def rebooks(town: House, client: Client, slug: str) -> None:
    until("a case", lambda: _cases(client))
    if slug in JUDGED_BY_STAFF:
        staff_start(town, *_cases(client))
    client.gets_offer()
    client.replies("1")
    client.gets_confirmation()
    agree(client)


def staff_start(town: House, case_id: str) -> None:
    """What an invoice says may mean many things: the office is asked, and presses one button."""
    asked = until("the office is asked", lambda: _in_slack(town, case_id))
    town.control("slack/click", {"ts": asked["ts"], "action_id": "new_times", "user": "U01"})


def _in_slack(town: House, case_id: str) -> dict[str, Any] | None:
    messages = town.platform("slack")["messages"]
    return next((message for message in messages if case_id in message["text"]), None)


def agree(client: Client) -> None:
    """One case, and every platform was told how it ended."""
    until("all were told", lambda: _open_targets(client) == [], PATIENCE)
    assert len(_cases(client)) == 1
    assert _told(client) >= {"google", *HOLDERS}


def name_of(slug: str) -> str:
    """Prefect's block names know no underscore."""
    return slug.replace("_", "-")


def _tries(client: Client, connections: tuple[str, ...]) -> dict[str, int]:
    with ledger() as session:
        rows = session.exec(
            select(SyncTarget).where(
                col(SyncTarget.case_id).in_(_cases(client)),
                col(SyncTarget.connection).in_(connections),
            )
        )
        return {row.connection: row.attempts for row in rows}


def _more_tries(client: Client, connections: tuple[str, ...], before: dict[str, int]) -> bool:
    now = _tries(client, connections)
    return all(now[connection] > before[connection] for connection in connections)


def _cases(client: Client) -> list[str]:
    with ledger() as session:
        return list(
            session.exec(
                select(Case.id)
                .join(Appointment, col(Appointment.group_id) == col(Case.group_id))
                .where(
                    Appointment.connection == "acuity",
                    Appointment.external_id == client.appointment_id,
                )
            )
        )


def _open_targets(client: Client) -> list[tuple[str, str, str]]:
    with ledger() as session:
        rows = session.exec(
            select(SyncTarget).where(
                col(SyncTarget.case_id).in_(_cases(client)), SyncTarget.state != "done"
            )
        )
        return [(row.connection, row.state, row.fault) for row in rows]


def _told(client: Client) -> set[str]:
    with ledger() as session:
        return set(
            session.exec(
                select(SyncTarget.connection).where(
                    col(SyncTarget.case_id).in_(_cases(client)), SyncTarget.state == "done"
                )
            )
        )
