"""ServiceTitan's emulation, walked by our own connector and held against the vendor's spec."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from connectors.contract import BookingRequest, Connector, SlotQuery
from connectors.errors import NotFound, Refused, SlotTaken, TooMany
from rebook.domain import clock
from rebook.domain.appointments import Appointment, Slot, Status
from rebook.domain.messages import PollNow
from tests.sandbox import test_specs
from tests.sandbox.conftest import PLAIN, Gateway, Json, Running
from tests.sandbox.ours import heard, polled, reach

NAME = "servicetitan"


@pytest.fixture
def town(serve: Callable[..., Running]) -> Running:
    return serve(platforms=(NAME,))


@pytest.fixture
def ours(town: Running) -> Connector:
    return reach(town, NAME)


def free(ours: Connector, like: Appointment) -> Slot:
    """A slot after everything that stands."""
    starts_at = clock.now() + timedelta(days=14)
    wanted = SlotQuery(
        like.service_id, starts_at, starts_at + timedelta(days=5), like.minutes, like.zone
    )
    return ours.find_slots(wanted)[0]


def job(town: Running, ref: str) -> Json:
    found = [one for one in town.state()[NAME]["jobs"] if str(one["id"]) == ref.partition("/")[0]]
    return dict(found[0])


def test_the_same_people_come_with_what_they_are_called_by(ours: Connector) -> None:
    assert ours.check() == "harbourstreet"
    found, _, _cursor = polled(ours)
    assert len(found) == 12
    first = found[0]
    assert (first.status, first.service) == (Status.BOOKED, "Haircut")
    assert (first.person.given_name, first.person.phone) == ("Ana", "+18085550101")
    assert first.person.email == "ana.kealoha.1@example.com"
    assert first.same_as == "acuity:170000001"


@pytest.mark.parametrize(
    ("what", "status", "by_client"),
    [("cancel", Status.CANCELLED, True), ("missed", Status.NOSHOW, None)],
)
def test_a_lost_visit_is_told_by_a_webhook_found_by_a_poll_and_brought_back(
    town: Running,
    gateway: Gateway,
    ours: Connector,
    what: str,
    status: Status,
    by_client: bool | None,
) -> None:
    found, _, cursor = polled(ours)
    own = found[0].id
    town.act(f"/servicetitan/{own}/{what}")
    [hook] = gateway.wait(1, "/hooks/servicetitan")
    assert heard(town, NAME, hook) == [PollNow()]
    [lost], _, cursor = polled(ours, cursor)
    assert (lost.id, lost.status, lost.by_client) == (own, status, by_client)

    slot = free(ours, lost)
    wanted = BookingRequest(slot, lost.person, lost.service, lost.service_id, lost.zone, was=own)
    assert ours.find_booking(wanted, our_ref="intent-1") is None
    assert ours.book(wanted, our_ref="intent-1") == own
    assert ours.find_booking(wanted, our_ref="intent-1") == own
    now = ours.fetch_appointment(own)
    assert (now.status, now.starts_at) == (Status.BOOKED, slot.starts_at)
    assert job(town, own)["jobStatus"] == "Scheduled"
    assert [a.id for a in polled(ours, cursor)[0]] == [own]


def test_a_standing_visit_is_moved_as_it_was_read_and_keeps_its_window(
    town: Running, ours: Connector
) -> None:
    one = polled(ours)[0][3]
    slot = free(ours, one)
    assert ours.move(one.id, slot, version=one.version) == one.id
    [row] = [row for row in town.state()[NAME]["appointments"] if row["ref"] == one.id]
    assert row["arrivalWindowStart"].replace("+00:00", "Z") == slot.key.partition("/")[0]


def test_what_the_technician_put_on_hold_is_released_before_it_is_moved(
    town: Running, ours: Connector
) -> None:
    found, _, cursor = polled(ours)
    town.act(f"/servicetitan/{found[1].id}/hold")
    assert polled(ours, cursor)[0] == []
    watching = reach(town, NAME, hold_means="noshow")
    [lost] = polled(watching, cursor)[0]
    assert lost.status is Status.NOSHOW
    ours.move(lost.id, free(ours, lost))
    assert ours.fetch_appointment(lost.id).status is Status.BOOKED


def test_a_deleted_visit_is_gone_and_its_job_gets_another(town: Running, ours: Connector) -> None:
    found, _, cursor = polled(ours)
    one = found[2]
    town.act(f"/servicetitan/{one.id}/delete")
    pages = list(ours.poll_changes(cursor))
    assert [gone for page in pages for gone in page.gone] == [one.id]
    with pytest.raises(NotFound):
        ours.fetch_appointment(one.id)
    slot = free(ours, one)
    wanted = BookingRequest(slot, one.person, one.service, one.service_id, one.zone, was=one.id)
    made = ours.book(wanted, our_ref="intent-1")
    assert made != one.id
    assert ours.find_booking(wanted, our_ref="intent-1") == made
    assert ours.fetch_appointment(made).starts_at == slot.starts_at


def test_an_invoiced_job_is_left_to_staff(town: Running, ours: Connector) -> None:
    one = polled(ours)[0][0]
    town.act(f"/servicetitan/{one.id}/invoice")
    with pytest.raises(Refused):
        ours.move(one.id, free(ours, one))


def test_a_time_without_capacity_is_taken(ours: Connector) -> None:
    """Two technicians work there: a third visit of the same nine hours has nobody."""
    first, second, third = polled(ours)[0][:3]
    opens = free(ours, first).starts_at
    whole_day = Slot(opens, opens + timedelta(hours=9))
    assert ours.move(first.id, whole_day) == first.id
    assert ours.move(second.id, whole_day) == second.id
    with pytest.raises(SlotTaken):
        ours.move(third.id, whole_day)


def test_a_note_a_task_and_a_cancellation_are_seen_there(town: Running, ours: Connector) -> None:
    one = polled(ours)[0][4]
    for _ in range(2):
        ours.annotate(one.id, "Rebook: new times were offered")
        ours.cancel(one.id, "rebooked elsewhere")
    told = job(town, one.id)
    assert (told["notes"], told["jobStatus"]) == (["Rebook: new times were offered"], "Canceled")
    ours.create_task("Call back", "a client", our_ref="intent-1")
    [task] = town.state()[NAME]["tasks"]
    assert (task["name"], task["assignedToId"]) == ("Call back", 72)


def test_sixty_calls_a_second_are_allowed_and_our_pace_keeps_below(
    serve: Callable[..., Running],
) -> None:
    town = serve(platforms=(NAME,), limits=True, clients=60)
    assert len(polled(reach(town, NAME))[0]) == 60
    town.fault(NAME, "429")
    with pytest.raises(TooMany):
        polled(reach(town, NAME))


def test_a_token_is_asked_for_again_when_it_has_lapsed(town: Running, ours: Connector) -> None:
    ours.check()
    town.act("/clock", offset_seconds=1000)
    assert ours.check() == "harbourstreet"


@test_specs.pytestmark
def test_servicetitan_answers_as_its_spec_says(town: Running) -> None:
    entry = town.connection(NAME)
    given = entry["credentials"]
    form = {"grant_type": "client_credentials", **{k: given[k] for k in given if "client" in k}}
    token = town.http.post(entry["settings"]["token_url"], data=form).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "ST-App-Key": given["app_key"]}
    tenant = f"v2/tenant/{entry['settings']['tenant']}"
    paths = {
        "/jpm/{t}/export/appointments": "",
        "/jpm/{t}/appointments": "",
        "/jpm/{t}/appointments/{id}": "70001",
        "/jpm/{t}/jobs": "",
        "/jpm/{t}/jobs/{id}": "50001",
        "/jpm/{t}/jobs/{id}/notes": "50001",
        "/jpm/{t}/jobs/{id}/canceled-log": "50001",
        "/jpm/{t}/job-cancel-reasons": "",
        "/jpm/{t}/job-types": "",
        "/crm/{t}/customers/{id}": "60001",
        "/crm/{t}/customers/{id}/contacts": "60001",
        "/settings/{t}/business-units": "",
    }
    town.act("/servicetitan/50001/70001/cancel")
    with httpx.Client(
        base_url=entry["base_url"], headers=headers, verify=PLAIN, timeout=60
    ) as client:
        for path, number in paths.items():
            template = path.replace("{t}", "v2/tenant/{tenant}")
            answer = client.get(path.replace("{t}", tenant).replace("{id}", number))
            assert answer.status_code == 200, path
            assert test_specs.faults(NAME, template, "get", answer) == [], path
        missing = client.get(f"/jpm/{tenant}/jobs/1")
        assert missing.status_code == 404
        template = "/jpm/v2/tenant/{tenant}/jobs/{id}"
        assert test_specs.faults(NAME, template, "get", missing) == []
