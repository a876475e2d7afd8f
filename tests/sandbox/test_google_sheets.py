"""A studio that keeps its visits in a sheet: our connector on it, and its answers held against the spec."""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import gspread
import httpx
import pytest
import requests
from google.auth.credentials import Credentials
from jsonschema import Draft4Validator

from connectors.contract import BookingRequest
from connectors.errors import NotAllowed, Refused
from rebook.domain.appointments import Change, ChangeKind, Slot, Status
from rebook.domain.messages import PollNow
from tests.sandbox.conftest import PLAIN, Gateway, Json, Running
from tests.sandbox.ours import heard, polled, reach

SLUG, NAME = "google_sheets", "google-sheets"
SPECS = Path(os.environ.get("REBOOK_SPECS") or Path(__file__).parents[2] / "../shared/specs")


@pytest.fixture
def town(serve: Callable[..., Running]) -> Running:
    return serve(platforms=(SLUG,))


def row(town: Running, name: str) -> Json:
    return next(one for one in town.state()[SLUG]["rows"] if one["appointment_id"] == name)


def test_a_poll_finds_who_cancelled_and_who_did_not_come(town: Running) -> None:
    connector = reach(town, NAME)
    found, _gone, cursor = polled(connector, None)
    assert len(found) == 12
    assert {one.status for one in found} == {Status.BOOKED}
    in_acuity = {f"acuity:{one['id']}" for one in town.state()["acuity"]["appointments"]}
    assert {one.same_as for one in found} == in_acuity
    town.act(f"/{SLUG}/v-2/cancel")
    town.act(f"/{SLUG}/v-5/missed")
    town.act(f"/{SLUG}/sort")
    lost, gone, cursor = polled(connector, cursor)
    told = {(one.id, one.status, one.by_client) for one in lost}
    assert told == {("v-2", Status.CANCELLED, True), ("v-5", Status.NOSHOW, None)}
    assert (gone, polled(connector, cursor)[0]) == ([], [])


def test_a_deleted_row_is_gone(town: Running) -> None:
    connector = reach(town, NAME)
    cursor = polled(connector, None)[2]
    town.act(f"/{SLUG}/v-3/delete")
    assert polled(connector, cursor)[:2] == ([], ["v-3"])


def test_the_script_tells_of_an_edit_and_our_door_takes_it(town: Running, gateway: Gateway) -> None:
    town.act(f"/{SLUG}/v-2/cancel")
    town.act(f"/{SLUG}/v-3/delete")
    told = [heard(town, NAME, one) for one in gateway.wait(2, NAME)]
    assert [Change(ChangeKind.CANCELLED, "v-2")] in told
    assert [PollNow()] in told


def test_a_lost_row_shows_the_new_time_and_our_note_once(town: Running, gateway: Gateway) -> None:
    connector = reach(town, NAME)
    town.act(f"/{SLUG}/v-2/cancel")
    before = connector.fetch_appointment("v-2")
    starts = before.starts_at + timedelta(days=7)
    slot = Slot(starts, starts + timedelta(minutes=before.minutes))
    assert connector.move("v-2", slot, version=before.version) == "v-2"
    for _ in range(2):
        connector.annotate("v-2", "Rebook: moved")
    after = connector.fetch_appointment("v-2")
    assert (after.starts_at, after.ends_at) == (slot.starts_at, slot.ends_at)
    assert after.status is Status.BOOKED
    shown = row(town, "v-2")
    assert (shown["status"], shown["rebook_note"]) == ("booked", "Rebook: moved")
    assert isinstance(shown["starts_at"], float)
    assert len(gateway.wait(1, NAME)) == 1


def test_a_booking_is_a_row_of_its_own_however_often_it_is_asked_for(town: Running) -> None:
    connector = reach(town, NAME)
    old = connector.fetch_appointment("v-1")
    slot = Slot(old.starts_at + timedelta(days=7), old.ends_at + timedelta(days=7), old.calendar)
    request = BookingRequest(slot, old.person, old.service, "", old.zone, was="v-1")
    assert connector.find_booking(request, our_ref="intent-1") is None
    made = [connector.book(request, our_ref="intent-1") for _ in range(2)]
    assert made == [made[0]] * 2
    assert connector.find_booking(request, our_ref="intent-1") == made[0]
    found = connector.fetch_appointment(made[0])
    assert (found.starts_at, found.person, found.ours) == (slot.starts_at, old.person, "intent-1")
    assert len(town.state()[SLUG]["rows"]) == 13
    assert [
        busy.starts_at for busy in connector.busy_times(old.calendar, slot.starts_at, slot.ends_at)
    ] == [slot.starts_at]


