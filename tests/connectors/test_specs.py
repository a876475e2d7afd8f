"""The comparison with the vendors' specs finds what it is there to find."""

import json
from typing import Any

import pytest

from tests.connectors import specs
from tests.connectors.vendor import Received

pytestmark = specs.absent

JSON = {"content-type": "application/json"}


def request(method: str, path: str, body: bytes = b"", **query: str) -> Received:
    listed = {name: [value] for name, value in query.items()}
    return Received(method, path, path, listed, JSON, body)


def query(text: str, **variables: Any) -> Received:
    body = {"query": text, "operationName": "A", "variables": variables}
    return request("POST", "/api/graphql", json.dumps(body).encode())


TASK = "mutation A($input: TaskCreateInput!) { taskCreate(input: $input) { task { id } } }"
GOOD: list[tuple[str, Any]] = [
    ("jobber", query("query A($id: EncodedId!) { visit(id: $id) { id } }", id="x")),
    ("jobber", query(TASK, input={"title": "Call back"})),
    ("acuity", request("GET", "/api/v1/appointments", max="100", showall="true")),
    ("acuity", request("PUT", "/api/v1/appointments/1/cancel", b'{"noShow": true}', admin="true")),
    ("google_calendar", request("DELETE", "/calendar/v3/calendars/a/events/b", sendUpdates="none")),
    ("google_calendar", request("POST", "/x/freeBusy", b'{"items": [{"id": "a"}]}')),
]
BAD: list[tuple[str, Received, str]] = [
    ("jobber", query("query A { account { phone } }"), "Cannot query field"),
    ("jobber", query("query A($id: EncodedId!) { visit(id: $id) { id } }"), "$id"),
    ("jobber", query("query A($id: Int!) { visit(id: $id) { id } }", id=1), "EncodedId"),
    ("jobber", query("query A { account { name } }", id="x"), "id is not declared"),
    ("jobber", query("query B { account { name } }"), "no operation has this name"),
    ("jobber", query(TASK, input={"title": 3}), "String cannot represent"),
    ("jobber", query(TASK, input={"name": "x"}), "name"),
    ("acuity", request("GET", "/api/v1/appointmints"), "is not documented"),
    ("acuity", request("PATCH", "/api/v1/appointments/1"), "is not documented"),
    ("acuity", request("GET", "/api/v1/appointments", page="2"), "parameter page"),
    ("acuity", request("GET", "/api/v1/appointments", max="many"), "parameter max"),
    ("acuity", request("GET", "/api/v1/appointments", direction="UP"), "parameter direction"),
    ("acuity", request("GET", "/api/v1/availability/dates"), "parameter"),
    ("acuity", request("POST", "/api/v1/appointments", b"{}"), "required"),
    ("acuity", request("POST", "/api/v1/appointments"), "body is missing"),
    ("acuity", request("PUT", "/v1/appointments/1", b'{"note": "x"}'), "additionalProperties"),
    ("acuity", request("PUT", "/v1/appointments/1", b'{"notes": 3}'), "type"),
    (
        "google_calendar",
        request("DELETE", "/calendars/a/events/b", sendUpdates="no"),
        "sendUpdates",
    ),
    ("google_calendar", request("PATCH", "/calendars/a/events/b", b'{"when": 1}'), "additional"),
    ("google_calendar", request("PATCH", "/calendars/a/events/b", b'{"start": "x"}'), "type"),
    ("outlook", request("PATCH", "/users/a/events/b", b'{"when": 1}'), "additional"),
    ("outlook", request("PATCH", "/users/a/events/b", b'{"start": {"day": "x"}}'), "anyOf"),
    ("google_calendar", request("POST", "/x/freeBusy", b'{"items": [{"ids": "a"}]}'), "additional"),
]


@pytest.mark.parametrize(("slug", "good"), GOOD)
def test_a_documented_request_has_no_fault(slug: str, good: Received) -> None:
    assert specs.faults(slug, good) == []


@pytest.mark.parametrize(("slug", "bad", "fault"), BAD)
def test_a_request_that_is_not_documented_has_a_fault(slug: str, bad: Received, fault: str) -> None:
    found = specs.faults(slug, bad)
    assert found
    assert fault in " ".join(found)
