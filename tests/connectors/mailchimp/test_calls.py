"""Mailchimp's calls, each held against a recorded exchange and the vendor's definition."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from connectors import connect
from connectors.contract import Watch
from connectors.errors import NotAllowed, NotFound, OptedOut, Refused, TooMany
from connectors.mailchimp.wave import departure
from rebook.domain.appointments import Person
from tests.connectors.calls import HOOK
from tests.connectors.replay import replay
from tests.connectors.samples import ANA
from tests.connectors.setups import build
from tests.connectors.vendor import Reply, Vendor, always

SLUG = "mailchimp"
WAVE = {
    "campaign": "wave",
    "subject": "A new time",
    "from_name": "Harbour Studio",
    "reply_to": "studio@example.com",
    "template": "77",
}


@pytest.fixture
def four_minutes_past() -> Iterator[None]:
    with time_machine.travel(datetime(2030, 3, 12, 20, 4, 10, tzinfo=UTC), tick=False):
        yield


def started(vendor: Vendor, name: str, **settings: str) -> str:
    recorded = replay(SLUG, vendor, name)
    made = build(SLUG, vendor, **settings).start_campaign(ANA, our_ref="intent-1")
    assert recorded.finished()
    return made


def not_started(vendor: Vendor, name: str, error: type[Exception], **settings: str) -> Any:
    recorded = replay(SLUG, vendor, name)
    with pytest.raises(error) as caught:
        build(SLUG, vendor, **settings).start_campaign(ANA, our_ref="intent-1")
    assert recorded.finished()
    return caught.value


def test_check_tells_the_audiences_name(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "check")
    assert build(SLUG, vendor).check() == "Harbour Studio clients"
    assert recorded.finished()


@pytest.mark.parametrize("wrong", ["", "a/b", "../x"])
def test_without_an_audience_nothing_is_asked(vendor: Vendor, wrong: str) -> None:
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor, list=wrong).check()
    assert (caught.value.code, vendor.received) == ("no_list", [])


def test_the_address_is_that_of_the_keys_data_centre() -> None:
    made = connect(SLUG, "", {}, {"api_key": "0123-us19"})
    assert made.http.base_url == "https://us19.api.mailchimp.com/3.0"
    for key in ("0123", "0123-", "0123-us.example.com/"):
        with pytest.raises(Refused):
            connect(SLUG, "", {}, {"api_key": key})


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("campaign_tag", {}),
        ("campaign_event", {"campaign": "event"}),
        ("campaign_journey", {"campaign": "journey", "journey": "12", "step": "34"}),
    ],
)
def test_a_subscriber_is_marked_and_then_the_campaign_starts(
    vendor: Vendor, name: str, settings: dict[str, str]
) -> None:
    kind = settings.get("campaign", "tag")
    assert started(vendor, name, **settings) == f"{kind}:intent-1"


def test_for_the_same_reference_it_does_not_start_again(vendor: Vendor) -> None:
    assert started(vendor, "campaign_again") == "tag:intent-1"


@pytest.mark.parametrize("status", ["unsubscribed", "cleaned"])
def test_who_does_not_take_campaigns_gets_none(vendor: Vendor, status: str) -> None:
    not_started(vendor, f"campaign_{status}", OptedOut)


@pytest.mark.parametrize("status", ["transactional", "pending"])
def test_who_has_not_agreed_to_campaigns_gets_none(vendor: Vendor, status: str) -> None:
    assert not_started(vendor, f"campaign_{status}", Refused).code == "no_consent"


def test_who_is_not_on_the_audience_is_added_only_where_a_setting_says_so(vendor: Vendor) -> None:
    not_started(vendor, "campaign_absent", NotFound)
    assert started(vendor, "campaign_added", add_as="subscribed") == "tag:intent-1"
    error = not_started(vendor, "campaign_added_pending", Refused, add_as="pending")
    assert error.code == "no_consent"


def test_who_unsubscribed_meanwhile_is_not_subscribed_again(vendor: Vendor) -> None:
    not_started(vendor, "campaign_added_by_another", OptedOut, add_as="subscribed")


@pytest.mark.parametrize(
    "settings",
    [
        {"tag": ""},
        {"campaign": "journey", "journey": "12"},
        {"campaign": "newsletter"},
        {**WAVE, "template": ""},
    ],
)
def test_a_campaign_that_is_not_set_up_is_refused_before_anything_is_asked(
    vendor: Vendor, settings: dict[str, str]
) -> None:
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor, **settings).start_campaign(ANA, our_ref="intent-1")
    assert (caught.value.code, vendor.received) == ("no_campaign", [])


def test_a_person_without_an_address_is_refused(vendor: Vendor) -> None:
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor).start_campaign(Person(phone="+18085550123"), our_ref="intent-1")
    assert (caught.value.code, vendor.received) == ("no_email", [])


@pytest.mark.parametrize(
    ("name", "campaign"),
    [("wave", "c2"), ("wave_joined", "c2"), ("wave_resumed", "c2"), ("wave_made_twice", "c9")],
)
@pytest.mark.usefixtures("four_minutes_past")
def test_everybody_of_a_quarter_of_an_hour_is_in_one_campaign(
    vendor: Vendor, name: str, campaign: str
) -> None:
    assert started(vendor, name, **WAVE) == campaign


@pytest.mark.usefixtures("four_minutes_past")
def test_an_address_that_the_segment_does_not_take_gets_no_campaign(vendor: Vendor) -> None:
    assert not_started(vendor, "wave_not_added", Refused, **WAVE).code == "not_added"
    not_started(vendor, "wave_unsubscribed", OptedOut, **WAVE)


@pytest.mark.parametrize(
    ("now", "leaves"), [("20:00:00", "20:30"), ("20:14:59", "20:30"), ("23:45:00", "00:15")]
)
def test_a_wave_leaves_at_the_second_full_quarter_from_now(now: str, leaves: str) -> None:
    at = departure(datetime.fromisoformat(f"2030-03-12T{now}+00:00"))
    assert f"{at:%H:%M:%S}" == f"{leaves}:00"


@pytest.mark.parametrize("name", ["watch", "watch_again"])
def test_watching_keeps_one_webhook_that_leaves_our_own_writes_out(
    vendor: Vendor, name: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    assert build(SLUG, vendor).watch(HOOK, "a-secret-of-nobody", None) == Watch("3", HOOK)
    assert recorded.finished()


def test_a_new_secret_replaces_the_webhook_and_forgets_the_old(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "watch_new_secret")
    watch = build(SLUG, vendor).watch(HOOK, "a-secret-of-nobody", Watch("9", HOOK))
    assert watch.id == "3"
    assert recorded.finished()


def test_a_bare_403_means_too_many_and_one_that_says_why_means_the_key(vendor: Vendor) -> None:
    vendor.answer = always(Reply(403, b"Forbidden", {"Content-Type": "text/html"}))
    with pytest.raises(TooMany):
        build(SLUG, vendor).check()
    vendor.answer = always(Reply(403, {}, {"Content-Type": "application/problem+json"}))
    with pytest.raises(NotAllowed):
        build(SLUG, vendor).check()