def test_the_outcome_is_written_in_staffs_own_words(town: Running) -> None:
    connector = reach(town, NAME, noshow_values="Did not come, missed")
    connector.cancel("v-1", "rebooked")
    connector.mark_noshow("v-2")
    assert row(town, "v-1")["status"] == "cancelled"
    assert row(town, "v-2")["status"] == "Did not come"
    assert connector.fetch_appointment("v-2").status is Status.NOSHOW


def test_a_wrong_tab_and_a_revoked_token_are_told_apart(town: Running) -> None:
    assert reach(town, NAME).check() == "Harbour Street Studio"
    with pytest.raises(Refused):
        reach(town, NAME, sheet="Visits").check()
    entry = town.connection(NAME)
    answer = httpx.get(f"{entry['base_url']}/v4/spreadsheets/x", verify=PLAIN, timeout=60)
    assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    town.fault(SLUG, "401", count=2)
    with pytest.raises(NotAllowed):
        reach(town, NAME).check()


def schema(name: str) -> Json:
    def resolved(node: Any) -> Any:
        if isinstance(node, list):
            return [resolved(one) for one in node]
        if not isinstance(node, dict):
            return node
        fixed = {k: resolved(v) for k, v in node.items() if k not in ("required", "id")}
        if fixed.get("type") == "any":
            del fixed["type"]
        if isinstance(fixed.get("$ref"), str):
            fixed["$ref"] = f"#/definitions/{fixed['$ref']}"
        return fixed

    schemas = resolved(json.loads((SPECS / SLUG / "discovery.json").read_text())["schemas"])
    return {**schemas[name], "additionalProperties": False, "definitions": schemas}


@pytest.mark.skipif(not SPECS.is_dir(), reason="the vendors' specs are not here: set REBOOK_SPECS")
def test_google_sheets_answers_as_its_discovery_document_says(town: Running) -> None:
    entry = town.connection(NAME)
    sheet = f"{entry['base_url']}/v4/spreadsheets/{entry['settings']['spreadsheet']}"
    bearer = {"Authorization": f"Bearer {entry['credentials']['access_token']}"}
    raw = {"valueInputOption": "RAW"}
    cell = {"range": "Appointments!M2", "values": [["x"]]}
    ranges = {"ranges": ["Appointments!1:1", "'Appointments'!A2:C3", "Appointments!90:95"]}
    with httpx.Client(headers=bearer, verify=PLAIN, timeout=60) as google:
        answers = {
            "Spreadsheet": google.get(sheet),
            "ValueRange": google.get(f"{sheet}/values/Appointments"),
            "BatchGetValuesResponse": google.get(f"{sheet}/values:batchGet", params=ranges),
            "BatchUpdateValuesResponse": google.post(
                f"{sheet}/values:batchUpdate", json={**raw, "data": [cell]}
            ),
            "AppendValuesResponse": google.post(
                f"{sheet}/values/Appointments!A1:append", params=raw, json={"values": [["v-99"]]}
            ),
            "UpdateValuesResponse": google.put(
                f"{sheet}/values/Appointments!B14", params=raw, json={"values": [["Pat"]]}
            ),
        }
        beyond = google.get(f"{sheet}/values/Appointments!A9999")
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(
        answers, 200
    )
    faults = {
        name: [e.message for e in Draft4Validator(schema(name)).iter_errors(answer.json())]
        for name, answer in answers.items()
    }
    assert faults == {name: [] for name in answers}
    assert beyond.status_code == 400
    listed = answers["BatchGetValuesResponse"].json()["valueRanges"]
    assert [len(one.get("values", [])) for one in listed] == [1, 2, 0]


class Redirected(requests.adapters.HTTPAdapter):
    """gspread's addresses are constants: its requests are sent to the sandbox instead."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base_url = base_url

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        request.url = request.url.replace("https://sheets.googleapis.com", self._base_url)
        return super().send(request, *args, **kwargs)


def test_gspread_itself_can_use_the_sandbox(town: Running) -> None:
    entry = town.connection(NAME)
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", Redirected(entry["base_url"]))
    session.headers["Authorization"] = f"Bearer {entry['credentials']['access_token']}"
    nobody = cast("Credentials", None)  # gspread takes a session in the place of credentials
    book = gspread.Client(nobody, session).open_by_key(entry["settings"]["spreadsheet"])
    tab = book.worksheet("Appointments")
    assert len(tab.get_all_values()) == 13
    tab.update_acell("M2", "by gspread")
    tab.append_row(["v-99", "Pat Reed"])
    assert row(town, "v-1")["rebook_ref"] == "by gspread"
    assert row(town, "v-99")["client"] == "Pat Reed"
    with pytest.raises(gspread.exceptions.APIError):
        tab.acell("A9999")
