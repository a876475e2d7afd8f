"""A studio that keeps a deal for each visit: our connector on it, its answers held against the spec."""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from connectors.contract import BookingRequest
from connectors.errors import BadSignature, NotAllowed, OptedOut, TooMany
from rebook.domain.appointments import Change, ChangeKind, Person, Slot, Status
from rebook.domain.messages import Channel, OptOut
from tests.sandbox.conftest import PLAIN, Gateway, Json, Running, eventually
from tests.sandbox.ours import heard, polled, reach

SLUG = "activecampaign"
SPECS = Path(os.environ.get("REBOOK_SPECS") or Path(__file__).parents[2] / "../shared/specs")

TOTAL_IS_TEXT = ["'12' is not of type 'integer'"]
"""FACTS: `meta.total` is a string; the definition was inferred from an example of another list."""


@pytest.fixture
def town(serve: Callable[..., Running]) -> Running:
    return serve(platforms=(SLUG,))


def account(town: Running, **settings: str) -> Any:
    return reach(town, SLUG, per_second="1000", **settings)


def deals(town: Running) -> list[Json]:
    return list(town.state()[SLUG]["deals"])


def shown(town: Running, deal_id: str) -> Json:
    return next(one for one in deals(town) if one["id"] == deal_id)


def watching(town: Running) -> None:
    entry = town.connection(SLUG)
    account(town).watch(entry["webhook_url"], entry["webhook_secrets"][0], None)


def test_a_poll_finds_the_deals_that_were_dragged_away(town: Running) -> None:
    connector = account(town)
    found, _gone, cursor = polled(connector, None)
    in_acuity = {f"acuity:{one['id']}" for one in town.state()["acuity"]["appointments"]}
    assert {one.same_as for one in found} == in_acuity
    assert {one.status for one in found} == {Status.BOOKED}
    town.act("/clock", advance_seconds=60)
    town.act(f"/{SLUG}/{found[1].id}/cancel")
    town.act(f"/{SLUG}/{found[4].id}/missed")
    lost, _gone, cursor = polled(connector, cursor)
    told = {(one.id, one.status) for one in lost}
    assert told == {(found[1].id, Status.CANCELLED), (found[4].id, Status.NOSHOW)}
    assert polled(connector, cursor)[0] == []


def test_a_webhook_is_set_up_once_and_tells_of_the_stage(town: Running, gateway: Gateway) -> None:
    watching(town)
    watching(town)
    assert len(town.state()[SLUG]["webhooks"]) == 1
    deal = deals(town)[2]["id"]
    town.act(f"/{SLUG}/{deal}/missed")
    (arrived,) = gateway.wait(1, SLUG)
    (change,) = heard(town, SLUG, arrived)
    assert isinstance(change, Change)
    assert (change.kind, change.appointment_id) == (ChangeKind.NOSHOW, deal)
    arrived.path = arrived.path.replace("key=", "key=x")
    with pytest.raises(BadSignature):
        heard(town, SLUG, arrived)


def test_our_own_writes_are_not_told_to_us(town: Running, gateway: Gateway) -> None:
    watching(town)
    connector = account(town)
    deal = deals(town)[0]["id"]
    connector.cancel(deal, "rebooked")
    town.act(f"/{SLUG}/{deals(town)[1]['id']}/missed")
    assert len(gateway.wait(1, SLUG)) == 1
    assert len(town.deliveries(SLUG)) == 1


def test_a_webhook_that_is_answered_with_410_stays_off_until_it_is_made_again(
    town: Running, gateway: Gateway
) -> None:
    watching(town)
    gateway.answers.append(410)
    town.act(f"/{SLUG}/{deals(town)[0]['id']}/missed")
    off = eventually(
        lambda: [h for h in town.state()[SLUG]["webhooks"] if h["state"] == "0"] or None
    )
    watching(town)
    assert [hook["state"] for hook in town.state()[SLUG]["webhooks"]] == ["1"]
    assert len(off) == 1


def test_a_lost_deal_shows_the_new_time_the_stage_and_our_note_once(town: Running) -> None:
    connector = account(town)
    deal = deals(town)[1]["id"]
    town.act(f"/{SLUG}/{deal}/missed")
    before = connector.fetch_appointment(deal)
    starts = before.starts_at + timedelta(days=7)
    slot = Slot(starts, starts + timedelta(minutes=before.minutes))
    assert connector.move(deal, slot, version=before.version) == deal
    for _ in range(2):
        connector.annotate(deal, "Rebook: moved")
    after = connector.fetch_appointment(deal)
    assert (after.starts_at, after.ends_at, after.status) == (starts, slot.ends_at, Status.BOOKED)
    assert (shown(town, deal)["stage_title"], shown(town, deal)["notes"]) == (
        "Rescheduled",
        ["Rebook: moved"],
    )


