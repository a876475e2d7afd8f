"""`rebook connect` at a house that runs: Prefect has the block, the ledger the account, polls follow."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.forms import form_of
from rebook.db.session import ledger
from rebook.db.tables import Connection
from rebook.services import connections
from tests.flows.house import ROOT, House, until
from tests.sandbox.conftest import Gateway, Running, Town


@pytest.fixture
def elsewhere(house: House, tmp_path: Path) -> Iterator[Running]:
    """A sandbox of this test's own, which calls the house's gateway."""
    town = Town(Gateway(house.addresses["gateway"]), tmp_path)
    yield town.start(platforms=("mailchimp",))
    town.stop()
    with ledger() as session:
        if session.get(Connection, "mailchimp"):
            connections.pause(session, "mailchimp", "its sandbox is gone")


def connect(house: House, slug: str, name: str, given: Any) -> "subprocess.CompletedProcess[str]":
    """As a script does it: the account as JSON on stdin."""
    return subprocess.run(
        [sys.executable, "-m", "runtime.cli", "connect", slug, "--name", name, "--file", "-"],
        cwd=ROOT,
        env=os.environ | {"REBOOK_DATA_DIR": str(house.folder), "COLUMNS": "200"},
        input=json.dumps(given),
        capture_output=True,
        text=True,
    )


def entered(entry: dict[str, Any], **settings: str) -> dict[str, Any]:
    """What an admin would type of what the sandbox says of an account."""
    (way,) = form_of(entry["slug"]).ways
    return {
        "base_url": entry["base_url"],
        "credentials": {name: entry["credentials"][name] for name in way},
        "settings": {**entry["settings"], **settings},
    }


def blocks(house: House, name: str) -> list[dict[str, Any]]:
    wanted = {"block_documents": {"name": {"any_": [name]}}, "include_secrets": False}
    with house.prefect as prefect:
        found = prefect.post("/block_documents/filter", json=wanted).json()
    return [one["data"] for one in found]


def polled(house: House, connection: str) -> None:
    """A poll that is started now ends well."""
    run = house.start_flow("catch_up", {"connection": connection})

    def ended() -> str:
        with house.prefect as prefect:
            state = prefect.get(f"/flow_runs/{run}").json()["state"]["type"]
        return str(state) if state in ("COMPLETED", "FAILED", "CRASHED") else ""

    assert until(f"{connection} was polled", ended) == "COMPLETED"


def test_an_account_by_oauth_is_changed_and_by_key_is_added_while_the_house_runs(
    house: House, elsewhere: Running
) -> None:
    until("the appointments were read", house._was_read)
    with house.town as town:
        listed = town.get("/_control/connections").json()
    google = entered(next(one for one in listed if one["connection"] == "google"), days_back="3")
    wrong = {**google, "credentials": {**google["credentials"], "refresh_token": "canary"}}
    refused = connect(house, "google_calendar", "google", wrong)
    assert (refused.returncode, "nothing was saved" in refused.stderr) == (1, True), refused.stderr
    assert [one["settings"].get("days_back") for one in blocks(house, "google")] == [None]

    changed = connect(house, "google_calendar", "google", google)
    assert changed.returncode == 0, changed.stderr
    assert "the platform tells us of changes from now on" in changed.stderr
    assert [one["settings"]["days_back"] for one in blocks(house, "google")] == ["3"]
    with ledger() as session:
        assert connections.load(session, "google").settings["days_back"] == "3"
        assert session.get_one(Connection, "google").tokens["access_token"]
    polled(house, "google")

    added = connect(house, "mailchimp", "mailchimp", entered(elsewhere.connection("mailchimp")))
    assert added.returncode == 0, added.stderr
    assert "the platform tells us of changes from now on" in added.stderr
    assert [one["platform"] for one in blocks(house, "mailchimp")] == ["mailchimp"]
    [hook] = elsewhere.state()["mailchimp"]["webhooks"]
    assert hook["url"].startswith(f"{house.addresses['gateway']}/hooks/mailchimp?key=")
    assert httpx.post(hook["url"].partition("?")[0], timeout=30).status_code in (401, 403)
    polled(house, "mailchimp")
    with house.prefect as prefect:
        deployment = prefect.get("/deployments/name/catch_up/rebook").json()
    assert "mailchimp" in {schedule["slug"] for schedule in deployment["schedules"]}

    said = changed.stdout + changed.stderr + added.stdout + added.stderr + refused.stderr
    secrets = [
        *google["credentials"].values(),
        elsewhere.connection("mailchimp")["credentials"]["api_key"],
    ]
    assert not [one for one in (*secrets, "canary") if one in said]
