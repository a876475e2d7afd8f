"""HubSpot's emulation, walked by our own connector and held against the spec."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from connectors.contract import BookingRequest, Connector, SlotQuery
from connectors.errors import NotFound, OptedOut, Refused, SlotTaken, TooMany
from rebook.domain import clock
from rebook.domain.appointments import Appointment, ChangeKind, Person, Slot, Status
from tests.sandbox import test_specs
from tests.sandbox.conftest import PLAIN, Gateway, Json, Running
from tests.sandbox.ours import heard, polled, reach

NAME = "hubspot"


@pytest.fixture
def town(serve: Callable[..., Running]) -> Running:
    return serve(platforms=(NAME,), clients=4)


@pytest.fixture
def ours(town: Running) -> Connector:
    return reach(town, NAME)


def later(one: Appointment) -> Slot:
    start = one.starts_at + timedelta(days=14)
    return Slot(start, start + timedelta(minutes=one.minutes), one.calendar)


def meeting(town: Running, number: str) -> Json:
    listed = town.state()[NAME]["appointments"]
    return next(dict(one["properties"]) for one in listed if one["id"] == number)


def test_the_same_people_come_with_what_they_are_called_by(ours: Connector) -> None:
    assert ours.check() == "HubSpot: meetings, Hs meeting outcome"
    found, _, _cursor = polled(ours)
    assert len(found) == 4
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
def test_a_lost_meeting_is_told_and_found_and_shows_the_new_time(
    town: Running, gateway: Gateway, ours: Connector, what: str, status: Status, kind: ChangeKind
) -> None:
    found, _, cursor = polled(ours)
    own = found[0].id
    town.act(f"/{NAME}/{own}/{what}")
    [hook] = gateway.wait(1, "/hooks/hubspot")
    [change] = heard(town, NAME, hook)
    assert (change.kind, change.appointment_id) == (kind, own)  # type: ignore[union-attr]
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
    assert meeting(town, own)["hs_meeting_outcome"] == "RESCHEDULED"
    echoes = gateway.wait(3, "/hooks/hubspot")[1:]
    assert [heard(town, NAME, echo) for echo in echoes] == [[], []]


def test_an_archived_meeting_is_found_by_the_poll(town: Running, ours: Connector) -> None:
    found, _, cursor = polled(ours)
    town.act(f"/{NAME}/{found[0].id}/archive")
    pages = list(ours.poll_changes(cursor))
    assert [one for page in pages for one in page.gone] == [found[0].id]
    with pytest.raises(NotFound):
        ours.fetch_appointment(found[0].id)


def test_a_meeting_is_made_once_and_found_by_our_key(town: Running, ours: Connector) -> None:
    was = polled(ours)[0][0]
    slot = later(was)
    wanted = BookingRequest(slot, was.person, was.service, "", was.zone, was=was.id)
    assert ours.find_booking(wanted, our_ref="intent-1") is None
    made = ours.book(wanted, our_ref="intent-1")
    assert ours.book(wanted, our_ref="intent-1") == made
    assert ours.find_booking(wanted, our_ref="intent-1") == made
    now = ours.fetch_appointment(made)
    assert (now.ours, now.person) == ("intent-1", was.person)
    assert len(town.state()[NAME]["appointments"]) == 5


def test_a_meeting_link_tells_free_times_and_books_each_once(town: Running) -> None:
    ours = reach(town, NAME, meeting_link="harbour/visit", ref_property="")
    was = polled(ours)[0][0]
    starts_at = clock.now() + timedelta(days=20)
    asked = SlotQuery("", starts_at, starts_at + timedelta(days=20), was.minutes, was.zone)
    slots = ours.find_slots(asked)
    assert len(slots) > 50
    wanted = BookingRequest(slots[0], was.person, was.service, "", was.zone)
    made = ours.book(wanted, our_ref="intent-1")
    assert ours.fetch_appointment(made).starts_at == slots[0].starts_at
    assert ours.find_booking(wanted, our_ref="intent-1") == made
    with pytest.raises(SlotTaken):
        ours.book(wanted, our_ref="intent-2")
    assert slots[0] not in ours.find_slots(asked)


def test_notes_tasks_outcomes_and_the_workflow_are_seen_there(
    town: Running, ours: Connector
) -> None:
    one = polled(ours)[0][2]
    for _ in range(2):
        ours.annotate(one.id, "Rebook: new times were offered")
        ours.mark_noshow(one.id)
    ours.create_task("Call back", "a client", our_ref="intent-1")
    contact = ours.start_campaign(one.person, our_ref="intent-1")
    kept, state = meeting(town, one.id), town.state()[NAME]
    assert kept["hs_internal_meeting_notes"] == "Rebook: new times were offered"
    assert kept["hs_meeting_outcome"] == "NO_SHOW"
    assert [task["properties"]["hs_task_subject"] for task in state["tasks"]] == ["Call back"]
    enrolled = [c for c in state["contacts"] if c["properties"].get("rebook_case") == "intent-1"]
    assert [c["id"] for c in enrolled] == [contact]


def test_who_opted_out_of_mail_is_not_handed_to_the_workflow(
    town: Running, ours: Connector
) -> None:
    one = polled(ours)[0][0]
    town.app.town.others[NAME].portal.update(  # type: ignore[attr-defined]  # the person's own doing
        "contacts", one.person.email, {"hs_email_optout": "true"}, "email"
    )
    with pytest.raises(OptedOut):
        ours.start_campaign(one.person, our_ref="intent-1")
    with pytest.raises(NotFound):
        ours.start_campaign(Person(email="nobody@example.com"), our_ref="intent-1")


def test_its_limits_are_kept_and_a_limit_without_a_wait_has_one(
    serve: Callable[..., Running],
) -> None:
    town = serve(platforms=(NAME,), clients=12, limits=True)
    ours = reach(town, NAME)
    assert len(polled(ours)[0]) == 12
    town.fault(NAME, "429")
    with pytest.raises(TooMany) as caught:
        ours.check()
    assert caught.value.retry_after == 1.0


def test_a_property_or_a_word_that_is_not_there_is_refused(town: Running, ours: Connector) -> None:
    one = polled(ours)[0][0]
    with pytest.raises(Refused):
        reach(town, NAME, noshow_value="VANISHED").mark_noshow(one.id)
    with pytest.raises(NotFound):
        reach(town, NAME, status_property="never_made").check()


@test_specs.pytestmark
def test_hubspot_answers_as_the_spec_says(town: Running) -> None:
    entry = town.connection(NAME)
    headers = {"Authorization": f"Bearer {entry['credentials']['access_token']}"}
    objects, link = "/crm/v3/objects", "/scheduler/v3/meetings/meeting-links/book"
    many, one = f"{objects}/{{objectType}}", f"{objects}/{{objectType}}/{{objectId}}"
    properties = {"hs_timestamp": "2030-01-01T00:00:00Z", "hs_meeting_title": "x"}
    changed = {"hs_meeting_start_time": "1899000000000"}
    reading = {"inputs": [{"id": "90002"}], "properties": [], "propertiesWithHistory": []}
    town.act(f"/{NAME}/90004/archive")
    with httpx.Client(
        base_url=entry["base_url"], headers=headers, verify=PLAIN, timeout=60
    ) as client:
        page = f"{link}/availability-page/harbour/visit?timezone=UTC"
        answers = {
            (many, "get"): client.get(f"{objects}/meetings?archived=true"),
            (many, "post"): client.post(f"{objects}/meetings", json={"properties": properties}),
            (one, "get"): client.get(f"{objects}/meetings/90002?associations=contacts"),
            (one, "patch"): client.patch(f"{objects}/meetings/90002", json={"properties": changed}),
            (f"{many}/search", "post"): client.post(f"{objects}/meetings/search", json={}),
            (f"{many}/batch/read", "post"): client.post(
                f"{objects}/meetings/batch/read", json=reading
            ),
            ("/crm/v3/properties/{objectType}/{propertyName}", "get"): client.get(
                "/crm/v3/properties/meetings/hs_meeting_outcome"
            ),
            (f"{link}/availability-page/{{slug}}", "get"): client.get(page),
        }
        for (path, method), answer in answers.items():
            assert answer.is_success, path
            assert test_specs.faults(NAME, path, method, answer) == [], path
        missing = client.get(f"{objects}/meetings/1")
        assert missing.status_code == 404
        assert test_specs.faults(NAME, one, "get", missing) == []
