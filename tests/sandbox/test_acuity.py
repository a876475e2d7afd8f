"""Acuity as its documents describe it, seen through plain HTTP."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import date, datetime, timedelta
from urllib.parse import parse_qs

import httpx
import pytest

from tests.sandbox.conftest import Gateway, Json, Running


@pytest.fixture
def acuity(sandbox: Running) -> httpx.Client:
    return sandbox.acuity()


def first(acuity: httpx.Client) -> Json:
    return dict(acuity.get("/appointments", params={"direction": "ASC"}).json()[0])


def free_times(acuity: httpx.Client, calendar: int, service: int = 9103) -> list[str]:
    """All starts of the next two months of days Acuity says have any."""
    today = date.fromisoformat(first(acuity)["datetime"][:10])
    found = []
    for month in {f"{today:%Y-%m}", f"{today + timedelta(days=31):%Y-%m}"}:
        what = {"appointmentTypeID": service, "calendarID": calendar}
        dates = acuity.get("/availability/dates", params={**what, "month": month}).json()
        for day in dates:
            times = acuity.get("/availability/times", params={**what, "date": day["date"]}).json()
            found += [time["time"] for time in times]
    return sorted(found)


def new(start: str, **fields: object) -> Json:
    person = {"firstName": "Tilda", "lastName": "Test", "email": "tilda@example.com"}
    return {"datetime": start, "appointmentTypeID": 9103, "calendarID": 8101, **person, **fields}


def test_a_wrong_key_is_unauthorized(acuity: httpx.Client) -> None:
    answer = acuity.get("/me", auth=("1", "wrong"))
    assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")


def test_every_client_has_one_future_appointment_within_ten_days(acuity: httpx.Client) -> None:
    starts = [datetime.fromisoformat(a["datetime"]) for a in acuity.get("/appointments").json()]
    now = datetime.now(starts[0].tzinfo)
    assert len(starts) == 12
    assert all(now < start < now + timedelta(days=11) for start in starts)


def test_cancelled_ones_are_hidden_unless_asked_for(acuity: httpx.Client) -> None:
    gone = first(acuity)["id"]
    assert acuity.put(f"/appointments/{gone}/cancel").json()["canceled"] is True
    counts = [
        len(acuity.get("/appointments", params=query).json())
        for query in ({}, {"canceled": "true"}, {"showall": "true"})
    ]
    assert counts == [11, 1, 12]


def test_a_list_stops_at_max_and_has_no_next_page(acuity: httpx.Client) -> None:
    found = acuity.get("/appointments", params={"max": 5, "direction": "ASC"}).json()
    assert len(found) == 5
    assert [a["datetime"] for a in found] == sorted(a["datetime"] for a in found)


def test_a_list_is_narrowed_to_days_calendar_and_person(acuity: httpx.Client) -> None:
    one = first(acuity)
    day = one["datetime"][:10]
    by_day = acuity.get("/appointments", params={"minDate": day, "maxDate": day}).json()
    assert {a["datetime"][:10] for a in by_day} == {day}
    by_mail = acuity.get("/appointments", params={"email": one["email"]}).json()
    assert [a["id"] for a in by_mail] == [one["id"]]
    by_calendar = acuity.get("/appointments", params={"calendarID": 8102}).json()
    assert {a["calendarID"] for a in by_calendar} == {8102}


def test_a_date_that_is_none_is_refused(acuity: httpx.Client) -> None:
    for value in ("soon", "9999-12-31", "2026-02-30"):
        answer = acuity.get("/appointments", params={"minDate": value})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_date")


def test_there_are_plenty_of_free_times(acuity: httpx.Client) -> None:
    assert len(free_times(acuity, 8101)) >= 40


def test_a_taken_time_is_not_available_and_the_slot_is_sold_once(acuity: httpx.Client) -> None:
    start = free_times(acuity, 8101)[0]
    assert acuity.post("/appointments", json=new(start)).status_code == 200
    again = acuity.post("/appointments", json=new(start))
    assert (again.status_code, again.json()["error"]) == (400, "not_available")
    assert start not in free_times(acuity, 8101)


def test_an_admin_must_name_the_calendar_and_may_double_book(acuity: httpx.Client) -> None:
    start = first(acuity)["datetime"]
    unnamed = acuity.post("/appointments?admin=true", json=new(start, calendarID=None))
    assert (unnamed.status_code, unnamed.json()["error"]) == (400, "required_calendar")
    assert acuity.post("/appointments?admin=true", json=new(start)).status_code == 200


def test_check_times_answers_one_for_one_and_many_for_many(acuity: httpx.Client) -> None:
    free = {"datetime": free_times(acuity, 8101)[0], "appointmentTypeID": 9103, "calendarID": 8101}
    taken = {
        **free,
        "datetime": first(acuity)["datetime"],
        "calendarID": first(acuity)["calendarID"],
    }
    assert acuity.post("/availability/check-times", json=free).json()["valid"] is True
    both = acuity.post("/availability/check-times", json=[free, taken]).json()
    assert [one["valid"] for one in both] == [True, False]


def test_a_move_keeps_the_id_and_frees_the_old_time(acuity: httpx.Client) -> None:
    one = first(acuity)
    start = free_times(acuity, one["calendarID"])[0]
    moved = acuity.put(f"/appointments/{one['id']}/reschedule", json={"datetime": start}).json()
    assert (moved["id"], moved["datetime"]) == (one["id"], start)


def test_a_cancelled_one_can_be_neither_cancelled_nor_moved_again(acuity: httpx.Client) -> None:
    one = first(acuity)
    acuity.put(f"/appointments/{one['id']}/cancel")
    again = acuity.put(f"/appointments/{one['id']}/cancel")
    assert (again.status_code, again.json()["error"]) == (400, "cancel_not_allowed")
    move = acuity.put(f"/appointments/{one['id']}/reschedule", json={"datetime": one["datetime"]})
    assert move.status_code == 400


def test_only_an_admin_can_mark_a_no_show_and_it_is_a_cancel(acuity: httpx.Client) -> None:
    one, two = acuity.get("/appointments").json()[:2]
    assert "noShow" not in one
    plain = acuity.put(f"/appointments/{one['id']}/cancel", json={"noShow": True}).json()
    admin = acuity.put(f"/appointments/{two['id']}/cancel?admin=true", json={"noShow": True}).json()
    assert (plain["canceled"], plain["noShow"]) == (True, False)
    assert (admin["canceled"], admin["noShow"]) == (True, True)


def test_notes_and_the_one_label_are_for_admins(acuity: httpx.Client) -> None:
    path = f"/appointments/{first(acuity)['id']}"
    assert acuity.put(path, json={"notes": "x"}).status_code == 403
    assert acuity.put(f"{path}?admin=true", json={"notes": "x"}).json()["notes"] == "x"
    two = {"labels": [{"id": 1}, {"id": 2}]}
    assert acuity.put(path, json=two).json()["error"] == "invalid_labels"


def test_our_reference_in_the_form_comes_back(acuity: httpx.Client) -> None:
    start = free_times(acuity, 8101)[0]
    field = {"id": 7101, "value": "ref-1"}
    made = acuity.post("/appointments", json=new(start, fields=[field])).json()
    [form] = acuity.get(f"/appointments/{made['id']}").json()["forms"]
    assert [(v["fieldID"], v["value"]) for v in form["values"]] == [(7101, "ref-1")]
    listed = acuity.get("/appointments", params={"excludeForms": "true"}).json()
    assert {str(a["forms"]) for a in listed} == {"[]"}


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"firstName": ""}, "required_first_name"),
        ({"email": "nobody"}, "invalid_email"),
        ({"appointmentTypeID": 1}, "invalid_appointment_type"),
        ({"calendarID": "x"}, "invalid_calendar"),
        ({"datetime": "tomorrow"}, "invalid_datetime"),
        ({"timezone": "Mars/Olympus"}, "invalid_timezone"),
        ({"fields": [{"id": 1, "value": "x"}]}, "invalid_fields"),
    ],
)
def test_a_bad_booking_is_refused_with_a_code(
    acuity: httpx.Client, fields: Json, error: str
) -> None:
    answer = acuity.post("/appointments", json=new(free_times(acuity, 8101)[0], **fields))
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_body_that_is_not_json_is_a_clear_400(acuity: httpx.Client) -> None:
    for body in (b"{", b"[1]", b"[" * 100_000, b"\xff"):
        assert acuity.post("/appointments", content=body).status_code == 400


def test_eleven_calls_in_a_second_are_too_many(serve: Callable[..., Running]) -> None:
    with serve(limits=True).acuity() as acuity:
        answers = [acuity.get("/me") for _ in range(11)]
    assert [a.status_code for a in answers[:10]] == [200] * 10
    assert (answers[10].status_code, answers[10].json()["status_code"]) == (429, 429)
    assert int(answers[10].headers["retry-after"]) >= 1


def test_a_cancel_is_told_by_a_form_signed_with_the_api_key(
    sandbox: Running, gateway: Gateway
) -> None:
    key = sandbox.connection("acuity")["webhook_secrets"][0]
    with sandbox.acuity() as acuity:
        one = first(acuity)
        acuity.put(f"/appointments/{one['id']}/cancel?admin=true&noEmail=true")
    [hook] = gateway.wait(1, "/hooks/acuity")
    digest = hmac.new(key.encode(), hook.body, hashlib.sha256).digest()
    assert hook.headers["x-acuity-signature"] == base64.b64encode(digest).decode()
    form = {name: values[0] for name, values in parse_qs(hook.body.decode()).items()}
    assert form == {
        "action": "canceled",
        "id": str(one["id"]),
        "calendarID": str(one["calendarID"]),
        "appointmentTypeID": str(one["appointmentTypeID"]),
    }


def test_a_dynamic_webhook_is_called_until_it_is_deleted(
    sandbox: Running, gateway: Gateway
) -> None:
    with sandbox.acuity() as acuity:
        target = {"event": "appointment.changed", "target": f"{gateway.url}/mine"}
        hook = acuity.post("/webhooks", json=target).json()
        one, two = acuity.get("/appointments").json()[:2]
        acuity.put(f"/appointments/{one['id']}/cancel")
        gateway.wait(1, "/mine")
        assert acuity.delete(f"/webhooks/{hook['id']}").status_code == 204
        acuity.put(f"/appointments/{two['id']}/cancel")
        gateway.wait(2, "/hooks/acuity")
    assert len(gateway.at("/mine")) == 1


def test_a_dynamic_webhook_with_the_target_of_the_static_one_replaces_it(
    sandbox: Running, gateway: Gateway
) -> None:
    target = {"event": "appointment.canceled", "target": f"{gateway.url}/hooks/acuity"}
    with sandbox.acuity() as acuity:
        acuity.post("/webhooks", json=target)
        one = first(acuity)["id"]
        acuity.put(f"/appointments/{one}/cancel")
    gateway.wait(1)
    assert [d["kind"] for d in sandbox.deliveries("acuity")] == ["canceled"]


def test_no_more_than_25_dynamic_webhooks(acuity: httpx.Client) -> None:
    target = {"event": "appointment.canceled", "target": "http://127.0.0.1:9/x"}
    statuses = [acuity.post("/webhooks", json=target).status_code for _ in range(26)]
    assert statuses == [200] * 25 + [400]


def test_acuity_writes_to_the_client_itself_unless_told_not_to(sandbox: Running) -> None:
    with sandbox.acuity() as acuity:
        one, two = acuity.get("/appointments").json()[:2]
        acuity.put(f"/appointments/{one['id']}/cancel?noEmail=true")
        acuity.put(f"/appointments/{two['id']}/cancel")
    own = sandbox.state()["acuity"]["own_messages"]
    assert own == [{"action": "canceled", "appointment": two["id"]}]
