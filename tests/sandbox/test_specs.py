"""What the platforms answer, held against the vendors' machine-readable specs."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft4Validator, Draft202012Validator

from tests.sandbox.conftest import Json, Running

SPECS = Path(os.environ.get("REBOOK_SPECS") or Path(__file__).parents[2] / "../shared/specs")
pytestmark = pytest.mark.skipif(
    not SPECS.is_dir(), reason="the vendors' specs are not here: set REBOOK_SPECS"
)

# The spec forbids what its own example of conversations.history shows (examples/responses.json).
# It also knows no edited message of a bot, though chat.update makes one.
SLACK_DEVIATIONS = {
    "$: Additional properties are not allowed ('response_metadata' was unexpected)",
    "$.messages[0]: Additional properties are not allowed ('edited' was unexpected)",
}


@cache
def spec(slug: str, name: str = "openapi.json") -> Json:
    return dict(json.loads((SPECS / slug / name).read_text()))


def nullable(node: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema says null."""
    if isinstance(node, list):
        return [nullable(one) for one in node]
    if not isinstance(node, dict):
        return node
    fixed = {key: nullable(value) for key, value in node.items()}
    return {"anyOf": [fixed, {"type": "null"}]} if fixed.pop("nullable", False) else fixed


def faults(slug: str, path: str, method: str, answer: httpx.Response) -> list[str]:
    """What in the answer the spec does not allow."""
    whole = spec(slug)
    responses = whole["paths"][path][method]["responses"]
    told = (str(answer.status_code), f"{answer.status_code // 100}XX", "default")
    found = next(responses[name] for name in told if name in responses)
    if "$ref" in found:
        found = whole["components"]["responses"][found["$ref"].rsplit("/", 1)[1]]
    schema = next(iter(found["content"].values()))["schema"]
    root = {**nullable(schema), "components": nullable(whole["components"])}
    return [
        f"{e.json_path}: {e.message}" for e in Draft202012Validator(root).iter_errors(answer.json())
    ]


def google_faults(name: str, answer: httpx.Response) -> list[str]:
    """Discovery documents name their schemas by bare ids."""

    def resolved(node: Any) -> Any:
        if isinstance(node, list):
            return [resolved(one) for one in node]
        if not isinstance(node, dict):
            return node
        fixed = {key: resolved(value) for key, value in node.items() if key != "required"}
        if isinstance(fixed.get("$ref"), str):
            fixed["$ref"] = f"#/definitions/{fixed['$ref']}"
        return fixed

    schemas = resolved(spec("google_calendar", "discovery.json")["schemas"])
    strict = {**schemas[name], "additionalProperties": False, "definitions": schemas}
    strict.pop("id", None)
    for definition in schemas.values():
        definition.pop("id", None)
    return [e.message for e in Draft4Validator(strict).iter_errors(answer.json())]


def test_acuity_answers_as_its_spec_says(sandbox: Running) -> None:
    with sandbox.acuity() as acuity:
        one = acuity.get("/appointments").json()[0]
        number, service = one["id"], one["appointmentTypeID"]
        day = one["datetime"][:10]
        what = {"appointmentTypeID": service, "date": day, "month": day[:7]}
        check = {"datetime": one["datetime"], "appointmentTypeID": service}
        answers = {
            ("/appointments", "get"): acuity.get("/appointments"),
            ("/appointments/{id}", "get"): acuity.get(f"/appointments/{number}"),
            ("/appointment-types", "get"): acuity.get("/appointment-types"),
            ("/calendars", "get"): acuity.get("/calendars"),
            ("/availability/dates", "get"): acuity.get("/availability/dates", params=what),
            ("/availability/times", "get"): acuity.get("/availability/times", params=what),
            ("/availability/check-times", "post"): acuity.post(
                "/availability/check-times", json=check
            ),
            ("/appointments/{id}/cancel", "put"): acuity.put(f"/appointments/{number}/cancel"),
            ("/appointments/{id}/reschedule", "put"): acuity.put(
                f"/appointments/{number}/reschedule", json={"datetime": one["datetime"]}
            ),
            ("/webhooks", "post"): acuity.post("/webhooks", json={"event": "nothing"}),
        }
    assert {key: faults("acuity", *key, answer) for key, answer in answers.items()} == {
        key: [] for key in answers
    }


