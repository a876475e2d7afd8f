"""A platform's own sequence is begun, seen to run, stopped and seen to be stopped, on each that has one."""

from collections.abc import Callable

import pytest

from connectors.contract import Connector
from connectors.errors import Refused
from rebook.domain.appointments import Person
from sandbox import people
from tests.sandbox.conftest import Running
from tests.sandbox.ours import reach

KINDS: dict[str, tuple[str, dict[str, str]]] = {
    "mailchimp by tag": ("mailchimp", {"campaign": "tag"}),
    "mailchimp by event": ("mailchimp", {"campaign": "event", "stop_tag": "rebooked"}),
    "mailchimp by journey": ("mailchimp", {"campaign": "journey", "stop_tag": "rebooked"}),
    "mailchimp in a wave": ("mailchimp", {"campaign": "wave"}),
    "activecampaign": ("activecampaign", {}),
    "hubspot": ("hubspot", {}),
    "salesforce": ("salesforce", {}),
}
OURS = "intent-1"


@pytest.fixture
def town(serve: Callable[..., Running]) -> Running:
    return serve(clients=3, platforms=("activecampaign", "hubspot", "mailchimp", "salesforce"))


def person() -> Person:
    client = people.clients(3)[0]
    return Person(client.first, client.last, client.phone, client.email)


def reached(town: Running, kind: str) -> tuple[Connector, Person]:
    slug, settings = KINDS[kind]
    return reach(town, slug, per_second="1000", **settings), person()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_begun_can_be_seen_stopped_and_begun_again(town: Running, kind: str) -> None:
    ours, client = reached(town, kind)
    assert not ours.in_campaign(client, our_ref=OURS)
    ours.start_campaign(client, our_ref=OURS)
    assert ours.in_campaign(client, our_ref=OURS)
    for _ in range(2):
        ours.stop_campaign(client, our_ref=OURS)
        assert not ours.in_campaign(client, our_ref=OURS)
    ours.start_campaign(client, our_ref="intent-2")
    assert ours.in_campaign(client, our_ref="intent-2")


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_it_does_not_know_is_in_it(town: Running, kind: str) -> None:
    ours, _ = reached(town, kind)
    stranger = Person("No", "Body", "", "nobody@example.com")
    ours.stop_campaign(stranger, our_ref=OURS)
    assert not ours.in_campaign(stranger, our_ref=OURS)


def test_hubspots_is_left_alone_where_another_case_has_begun_it_since(town: Running) -> None:
    ours, client = reached(town, "hubspot")
    ours.start_campaign(client, our_ref="intent-2")
    ours.stop_campaign(client, our_ref=OURS)
    assert ours.in_campaign(client, our_ref="intent-2")


def test_a_flow_that_no_tag_ends_is_given_to_a_person(town: Running) -> None:
    ours = reach(town, "mailchimp", campaign="event")
    with pytest.raises(Refused) as caught:
        ours.stop_campaign(person(), our_ref=OURS)
    assert caught.value.code == "no_stop_tag"
