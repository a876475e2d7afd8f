"""A studio's audience: campaigns for who agreed to them, and what our connector hears of who does not."""

import json
import os
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from connectors.errors import NotAllowed, OptedOut, Refused, TooMany
from rebook.domain.appointments import Person
from rebook.domain.messages import Channel, OptOut
from tests.sandbox.conftest import PLAIN, Gateway, Json, Running
from tests.sandbox.ours import heard, reach

SLUG = "mailchimp"
SPECS = Path(os.environ.get("REBOOK_SPECS") or Path(__file__).parents[2] / "../shared/specs")


@pytest.fixture
def town(serve: Callable[..., Running]) -> Running:
    return serve(platforms=(SLUG,))


def member(town: Running, number: int = 0) -> Json:
    return dict(town.state()[SLUG]["members"][number])


def start(town: Running, number: int, our_ref: str, **settings: str) -> str:
    person = Person(email=member(town, number)["email_address"])
    return str(reach(town, SLUG, **settings).start_campaign(person, our_ref=our_ref))


def refusals(town: Running, cursor: str | None) -> tuple[list[OptOut], str]:
    pages = list(reach(town, SLUG).poll_changes(cursor))
    return [one for page in pages for one in page.opt_outs], pages[-1].cursor


def watching(town: Running) -> None:
    entry = town.connection(SLUG)
    reach(town, SLUG).watch(entry["webhook_url"], entry["webhook_secrets"][0], None)


def test_a_subscriber_gets_the_tag_that_starts_the_flow(town: Running) -> None:
    assert reach(town, SLUG).check() == "Harbour Street clients"
    start(town, 0, "intent-1")
    assert [one["tags"] for one in town.state()[SLUG]["members"][:2]] == [["lost-appointment"], []]


def test_a_journey_is_entered_once_for_a_reference_and_again_for_the_next(town: Running) -> None:
    for our_ref in ("intent-1", "intent-1", "intent-2"):
        start(town, 0, our_ref, campaign="journey")
    assert len(town.state()[SLUG]["journeys"]) == 2