def test_acuity_shows_the_fields_that_were_recorded_of_the_real_one(sandbox: Running) -> None:
    recorded = spec("acuity", "examples/get-appointment.json")["calls"][0]["response"]
    with sandbox.acuity() as acuity:
        one = acuity.get("/appointments").json()[0]
    assert set(one) == set(recorded)
    assert {k: type(v) for k, v in one.items() if v is not None and recorded[k] is not None} == {
        k: type(v) for k, v in recorded.items() if v is not None and one[k] is not None
    }


def test_google_answers_as_its_discovery_document_says(sandbox: Running) -> None:
    events = f"/calendars/{sandbox.calendar()}/events"
    busy = {
        "timeMin": "2030-01-01T00:00:00Z",
        "timeMax": "2030-02-01T00:00:00Z",
        "items": [{"id": "primary"}, {"id": "nobody@example.com"}],
    }
    watch = {"id": "c1", "type": "web_hook", "address": "http://127.0.0.1:9/", "token": "t"}
    with sandbox.google() as google:
        listed = google.get(events)
        one = google.get(f"{events}/{listed.json()['items'][0]['id']}")
        answers = {
            "Events": listed,
            "Event": one,
            "FreeBusyResponse": google.post("/freeBusy", json=busy),
            "Channel": google.post(f"{events}/watch", json=watch),
            "CalendarList": google.get("/users/me/calendarList"),
            "Calendar": google.get("/calendars/primary"),
        }
    assert {a.status_code for a in answers.values()} == {200}
    assert {name: google_faults(name, a) for name, a in answers.items()} == {n: [] for n in answers}


def test_twilio_answers_as_its_spec_says(sandbox: Running) -> None:
    entry = sandbox.connection("twilio")
    login = (entry["credentials"]["account_sid"], entry["credentials"]["auth_token"])
    base = f"{entry['base_url']}/2010-04-01/Accounts/{login[0]}/Messages"
    form = {"To": "+18085550101", "From": "+18085550100", "Body": "Hello"}
    sent = sandbox.http.post(f"{base}.json", data=form, auth=login)
    listed = sandbox.http.get(f"{base}.json", params={"PageSize": 1}, auth=login)
    one = sandbox.http.get(f"{base}/{sent.json()['sid']}.json", auth=login)
    path = "/2010-04-01/Accounts/{AccountSid}/Messages"
    assert sent.status_code == 201
    assert faults("twilio", f"{path}.json", "post", sent) == []
    assert faults("twilio", f"{path}.json", "get", listed) == []
    assert faults("twilio", f"{path}/{{Sid}}.json", "get", one) == []


def test_sendgrid_answers_as_its_spec_says(sandbox: Running) -> None:
    entry = sandbox.connection("sendgrid")
    bearer = {"Authorization": f"Bearer {entry['credentials']['api_key']}"}
    mail = {
        "personalizations": [{"to": [{"email": "ana@example.com"}]}],
        "from": {"email": "studio@sandbox.example.com"},
        "subject": "x",
        "content": [{"type": "text/plain", "value": "x"}],
    }
    base = f"{entry['base_url']}/v3"
    sent = sandbox.http.post(f"{base}/mail/send", json=mail, headers=bearer)
    refused = sandbox.http.post(f"{base}/mail/send", json={}, headers=bearer)
    found = sandbox.http.get(f"{base}/messages", headers=bearer)
    number = found.json()["messages"][0]["msg_id"]
    one = sandbox.http.get(f"{base}/messages/{number}", headers=bearer)
    assert (sent.status_code, sent.content, refused.status_code) == (202, b"", 400)
    assert faults("sendgrid", "/v3/messages", "get", found) == []
    assert faults("sendgrid", "/v3/messages/{msg_id}", "get", one) == []


def test_slack_answers_as_its_spec_says(sandbox: Running) -> None:
    entry = sandbox.connection("slack")
    bearer = {"Authorization": f"Bearer {entry['credentials']['bot_token']}"}

    def call(method: str, **args: object) -> httpx.Response:
        return sandbox.http.post(f"{entry['base_url']}{method}", json=args, headers=bearer)

    posted = call("chat.postMessage", channel="C0SANDBOX1", text="x")
    answers = {
        ("/chat.postMessage", "post"): posted,
        ("/chat.update", "post"): call(
            "chat.update", channel="C0SANDBOX1", ts=posted.json()["ts"], text="y"
        ),
        ("/auth.test", "get"): call("auth.test"),
        ("/conversations.history", "get"): call("conversations.history", channel="C0SANDBOX1"),
    }
    assert {a.json()["ok"] for a in answers.values()} == {True}
    seen = [f for key, answer in answers.items() for f in faults("slack", *key, answer)]
    assert [fault for fault in seen if fault not in SLACK_DEVIATIONS] == []
