"""Jobber's emulation, driven by our own connector as production builds it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import graphql
import httpx
import pytest

from connectors import connect, door
from connectors.contract import BookingRequest, StoredWebhook, WebhookRequest
from connectors.errors import BadSignature, NotAllowed, NotFound, TooMany, WithoutTime
from connectors.jobber import Jobber, queries
from connectors.oauth import MemoryTokens
from rebook.domain.appointments import Appointment, Change, ChangeKind, Slot, Status
from tests.connectors import specs
from tests.sandbox.conftest import Gateway, Json, Received, Running

Serve = Callable[..., Running]


@pytest.fixture
def town(serve: Serve) -> Running:
    return serve(platforms=("jobber",))


def ours(town: Running, **settings: str) -> Jobber:
    entry = town.connection("jobber")
    settings = {**entry["settings"], **settings}
    built = connect("jobber", entry["base_url"], settings, entry["credentials"])
    assert isinstance(built, Jobber)
    return built


def poll(jobber: Jobber, cursor: str | None = None) -> tuple[list[Appointment], list[str], str]:
    pages = list(jobber.poll_changes(cursor))
    found = [one for page in pages for one in page.appointments]
    return found, [one for page in pages for one in page.gone], pages[-1].cursor


def later(minutes: int = 45) -> Slot:
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=5)
    return Slot(start, start + timedelta(minutes=minutes))


def visit(town: Running, identity: str) -> Json:
    visits = town.state()["jobber"]["visits"]
    return next(dict(one) for one in visits if one["id"] == identity)


def at_the_door(town: Running, hook: Received) -> list[Any]:
    """What our gateway makes of it."""
    [secret] = town.connection("jobber")["webhook_secrets"]
    url = f"https://gw.example.com{hook.path}"
    connector = door("jobber", {})
    request = WebhookRequest("POST", url, hook.headers, hook.body)
    connector.verify(request, [secret.encode()])
    with pytest.raises(BadSignature):
        connector.verify(request, [b"another"])
    kept = StoredWebhook("", url, hook.headers, hook.body, datetime.now(UTC))
    return list(connector.translate(kept))


def test_every_person_of_the_town_has_the_same_visit_as_elsewhere(town: Running) -> None:
    found, gone, _ = poll(ours(town))
    elsewhere = town.state()["acuity"]["appointments"]
    assert gone == []
    assert {one.person.phone for one in found} == {one["phone"] for one in elsewhere}
    assert sorted(one.starts_at for one in found) == sorted(
        datetime.fromisoformat(one["datetime"]).astimezone(UTC) for one in elsewhere
    )


def test_the_list_comes_in_pages_and_nothing_is_left_out(serve: Serve) -> None:
    town = serve(platforms=("jobber",), clients=130)
    assert len({one.id for one in poll(ours(town))[0]}) == 130


@pytest.mark.parametrize("way", ["cancel", "unschedule"])
def test_a_lost_visit_is_found_by_polling_and_told_by_webhook(
    way: str, town: Running, gateway: Gateway
) -> None:
    jobber = ours(town)
    first, _, cursor = poll(jobber)
    lost = first[0].id
    town.act(f"/jobber/{lost}/{way}")
    assert poll(jobber, cursor)[:2] == ([], [lost])
    [told] = at_the_door(town, gateway.wait(1, "/hooks/jobber")[0])
    kind = ChangeKind.CANCELLED if way == "cancel" else ChangeKind.MOVED
    assert isinstance(told, Change)
    assert (told.kind, told.appointment_id) == (kind, lost)
    with pytest.raises(NotFound) as caught:
        jobber.fetch_appointment(lost)
    assert (type(caught.value) is WithoutTime) == (way == "unschedule")


def test_a_missed_visit_is_a_noshow_and_can_be_given_a_new_time(town: Running) -> None:
    jobber = ours(town)
    first, _, cursor = poll(jobber)
    town.act(f"/jobber/{first[0].id}/missed")
    [missed] = poll(jobber, cursor)[0]
    assert missed.status is Status.NOSHOW
    slot = later()
    assert jobber.move(missed.id, slot, version=missed.version) == missed.id
    now = jobber.fetch_appointment(missed.id)
    assert (now.starts_at, now.ends_at, now.status) == (slot.starts_at, slot.ends_at, Status.BOOKED)
    assert visit(town, missed.id)["status"] == "UPCOMING"


def test_an_unscheduled_visit_gets_its_time_back(town: Running) -> None:
    jobber = ours(town)
    lost = poll(jobber)[0][0].id
    town.act(f"/jobber/{lost}/unschedule")
    slot = later()
    jobber.move(lost, slot)
    assert jobber.fetch_appointment(lost).starts_at == slot.starts_at


def test_a_deleted_visit_is_made_again_on_its_job_and_found_by_our_reference(
    town: Running, gateway: Gateway
) -> None:
    jobber = ours(town)
    was = poll(jobber)[0][0]
    town.act(f"/jobber/{was.id}/cancel")
    request = BookingRequest(
        later(), was.person, was.service, was.service_id, was.zone, was=was.id, note="Gate code 7"
    )
    assert jobber.find_booking(request, our_ref="intent-1") is None
    made = jobber.book(request, our_ref="intent-1")
    assert jobber.find_booking(request, our_ref="intent-1") == made
    now = jobber.fetch_appointment(made)
    assert (now.ours, now.person, now.service_id) == ("intent-1", was.person, was.service_id)
    hooks = gateway.wait(2, "/hooks/jobber")
    kinds = {told.kind for hook in hooks for told in at_the_door(town, hook)}
    assert kinds == {ChangeKind.CANCELLED, ChangeKind.BOOKED}


def test_what_is_scheduled_is_busy(town: Running) -> None:
    jobber = ours(town)
    one = poll(jobber)[0][0]
    day = timedelta(hours=1)
    busy = jobber.busy_times(one.calendar, one.starts_at - day, one.ends_at + day)
    assert (one.starts_at, one.ends_at) in [(b.starts_at, b.ends_at) for b in busy]


def test_a_note_and_a_task_are_written_once(town: Running) -> None:
    jobber = ours(town)
    one = poll(jobber)[0][0].id
    for _ in range(2):
        jobber.annotate(one, "Rebook: new times were offered")
        jobber.create_task("Call back", "a client", our_ref="intent-1")
    assert visit(town, one)["instructions"] == "Rebook: new times were offered"
    assert [task["title"] for task in town.state()["jobber"]["tasks"]] == ["Call back"]


def test_cancelling_twice_is_cancelling_once(town: Running) -> None:
    jobber = ours(town)
    one = poll(jobber)[0][0].id
    jobber.cancel(one, "rebooked")
    jobber.cancel(one, "rebooked")
    assert one not in [visit["id"] for visit in town.state()["jobber"]["visits"]]


def test_a_used_up_budget_is_waited_for_as_long_as_it_takes(serve: Serve) -> None:
    town = serve(platforms=("jobber",), limits=True)
    town.act("/jobber/drain")
    with pytest.raises(TooMany) as caught:
        poll(ours(town))
    assert caught.value.retry_after
    assert 1 <= caught.value.retry_after <= 10


def test_each_refresh_ends_the_token_before_and_the_new_one_is_kept(town: Running) -> None:
    entry = town.connection("jobber")
    tokens = MemoryTokens(entry["credentials"])
    jobber = connect("jobber", entry["base_url"], entry["settings"], {
        **entry["credentials"]
    }, tokens=tokens)  # fmt: skip
    for _ in range(2):
        town.act("/jobber/expire_tokens")
        assert jobber.check() == "Shore Services"
    assert tokens.read()["refresh_token"] != entry["credentials"]["refresh_token"]
    town.act("/jobber/expire_tokens")
    with pytest.raises(NotAllowed):
        ours(town).check()


@specs.absent
def test_its_answers_are_of_the_published_schema(town: Running) -> None:
    jobber = ours(town)
    one = poll(jobber)[0][0]
    within = {"startAt": "2020-01-01T00:00:00Z", "endAt": "2040-01-01T00:00:00Z"}
    asked: dict[str, Json] = {
        queries.ACCOUNT: {},
        queries.ONE: {"id": one.id},
        queries.MANY: {"from": within["startAt"], "to": within["endAt"]},
        queries.SCHEDULED: {"within": within},
        queries.WRITE: {"id": one.id, "attributes": {"instructions": "x"}},
        queries.TASK: {"input": {"title": "Call back"}},
        queries.DELETE: {"ids": [one.id]},
    }
    for document, variables in asked.items():
        data = jobber.graphql.ask(document, **variables)
        seen = graphql.graphql_sync(
            specs.graphql_schema("jobber"), document, data, variable_values=variables
        )
        assert (seen.errors, seen.data) == (None, data)


@pytest.mark.parametrize(
    "query", ["", "{", "query X { nothing }", "{ account { phone } }", "{ visit { id } }", "\0"]
)
def test_a_query_that_makes_no_sense_is_refused_without_data(query: str, town: Running) -> None:
    entry = town.connection("jobber")
    bearer = {"Authorization": f"Bearer {entry['credentials']['access_token']}"}
    url = f"{entry['base_url']}/graphql"
    answer = httpx.post(url, json={"query": query}, headers=bearer, timeout=60).json()
    assert answer["errors"]
    assert "data" not in answer


def test_any_spelling_of_graphql_is_understood(town: Running) -> None:
    entry = town.connection("jobber")
    bearer = {"Authorization": f"Bearer {entry['credentials']['access_token']}"}
    query = """
    query Any($n: Int = 1) {  # a comment
      me: account { ...Named }
      visits(first: $n, filter: {startAt: {after: "2020-01-01T00:00:00Z"}}) {
        edges { cursor node { __typename ... on Visit { id } } } totalCount
      }
    }
    fragment Named on Account { name }
    """
    url = f"{entry['base_url']}/graphql"
    data = httpx.post(url, json={"query": query}, headers=bearer, timeout=60).json()["data"]
    assert data["me"] == {"name": "Shore Services"}
    assert [edge["node"]["__typename"] for edge in data["visits"]["edges"]] == ["Visit"]
    assert data["visits"]["totalCount"] == 12


def test_nobody_gets_in_without_a_token(town: Running) -> None:
    url = town.connection("jobber")["base_url"]
    assert (
        httpx.post(f"{url}/graphql", json={"query": "{ account { name } }"}, timeout=60).status_code
        == 401
    )