@pytest.fixture
def four_minutes_past(town: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """No quarter of an hour ends while the test runs: town and connector share a moved clock."""
    monkeypatch.setenv("REBOOK_CLOCK_FILE", str(town.clock_file))
    town.act("/clock", advance_seconds=900 - time.time() % 900 + 240)


@pytest.mark.usefixtures("four_minutes_past")
def test_everybody_of_a_storm_gets_one_campaign_and_no_two(town: Running) -> None:
    made = {start(town, number, f"intent-{number}", campaign="wave") for number in (0, 1, 2, 1)}
    (campaign,) = town.state()[SLUG]["campaigns"]
    assert made == {campaign["id"]}
    assert campaign["status"] == "schedule"
    town.act(f"/{SLUG}/{member(town, 2)['email_address']}/unsubscribe")
    assert town.act(f"/{SLUG}/depart")["sent"] == 0
    town.act("/clock", advance_seconds=1800)
    assert town.act(f"/{SLUG}/depart")["sent"] == 1
    sent = [mail["to"] for mail in town.state()[SLUG]["mails"]]
    assert sent == [member(town, number)["email_address"] for number in (0, 1)]


def test_who_unsubscribed_hears_no_more_and_is_told_by_webhook_and_by_poll(
    town: Running, gateway: Gateway
) -> None:
    watching(town)
    cursor = refusals(town, None)[1]
    email = member(town, 3)["email_address"]
    town.act(f"/{SLUG}/{email}/unsubscribe")
    (arrived,) = gateway.wait(1, SLUG)
    assert heard(town, SLUG, arrived) == [OptOut(Channel.EMAIL, email)]
    assert refusals(town, cursor)[0] == [OptOut(Channel.EMAIL, email)]
    with pytest.raises(OptedOut):
        start(town, 3, "intent-1")
    with pytest.raises(OptedOut):
        start(town, 3, "intent-1", add_as="subscribed")


def test_a_bounced_address_is_no_refusal(town: Running, gateway: Gateway) -> None:
    watching(town)
    town.act(f"/{SLUG}/{member(town)['email_address']}/bounce")
    assert heard(town, SLUG, gateway.wait(1, SLUG)[0]) == []


def test_a_signed_webhook_is_verified_with_the_secret_that_was_told_once(
    town: Running, gateway: Gateway
) -> None:
    entry = town.connection(SLUG)
    told = {"url": entry["webhook_url"], "events": {"unsubscribe": True}, "sources": {"user": True}}
    path = f"{entry['base_url']}/lists/{entry['settings']['list']}/webhooks"
    login = ("anybody", entry["credentials"]["api_key"])
    made = httpx.post(path, json=told, auth=login, verify=PLAIN, timeout=60).json()
    town.act(f"/{SLUG}/{member(town)['email_address']}/unsubscribe")
    (arrived,) = gateway.wait(1, SLUG)
    secret = f"signing:{made['signing_secret']}"
    assert len(heard(town, SLUG, arrived, secret)) == 1


def test_watching_twice_makes_one_webhook(town: Running) -> None:
    watching(town)
    watching(town)
    assert len(town.state()[SLUG]["webhooks"]) == 1


def test_somebody_new_is_added_as_the_setting_says_and_only_then(town: Running) -> None:
    person = Person("Pat", "Reed", "", "pat.reed@example.com")
    with pytest.raises(Refused):
        reach(town, SLUG, add_as="transactional").start_campaign(person, our_ref="intent-1")
    assert member(town, -1)["status"] == "transactional"
    reach(town, SLUG).start_campaign(
        Person(email=member(town)["email_address"].upper()), our_ref="intent-2"
    )
    assert len(town.state()[SLUG]["members"]) == 13


def test_a_wrong_key_and_too_many_connections_are_told_apart(town: Running) -> None:
    town.fault(SLUG, "401")
    with pytest.raises(NotAllowed):
        reach(town, SLUG).check()
    town.fault(SLUG, "429")
    with pytest.raises(TooMany) as caught:
        reach(town, SLUG).check()
    assert caught.value.retry_after is None


@cache
def spec() -> Json:
    return dict(json.loads((SPECS / SLUG / "openapi.json").read_text()))


def faults(path: str, method: str, answer: httpx.Response) -> list[str]:
    told = spec()["paths"][path][method]["responses"][str(answer.status_code)]
    schema = told["content"]["application/json"]["schema"]
    root: dict[str, Any] = {**schema, "components": spec()["components"]}
    return [e.message for e in Draft202012Validator(root).iter_errors(answer.json())]


@pytest.mark.skipif(not SPECS.is_dir(), reason="the vendors' specs are not here: set REBOOK_SPECS")
def test_mailchimp_answers_as_its_spec_says(town: Running) -> None:
    start(town, 0, "intent-1", campaign="wave")
    start(town, 1, "intent-2", campaign="event")
    watching(town)
    entry = town.connection(SLUG)
    own = f"/lists/{entry['settings']['list']}"
    login = ("anybody", entry["credentials"]["api_key"])
    with httpx.Client(base_url=entry["base_url"], auth=login, verify=PLAIN, timeout=60) as vendor:
        answers = {
            "/ping": vendor.get("/ping"),
            "/lists/{list_id}": vendor.get(own),
            "/lists/{list_id}/members": vendor.get(f"{own}/members"),
            "/lists/{list_id}/members/{subscriber_hash}": vendor.get(
                f"{own}/members/{member(town, 1)['id']}"
            ),
            "/lists/{list_id}/members/{subscriber_hash}/events": vendor.get(
                f"{own}/members/{member(town, 1)['id']}/events"
            ),
            "/lists/{list_id}/segments": vendor.get(f"{own}/segments"),
            "/lists/{list_id}/webhooks": vendor.get(f"{own}/webhooks"),
            "/campaigns": vendor.get("/campaigns"),
        }
    seen = {path: faults(path, "get", answer) for path, answer in answers.items()}
    assert seen == {path: [] for path in answers}
