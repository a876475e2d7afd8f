"""Salesforce's emulation, walked by our own connector and by the package of its users."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from connectors.contract import BookingRequest, Connector
from connectors.errors import Conflict, NotAllowed, Refused, TooMany
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Change, ChangeKind, Person, Slot, Status
from tests.sandbox import test_specs
from tests.sandbox.conftest import PLAIN, Gateway, Json, Running, eventually
from tests.sandbox.ours import heard, polled, reach

NAME = "salesforce"
ACK = b"<notificationsResponse><Ack>true</Ack></notificationsResponse>"


@pytest.fixture
def town(serve: Callable[..., Running]) -> Running:
    return serve(platforms=(NAME,))


@pytest.fixture
def ours(town: Running) -> Connector:
    return reach(town, NAME)


def later(one: Appointment, days: int = 14) -> Slot:
    start = one.starts_at + timedelta(days=days)
    return Slot(start, start + timedelta(minutes=one.minutes), one.calendar)


def event(town: Running, number: str) -> Json:
    return next(dict(e) for e in town.state()[NAME]["appointments"] if e["Id"] == number)


def test_the_same_people_come_with_what_they_are_called_by(ours: Connector) -> None:
    assert ours.check() == "Harbour Street Studio"
    found, _, _cursor = polled(ours)
    assert len(found) == 12
    first = min(found, key=lambda one: one.same_as)
    assert (first.status, first.service) == (Status.BOOKED, "Haircut")
    assert (first.person.given_name, first.person.phone) == ("Ana", "+18085550101")
    assert first.same_as == "acuity:170000001"


@pytest.mark.parametrize(
    ("what", "status", "kind"),
    [
        ("cancel", Status.CANCELLED, ChangeKind.CANCELLED),
        ("missed", Status.NOSHOW, ChangeKind.NOSHOW),
    ],
)
def test_a_lost_event_is_told_and_found_and_shows_the_new_time(
    town: Running,
    gateway: Gateway,
    ours: Connector,
    what: str,
    status: Status,
    kind: ChangeKind,
) -> None:
    found, _, cursor = polled(ours)
    own = found[0].id
    gateway.reply = ACK
    town.act(f"/{NAME}/{own}/{what}")
    [hook] = gateway.wait(1, "/hooks/salesforce")
    assert heard(town, NAME, hook) == [Change(kind, own)]
    eventually(lambda: town.state()[NAME]["acknowledged"] == [True] or None)
    [lost] = [one for one in polled(ours, cursor)[0] if one.id == own]
    assert lost.status is status

    slot = later(lost)
    assert ours.move(own, slot, version=lost.version) == own
    now = ours.fetch_appointment(own)
    assert (now.status, now.starts_at, now.ends_at) == (
        Status.BOOKED,
        slot.starts_at,
        slot.ends_at,
    )
    assert event(town, own)["Appointment_Status__c"] == "Rescheduled"
    [_first, echo] = gateway.wait(2, "/hooks/salesforce")
    assert heard(town, NAME, echo) == [Change(ChangeKind.MOVED, own)]


def test_a_deleted_event_is_found_by_the_poll(town: Running, ours: Connector) -> None:
    found, _, cursor = polled(ours)
    town.act(f"/{NAME}/{found[0].id}/delete")
    lost = [one for one in polled(ours, cursor)[0] if one.status is Status.CANCELLED]
    assert [one.id for one in lost] == [found[0].id]


def test_a_booking_is_made_once_and_can_be_found_by_our_key(town: Running, ours: Connector) -> None:
    was = polled(ours)[0][0]
    slot = later(was)
    wanted = BookingRequest(slot, was.person, was.service, "", was.zone, was=was.id)
    assert ours.find_booking(wanted, our_ref="intent-1") is None
    made = ours.book(wanted, our_ref="intent-1")
    assert (
        ours.book(wanted, our_ref="intent-1")
        == made
        == ours.find_booking(wanted, our_ref="intent-1")
    )
    now = ours.fetch_appointment(made)
    assert (now.ours, now.person, now.calendar) == ("intent-1", was.person, was.calendar)
    busy = ours.busy_times(was.calendar, slot.starts_at, slot.ends_at)
    assert [(b.starts_at, b.ends_at) for b in busy] == [(slot.starts_at, slot.ends_at)]
    assert len(town.state()[NAME]["appointments"]) == 13


def test_another_systems_calendar_is_the_same_persons(ours: Connector) -> None:
    was = polled(ours)[0][0]
    assert ours.busy_times("8101", was.starts_at - timedelta(days=1), was.starts_at) == []
    with pytest.raises(Refused):
        ours.busy_times("9999", was.starts_at, was.ends_at)


def test_an_event_that_was_changed_in_between_is_not_overwritten(
    town: Running, ours: Connector
) -> None:
    one = polled(ours)[0][0]
    town.act("/clock", advance_seconds=5)
    town.act(f"/{NAME}/{one.id}/cancel")
    with pytest.raises(Conflict):
        ours.move(one.id, later(one), version=one.version)


def test_notes_tasks_and_outcomes_are_seen_there(town: Running, ours: Connector) -> None:
    one = polled(ours)[0][2]
    for _ in range(2):
        ours.annotate(one.id, "Rebook: new times were offered")
        ours.mark_noshow(one.id)
        ours.create_task("Call back", "a client", our_ref="intent-1")
        ours.start_campaign(one.person, our_ref="intent-1")
    state = town.state()[NAME]
    kept = event(town, one.id)
    assert (kept["Description"], kept["Appointment_Status__c"]) == (
        "Rebook: new times were offered",
        "Missed",
    )
    assert [task["Subject"] for task in state["tasks"]] == ["Call back"]
    assert len(state["members"]) == 1
    with pytest.raises(Refused):
        ours.start_campaign(Person(email="nobody@example.com"), our_ref="intent-1")


def test_five_hundred_events_are_read_in_pages(serve: Callable[..., Running]) -> None:
    found, _, cursor = polled(reach(serve(platforms=(NAME,), clients=450), NAME))
    assert len({one.id for one in found}) == len(found) == 450
    assert cursor


def test_a_used_up_allowance_is_too_many_and_a_session_that_ended_is_renewed(
    town: Running, ours: Connector
) -> None:
    ours.check()
    town.fault(NAME, "429")
    with pytest.raises(TooMany):
        ours.check()
    town.act("/clock", advance_seconds=3 * 3600)
    assert ours.check() == "Harbour Street Studio"
    town.fault(NAME, "401", count=2)
    with pytest.raises(NotAllowed):
        ours.check()


def test_a_wrong_field_or_word_is_refused_as_salesforce_refuses_it(
    town: Running, ours: Connector
) -> None:
    one = polled(ours)[0][0]
    with pytest.raises(Refused) as caught:
        polled(reach(town, NAME, status_field="Never_Made__c"))
    assert caught.value.code == "INVALID_FIELD"
    with pytest.raises(Refused):
        reach(town, NAME, noshow_value="Vanished").mark_noshow(one.id)


@test_specs.pytestmark
def test_salesforce_answers_as_the_spec_says(town: Running) -> None:
    entry = town.connection(NAME)
    form = {"grant_type": "client_credentials", **entry["credentials"]}
    login = town.http.post(f"{entry['base_url']}/services/oauth2/token", data=form)
    assert test_specs.faults(NAME, "/services/oauth2/token", "post", login) == []
    headers = {"Authorization": f"Bearer {login.json()['access_token']}"}
    data, template = "/services/data/v59.0", "/services/data/{version}"
    start = clock.now() + timedelta(days=30)
    times = {"StartDateTime": start.isoformat(), "EndDateTime": start.isoformat()}
    with httpx.Client(
        base_url=entry["base_url"], headers=headers, verify=PLAIN, timeout=60
    ) as client:
        listed = client.get(f"{data}/query/", params={"q": "SELECT Id FROM Event LIMIT 1"})
        number = listed.json()["records"][0]["Id"]
        answers = {
            ("/query/", "get"): listed,
            ("/queryAll/", "get"): client.get(
                f"{data}/queryAll/", params={"q": "SELECT Id FROM Event"}
            ),
            ("/sobjects/Event/", "post"): client.post(f"{data}/sobjects/Event/", json=times),
            ("/sobjects/Event/{id}", "get"): client.get(f"{data}/sobjects/Event/{number}"),
            ("/sobjects/Event/{extField}/{extValue}", "patch"): client.patch(
                f"{data}/sobjects/Event/Rebook_Key__c/k1", json=times
            ),
            ("/query", "get"): client.get(f"{data}/query", params={"q": "SELECT"}),
        }
        assert [a.status_code for a in answers.values()] == [200, 200, 201, 200, 201, 400]
        for (path, method), answer in answers.items():
            assert test_specs.faults(NAME, f"{template}{path}", method, answer) == [], path
