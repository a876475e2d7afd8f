"""The controls: what people do, the clock, the reset; and what the sandbox remembers of it."""

import json
from pathlib import Path

import httpx
import pytest

from sandbox.clock import Clock
from tests.sandbox.conftest import Gateway, Json, Running


def appointment(sandbox: Running, number: int) -> Json:
    own = sandbox.state()["acuity"]["appointments"]
    return next(one for one in own if one["id"] == number)


def ids(sandbox: Running) -> list[int]:
    return [one["id"] for one in sandbox.state()["acuity"]["appointments"]]


@pytest.mark.parametrize("by", ["client", "staff"])
def test_an_appointment_is_cancelled_by_client_or_staff(
    sandbox: Running, gateway: Gateway, by: str
) -> None:
    number = ids(sandbox)[0]
    sandbox.act(f"/acuity/{number}/cancel", by=by)
    assert appointment(sandbox, number)["canceled"] is True
    assert appointment(sandbox, number)["noShow"] is False
    assert b"action=canceled" in gateway.wait(1, "/hooks/acuity")[0].body


def test_a_missed_appointment_arrives_as_cancelled_and_no_show(
    sandbox: Running, gateway: Gateway
) -> None:
    number = ids(sandbox)[0]
    sandbox.act(f"/acuity/{number}/missed")
    assert appointment(sandbox, number)["noShow"] is True
    assert b"action=canceled" in gateway.wait(1, "/hooks/acuity")[0].body


def test_an_event_is_cancelled_in_google(sandbox: Running) -> None:
    event = sandbox.state()["google_calendar"]["events"][0]["id"]
    sandbox.act(f"/google/{event}/cancel")
    found = [e for e in sandbox.state()["google_calendar"]["events"] if e["id"] == event]
    assert [e["status"] for e in found] == ["cancelled"]


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("/acuity/1/cancel", {"by": "client"}, 404),
        ("/acuity/1/cancel", {"by": "cat"}, 400),
        ("/google/nothing/cancel", {}, 404),
        ("/phone/reply", {"from": "+18085550101", "body": " "}, 400),
        ("/mail/reply", {"message_id": "x", "text": "y"}, 404),
        ("/clock", {}, 400),
        ("/clock", {"advance_seconds": "soon"}, 400),
        ("/clock", {"offset_seconds": "nan"}, 400),
        ("/clock", {"offset_seconds": 1e300}, 400),
    ],
)
def test_what_makes_no_sense_is_refused(
    sandbox: Running, path: str, fields: Json, status: int
) -> None:
    assert sandbox.http.post(f"/_control{path}", json=fields).status_code == status


def test_a_request_from_another_site_is_refused(sandbox: Running) -> None:
    evil = {"Origin": "http://evil.test"}
    answer = sandbox.http.post("/_control/reset", headers=evil)
    assert answer.status_code == 403
    own = {"Origin": sandbox.url}
    assert sandbox.http.post("/_control/reset", headers=own).status_code == 200


def test_the_clock_moves_for_everyone_through_its_file(sandbox: Running) -> None:
    sandbox.act("/clock", advance_seconds=3600)
    assert json.loads(sandbox.clock_file.read_text()) == {"offset_seconds": 3600.0}
    sandbox.clock_file.write_text('{"offset_seconds": 7200}')
    assert sandbox.state()["offset_seconds"] == 7200
    sandbox.act("/clock", offset_seconds=0)
    assert sandbox.state()["offset_seconds"] == 0


def test_a_broken_clock_file_leaves_the_last_offset_in_force(tmp_path: Path) -> None:
    file = tmp_path / "clock.json"
    clock = Clock(file)
    assert clock.offset() == 0
    clock.set(60)
    assert Clock(file).offset() == 60
    for broken in ("", "{", "[]", "{}", '{"offset_seconds": null}'):
        file.write_text(broken)
        assert clock.offset() == 60


def test_signatures_carry_the_towns_time(sandbox: Running, gateway: Gateway) -> None:
    sandbox.act("/clock", offset_seconds=86_400)
    before = Clock(sandbox.clock_file).timestamp()
    entry = sandbox.connection("slack")
    block = {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "A"}}
    posted = sandbox.http.post(
        f"{entry['base_url']}chat.postMessage",
        json={
            "channel": "C0SANDBOX1",
            "text": "x",
            "blocks": [{"type": "actions", "elements": [block]}],
        },
        headers={"Authorization": f"Bearer {entry['credentials']['bot_token']}"},
    ).json()
    sandbox.act("/slack/click", ts=posted["ts"], action_id="a")
    [hook] = gateway.wait(1, "/hooks/slack/interactivity")
    assert abs(int(hook.headers["x-slack-request-timestamp"]) - before) < 30


def test_a_reset_puts_everything_back_and_old_connections_keep_working(
    sandbox: Running, gateway: Gateway
) -> None:
    before = ids(sandbox)
    with sandbox.acuity() as acuity:
        sandbox.act(f"/acuity/{before[0]}/cancel", by="client")
        gateway.wait(1)
        sandbox.fault("acuity", "500")
        sandbox.act("/reset")
        assert acuity.get("/me").status_code == 200
        assert acuity.get(f"/appointments/{before[0]}").json()["canceled"] is False
    assert ids(sandbox) == before
    assert sandbox.deliveries("acuity") == []


def test_a_reset_forgets_webhooks_under_way(sandbox: Running, gateway: Gateway) -> None:
    sandbox.fault("acuity", "delay", on="webhook", seconds=0.5)
    one, two = ids(sandbox)[:2]
    sandbox.act(f"/acuity/{one}/cancel", by="client")
    sandbox.act("/reset")
    sandbox.fault("acuity", "delay", on="webhook", seconds=0.6)
    sandbox.act(f"/acuity/{two}/cancel", by="client")
    [hook] = gateway.wait(1)
    assert f"id={two}&" in hook.body.decode()


def test_traffic_shows_what_each_platform_was_asked(sandbox: Running) -> None:
    with sandbox.acuity() as acuity:
        acuity.get("/appointments", params={"max": 1})
        acuity.post("/appointments", json={"firstName": "Tilda"})
    calls = sandbox.http.get("/_control/traffic?platform=acuity").json()["calls"]
    seen = [(c["method"], c["path"], c["query"], c["status"]) for c in calls]
    assert seen == [
        ("GET", "/acuity/api/v1/appointments", "max=1", 200),
        ("POST", "/acuity/api/v1/appointments", "", 400),
    ]
    assert json.loads(calls[1]["body"]) == {"firstName": "Tilda"}
    assert "authorization" not in calls[1]["headers"]
    assert sandbox.http.get("/_control/traffic?platform=slack").json()["calls"] == []


def test_the_listing_is_the_same_at_every_start_and_flat(sandbox: Running) -> None:
    entries = sandbox.http.get("/_control/connections").json()
    assert [e["connection"] for e in entries] == ["acuity", "google", "twilio", "sendgrid", "slack"]
    for entry in entries:
        values = [*entry["credentials"].values(), *entry["settings"].values()]
        assert all(isinstance(value, str) and value for value in values)
        assert entry["webhook_secrets"]
    again = sandbox.http.get("/_control/connections").json()
    assert again == entries


def test_an_unknown_path_is_a_404_and_not_a_crash(sandbox: Running) -> None:
    for path in ("/nothing", "/acuity/api/v1/nothing", "/google_calendar/x", "/slack/api"):
        assert httpx.get(sandbox.url + path, timeout=60).status_code in (401, 404)