def test_a_booking_is_one_deal_however_often_it_is_asked_for(town: Running) -> None:
    connector = account(town)
    person = Person("Pat", "Reed", "+18085550177", "pat.reed@example.com")
    old = connector.fetch_appointment(deals(town)[0]["id"])
    slot = Slot(old.starts_at + timedelta(days=7), old.ends_at + timedelta(days=7))
    request = BookingRequest(slot, person, "Haircut", "", old.zone)
    assert connector.find_booking(request, our_ref="intent-1") is None
    made = [connector.book(request, our_ref="intent-1") for _ in range(2)]
    assert made == [made[0]] * 2
    assert connector.find_booking(request, our_ref="intent-1") == made[0]
    found = connector.fetch_appointment(made[0])
    assert (found.starts_at, found.person, found.ours) == (slot.starts_at, person, "intent-1")
    assert len(deals(town)) == 13


def test_a_client_enters_the_automation_once_and_not_after_unsubscribing(
    town: Running, gateway: Gateway
) -> None:
    connector = account(town)
    watching(town)
    person = connector.fetch_appointment(deals(town)[0]["id"]).person
    entries = [connector.start_campaign(person, our_ref="intent-1") for _ in range(2)]
    assert entries == [entries[0]] * 2
    other = town.state()[SLUG]["contacts"][1]
    town.act(f"/{SLUG}/{other['id']}/unsubscribe")
    assert heard(town, SLUG, gateway.wait(1, SLUG)[0]) == [OptOut(Channel.EMAIL, other["email"])]
    with pytest.raises(OptedOut):
        connector.start_campaign(Person(email=other["email"]), our_ref="intent-2")
    assert len(town.state()[SLUG]["entries"]) == 1


def test_more_than_five_requests_a_second_are_told_how_long_to_wait(
    serve: Callable[..., Running],
) -> None:
    town = serve(platforms=(SLUG,), limits=True)

    connector = account(town)

    def ask() -> None:
        for _ in range(200):
            connector.check()

    with pytest.raises(TooMany) as caught:
        ask()
    assert caught.value.retry_after == 1.0


def test_a_wrong_token_is_not_allowed(town: Running) -> None:
    town.fault(SLUG, "403")
    with pytest.raises(NotAllowed):
        account(town).check()
    answer = httpx.get(f"{town.connection(SLUG)['base_url']}/users/me", verify=PLAIN, timeout=60)
    assert answer.status_code == 403


@pytest.mark.skipif(not SPECS.is_dir(), reason="the vendors' specs are not here: set REBOOK_SPECS")
def test_activecampaign_answers_as_its_definition_says(town: Running) -> None:
    paths = json.loads((SPECS / SLUG / "openapi.json").read_text())["paths"]
    entry, token = town.connection(SLUG), town.connection(SLUG)["credentials"]["api_token"]
    deal = deals(town)[0]
    with httpx.Client(
        base_url=entry["base_url"], headers={"Api-Token": token}, verify=PLAIN, timeout=60
    ) as vendor:
        answers = {
            ("/deals", "get"): vendor.get("/deals"),
            ("/deals/{id}", "get"): vendor.get(f"/deals/{deal['id']}"),
            ("/dealStages", "get"): vendor.get("/dealStages"),
            ("/dealCustomFieldData", "get"): vendor.get("/dealCustomFieldData"),
            ("/contacts/{id}", "get"): vendor.get(f"/contacts/{deal['contact']}"),
            ("/users/me", "get"): vendor.get("/users/me"),
        }
    faults = {
        key: [
            e.message
            for e in Draft202012Validator(_schema(paths, key, answer)).iter_errors(answer.json())
        ]
        for key, answer in answers.items()
    }
    assert faults == {key: TOTAL_IS_TEXT if key[0] == "/deals" else [] for key in answers}


def _schema(paths: Json, key: tuple[str, str], answer: httpx.Response) -> Json:
    told = paths[key[0]][key[1]]["responses"][str(answer.status_code)]
    return dict(next(iter(told["content"].values()))["schema"])
