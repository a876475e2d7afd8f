"""What every connector must be, whatever its vendor: driven by the registry, so that none is forgotten."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import REGISTRY, capabilities_of, connector_class, door
from connectors.contract import Capability, Connector
from connectors.errors import VendorFault
from rebook.domain.messages import PollNow
from tests.connectors.kits import KITS
from tests.connectors.replay import load, replay
from tests.connectors.samples import stored
from tests.connectors.setups import build
from tests.connectors.vendor import Reply, Vendor

HERE = Path(__file__).parent
WEBHOOKS = sorted(HERE.glob("*/webhooks/*.json"))
UNKNOWN = [
    b"",
    b"{}",
    b"[]",
    b"null",
    b"3",
    b'"a"',
    b"[[]]",
    b'[{"event": "of-next-year"}]',
    b'{"type": "of-next-year", "actions": 3}',
    b"action=of-next-year&id=1",
    b"action=canceled&id=%F0%9F%90%9F",
    b"payload=%7B%7D",
    b"payload=%5B%5D",
    b"payload=" + b"[" * 5000,
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b"a=" * 50_000,
]


def has(capability: Capability) -> list[str]:
    return [slug for slug in REGISTRY if capability in connector_class(slug).capabilities()]


def test_every_folder_of_a_vendor_is_in_the_registry() -> None:
    folders = {path.parent.name for path in (HERE.parents[1] / "connectors").glob("*/__init__.py")}
    assert folders == set(REGISTRY)


@pytest.mark.parametrize("slug", REGISTRY)
def test_a_connector_says_who_it_is(slug: str) -> None:
    connector = connector_class(slug)
    assert connector.slug == slug
    assert connector.name
    assert connector.docs.startswith("https://")
    assert connector.signature_covers


@pytest.mark.parametrize("slug", REGISTRY)
def test_what_a_vendor_cannot_do_is_disclaimed_with_a_reason(slug: str) -> None:
    reasons = connector_class(slug).unsupported.values()
    assert [reason for reason in reasons if len(reason) < 15] == []


def test_a_capability_that_is_neither_implemented_nor_disclaimed_fails_at_import() -> None:
    with pytest.raises(TypeError, match="neither has nor disclaims"):
        type("Forgetful", (Connector,), {"unsupported": {}})


def test_a_capability_that_is_both_implemented_and_disclaimed_fails_at_import() -> None:
    reasons = dict.fromkeys(Capability, "said to be impossible")
    with pytest.raises(TypeError, match="both has and disclaims"):
        type("Boaster", (Connector,), {"unsupported": reasons, "cancel": Connector.cancel})


@pytest.mark.parametrize("path", WEBHOOKS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_a_webhook_becomes_the_expected_changes(path: Path) -> None:
    case = json.loads(path.read_text())
    request = case["request"]
    body = request["body"]
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    kept = stored(raw, request.get("kind", ""), request.get("url", ""), **request["headers"])
    seen = door(path.parts[-3], {}).translate(kept)
    assert [_like(one, want) for one, want in zip(seen, case["changes"], strict=True)] == (
        case["changes"]
    )


def _like(seen: Any, want: dict[str, Any]) -> dict[str, Any]:
    return {k: type(seen).__name__ if k == "type" else getattr(seen, k) for k in want}


@pytest.mark.parametrize("slug", has(Capability.WEBHOOK))
def test_every_kind_of_webhook_has_a_fixture(slug: str) -> None:
    paths = [path for path in WEBHOOKS if path.parts[-3] == slug]
    kinds = {json.loads(path.read_text())["request"].get("kind", "") for path in paths}
    assert kinds == set(KITS[slug].kinds)
    assert {path.stem for path in paths} >= set(connector_class(slug).webhook_kinds)


@pytest.mark.parametrize("slug", has(Capability.WEBHOOK))
@pytest.mark.parametrize("number", range(len(UNKNOWN)))
def test_an_event_we_do_not_know_says_nothing_and_breaks_nothing(slug: str, number: int) -> None:
    for kind in [*KITS[slug].kinds, "of-next-year"]:
        for found in door(slug, {}).translate(stored(UNKNOWN[number], kind)):
            assert isinstance(found, PollNow)


@pytest.mark.parametrize("slug", has(Capability.WEBHOOK))
@given(body=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_translation_never_raises(slug: str, body: bytes) -> None:
    for kind in KITS[slug].kinds:
        assert isinstance(door(slug, {}).translate(stored(body, kind)), list)


@pytest.mark.parametrize("slug", has(Capability.WEBHOOK))
def test_translating_twice_gives_the_same(slug: str) -> None:
    for path in (path for path in WEBHOOKS if path.parts[-3] == slug):
        request = json.loads(path.read_text())["request"]
        body = request["body"] if isinstance(request["body"], str) else json.dumps(request["body"])
        kept = stored(body.encode(), request.get("kind", ""), **request["headers"])
        assert door(slug, {}).translate(kept) == door(slug, {}).translate(kept)


@pytest.mark.parametrize("slug", has(Capability.FETCH))
def test_every_instant_of_an_appointment_is_aware(slug: str, vendor: Vendor) -> None:
    recorded = replay(slug, vendor, "fetch")
    found = build(slug, vendor).fetch_appointment(KITS[slug].id)
    assert found.starts_at.utcoffset() is not None
    assert found.ends_at > found.starts_at
    assert recorded.finished()


@pytest.mark.parametrize("slug", has(Capability.FETCH))
def test_a_time_without_an_offset_is_the_vendors_fault_and_never_guessed(
    slug: str, vendor: Vendor
) -> None:
    told = {
        one["request"]["path"]: json.dumps(one["response"]["body"]) for one in load(slug, "fetch")
    }
    naive = {path: re.sub(*KITS[slug].naive, body) for path, body in told.items()}
    assert naive != told
    vendor.answer = lambda r: Reply(200, naive[r.path.removeprefix(KITS[slug].path)].encode())
    with pytest.raises(VendorFault):
        build(slug, vendor).fetch_appointment(KITS[slug].id)


@pytest.mark.parametrize("slug", has(Capability.CANCEL))
def test_cancelling_what_is_cancelled_succeeds(slug: str, vendor: Vendor) -> None:
    recorded = replay(slug, vendor, "cancel_again")
    build(slug, vendor).cancel(KITS[slug].id, "rebooked")
    assert recorded.finished()


def test_a_platform_that_somebody_mistyped_can_do_nothing() -> None:
    for strange in ("Google Calendar", "googel", "", "contract", "..http"):
        assert capabilities_of(strange) == frozenset()
        with pytest.raises(KeyError):
            connector_class(strange)
