"""Our connector against the emulated Freshdesk, and the emulation against its documentation."""

from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest

from connectors import connect, door
from connectors.contract import BookingRequest, Connector, StoredWebhook, WebhookRequest
from connectors.errors import BadSignature, Conflict, Refused, TooMany
from rebook.domain.appointments import Appointment, Change, Person, Slot, Status
from tests.sandbox import test_specs
from tests.sandbox.conftest import PLAIN, Gateway, Json, Running

SLUG = "freshdesk"


@pytest.fixture
def town(serve: Callable[..., Running]) -> Running:
    return serve(platforms=(SLUG,))


def connector(town: Running, **settings: str) -> Connector:
    entry = town.connection(SLUG)
    return connect(SLUG, entry["base_url"], {**entry["settings"], **settings}, entry["credentials"])


def later(one: Appointment) -> Slot:
    return Slot(one.starts_at + timedelta(days=2), one.ends_at + timedelta(days=2))


def poll(desk: Connector, cursor: str | None = None) -> tuple[list[Appointment], str]:
    pages = list(desk.poll_changes(cursor))
    return [one for page in pages for one in page.appointments], pages[-1].cursor


def shown(town: Running, ticket: str) -> Json:
    tickets = town.state()[SLUG]["tickets"]
    return dict(next(one for one in tickets if one["id"] == int(ticket)))


def test_everybody_in_town_has_a_ticket_that_is_linked_to_the_record(town: Running) -> None:
    found, _ = poll(connector(town))
    records = {f"acuity:{one['id']}" for one in town.state()["acuity"]["appointments"]}
    assert {one.status for one in found} == {Status.BOOKED}
    assert {one.same_as for one in found} == records
    assert all(one.person.phone and one.person.email for one in found)


@pytest.mark.parametrize(
    ("act", "status"), [("cancel", Status.CANCELLED), ("missed", Status.NOSHOW)]
)
def test_a_loss_is_found_by_the_list(town: Running, act: str, status: Status) -> None:
    desk = connector(town)
    found, cursor = poll(desk)
    lost = found[3].id
    town.act(f"/freshdesk/{lost}/{act}")
    changed, _ = poll(desk, cursor)
    assert {one.id: one.status for one in changed if one.status is not Status.BOOKED} == {
        lost: status
    }


def test_three_hundred_tickets_of_one_second_are_all_found(serve: Callable[..., Running]) -> None:
    desk = connector(serve(platforms=(SLUG,), clients=300))
    assert len({one.id for one in poll(desk)[0]}) == 300


def test_a_loss_is_told_by_the_rules_webhook_and_not_by_another_sender(
    town: Running, gateway: Gateway
) -> None:
    desk = connector(town)
    lost = poll(desk)[0][0].id
    town.act(f"/freshdesk/{lost}/cancel")
    [told] = gateway.wait(1, SLUG)
    entry = town.connection(SLUG)
    request = WebhookRequest("POST", entry["webhook_url"], told.headers, told.body)
    desk.verify(request, [entry["webhook_secrets"][0].encode()])
    with pytest.raises(BadSignature):
        desk.verify(request, [b"another"])
    kept = StoredWebhook("", request.url, told.headers, told.body, datetime.now().astimezone())
    [change] = door(SLUG, entry["settings"]).translate(kept)
    assert isinstance(change, Change)
    assert (str(change.kind), change.appointment_id) == ("cancelled", lost)
    assert desk.fetch_appointment(lost).status is Status.CANCELLED


def test_the_outcome_is_shown_once_privately_and_tells_us_nothing_back(
    town: Running, gateway: Gateway
) -> None:
    desk = connector(town, outcome_status="3")
    lost = poll(desk)[0][0]
    town.act(f"/freshdesk/{lost.id}/cancel")
    now = desk.fetch_appointment(lost.id)
    assert desk.move(lost.id, later(lost), version=now.version) == lost.id
    desk.annotate(lost.id, "Rebook: booked <anew>")
    desk.annotate(lost.id, "Rebook: booked <anew>")
    after = desk.fetch_appointment(lost.id)
    assert (after.status, after.starts_at) == (Status.BOOKED, later(lost).starts_at)
    ticket = shown(town, lost.id)
    assert ticket["status"] == 3
    assert [note["private"] for note in ticket["conversations"]] == [True]
    assert town.state()[SLUG]["mailed"] == []
    assert len(gateway.wait(1, SLUG)) == len(town.deliveries(SLUG)) == 1


def test_a_reply_is_mailed_only_where_the_admin_wants_it(town: Running) -> None:
    desk = connector(town, notes="reply")
    lost = poll(desk)[0][0]
    desk.annotate(lost.id, "Rebook: booked anew")
    assert town.state()[SLUG]["mailed"] == [int(lost.id)]


def test_a_version_that_staff_overtook_is_a_conflict(town: Running) -> None:
    desk = connector(town)
    lost = poll(desk)[0][0]
    town.act(f"/freshdesk/{lost.id}/cancel")
    with pytest.raises(Conflict):
        desk.move(lost.id, later(lost), version=lost.version)


def test_a_booking_is_found_by_its_reference(town: Running) -> None:
    desk = connector(town)
    first = poll(desk)[0][0]
    for number, person in enumerate(
        (Person("Tilda", "Test", "", "tilda@example.com"), Person("Ugo", "Test", "+18085550199"))
    ):
        request = BookingRequest(later(first), person, "Haircut", "9101", first.zone)
        assert desk.find_booking(request, our_ref=f"r-{number}") is None
        made = desk.book(request, our_ref=f"r-{number}")
        assert desk.find_booking(request, our_ref=f"r-{number}") == made
        assert desk.fetch_appointment(made).ours == f"r-{number}"


def test_a_field_that_the_account_does_not_have_is_refused_with_a_code(town: Running) -> None:
    desk = connector(town, time_field="cf_of_nobody")
    with pytest.raises(Refused) as caught:
        desk.move("2001", Slot(datetime.now().astimezone(), datetime.now().astimezone()))
    assert caught.value.code == "invalid_field"


def test_twenty_lists_a_minute_are_allowed(serve: Callable[..., Running]) -> None:
    desk = connector(serve(platforms=(SLUG,), limits=True))
    for _ in range(20):
        poll(desk)
    with pytest.raises(TooMany) as caught:
        poll(desk)
    assert caught.value.retry_after


@pytest.mark.skipif(not test_specs.SPECS.is_dir(), reason="the specs are not here")
def test_freshdesk_answers_as_its_documentation_says(town: Running) -> None:
    entry = town.connection(SLUG)
    login = (entry["credentials"]["api_key"], "X")
    with httpx.Client(base_url=entry["base_url"], auth=login, verify=PLAIN, timeout=60) as http:
        one = http.get("/tickets").json()[0]["id"]
        note, wrong = {"body": "x"}, {"status": 99}
        answers = {
            ("/tickets", "get"): http.get("/tickets", params={"include": "requester"}),
            ("/tickets/{id}", "get"): http.get(f"/tickets/{one}"),
            ("/tickets/{id}", "put"): http.put(f"/tickets/{one}", json=wrong),
            ("/tickets/{id}/notes", "post"): http.post(f"/tickets/{one}/notes", json=note),
            ("/contacts", "get"): http.get("/contacts"),
            ("/agents/me", "get"): http.get("/agents/me"),
            ("/ticket_fields", "get"): http.get("/ticket_fields"),
            ("/tickets", "post"): http.post("/tickets", json={}),
        }
    assert {key: test_specs.faults(SLUG, *key, a) for key, a in answers.items()} == {
        key: [] for key in answers
    }
