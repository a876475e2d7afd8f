"""What every call does when its vendor does not: one table of errors, no retries, no words of theirs."""

import logging
import traceback
from typing import Any

import pytest

from connectors.contract import Capability
from connectors.errors import (
    Conflict,
    ConnectorError,
    NoAnswer,
    NotAllowed,
    NotFound,
    Refused,
    TooMany,
    Unreachable,
    VendorFault,
)
from tests.connectors.calls import CREATES, call, tried
from tests.connectors.kits import KITS
from tests.connectors.replay import load
from tests.connectors.setups import build
from tests.connectors.vendor import Answer, Received, Reply, Vendor, always

CANARY = "Keala Canary, +18085550199, canary@example.com"
BODY: dict[str, Any] = {
    "message": CANARY,
    "error": {"message": CANARY, "errors": [{"reason": CANARY}]},
}
MEANINGS: list[tuple[int, type[ConnectorError]]] = [
    (302, VendorFault),
    (400, Refused),
    (401, NotAllowed),
    (403, NotAllowed),
    (404, NotFound),
    (408, NoAnswer),
    (409, Conflict),
    (422, Refused),
    (423, TooMany),
    (429, TooMany),
    (500, VendorFault),
    (503, VendorFault),
]
CASES = tried()
IDS = [f"{slug}-{capability.value}" for slug, capability in CASES]
MADE = [(slug, capability) for slug, capability in CASES if capability in CREATES]
MADE_IDS = [f"{slug}-{capability.value}" for slug, capability in MADE]


def after_readings(slug: str, capability: Capability, reply: Reply) -> Answer:
    """What a create reads first is there, as it was recorded; all that follows gets `reply`."""
    name = KITS[slug].readings.get(capability)
    recorded = [(one["request"], one["response"]) for one in (load(slug, name) if name else [])]
    told = [answer for asked, answer in recorded if is_reading(asked["method"], asked["path"])]

    def answer(request: Received) -> Reply:
        if not told or not is_reading(request.method, request.path):
            return reply
        return Reply(200, told.pop(0)["body"])

    return answer


def is_reading(method: str, path: str) -> bool:
    """Some platforms are searched with a POST."""
    return method == "GET" or path.endswith("/search")


def attempt(slug: str, capability: Capability, vendor: Vendor) -> ConnectorError | None:
    connector = build(slug, vendor, **KITS[slug].extra.get(capability, {}))
    try:
        call(slug, capability)(connector)
    except ConnectorError as error:
        return error
    return None


@pytest.mark.parametrize(("slug", "capability"), CASES, ids=IDS)
def test_a_status_becomes_the_error_that_says_what_to_do_next(
    slug: str, capability: Capability, vendor: Vendor
) -> None:
    seen: dict[int, type[ConnectorError] | None] = {}
    for status, _meaning in MEANINGS:
        vendor.answer = always(Reply(status, BODY, {"Location": f"{vendor.url}/elsewhere"}))
        error = attempt(slug, capability, vendor)
        seen[status] = type(error) if error else None
    wanted = {
        status: None if (capability, status) in KITS[slug].succeeds else meaning
        for status, meaning in MEANINGS
    }
    assert seen == wanted
    assert [r.path for r in vendor.received if r.path == "/elsewhere"] == []


@pytest.mark.parametrize(("slug", "capability"), CASES, ids=IDS)
def test_no_word_of_the_vendors_is_in_an_error(
    slug: str, capability: Capability, vendor: Vendor
) -> None:
    for status in (400, 401, 404, 409, 429, 500, 200):
        vendor.answer = always(Reply(status, BODY if status != 200 else CANARY.encode()))
        error = attempt(slug, capability, vendor)
        if error is None:
            assert (capability, status) in KITS[slug].succeeds
            continue
        told = "".join(traceback.format_exception(error)) + str(getattr(error, "code", ""))
        assert not [part for part in ("Canary", "5550199", "canary@") if part in told]


@pytest.mark.parametrize(("slug", "capability"), CASES, ids=IDS)
def test_how_long_to_wait_is_read_from_the_answer(
    slug: str, capability: Capability, vendor: Vendor
) -> None:
    vendor.answer = lambda _request: Reply(429, {}, {"Retry-After": "7"})
    error = attempt(slug, capability, vendor)
    assert isinstance(error, TooMany)
    assert error.retry_after == 7.0


@pytest.mark.parametrize(("slug", "capability"), CASES, ids=IDS)
def test_an_answer_that_is_not_json_is_the_vendors_fault(
    slug: str, capability: Capability, vendor: Vendor
) -> None:
    vendor.answer = lambda _request: Reply(200, b"<html>Back soon</html>")
    assert type(attempt(slug, capability, vendor)) is VendorFault


@pytest.mark.parametrize(("slug", "capability"), CASES, ids=IDS)
def test_a_vendor_that_hangs_up_gave_no_answer(
    slug: str, capability: Capability, vendor: Vendor
) -> None:
    vendor.answer = lambda _request: Reply(drop=True)
    error = attempt(slug, capability, vendor)
    assert type(error) is NoAnswer
    assert error.unknown_outcome
    assert len(vendor.received) == 1


@pytest.mark.parametrize(("slug", "capability"), CASES, ids=IDS)
def test_a_vendor_that_is_away_was_never_reached(
    slug: str, capability: Capability, vendor: Vendor
) -> None:
    vendor.close()
    error = attempt(slug, capability, vendor)
    assert type(error) is Unreachable
    assert not error.unknown_outcome


@pytest.mark.parametrize(("slug", "capability"), MADE, ids=MADE_IDS)
@pytest.mark.parametrize(
    "reply",
    [Reply(429), Reply(500), Reply(503, {}, {"Retry-After": "0"}), Reply(drop=True), Reply(408)],
    ids=["429", "500", "503", "dropped", "408"],
)
def test_a_create_is_sent_once_whatever_becomes_of_it(
    slug: str, capability: Capability, reply: Reply, vendor: Vendor
) -> None:
    vendor.answer = after_readings(slug, capability, reply)
    assert attempt(slug, capability, vendor) is not None
    assert vendor.received
    assert len([r for r in vendor.received if not is_reading(r.method, r.path)]) == 1


@pytest.mark.parametrize(("slug", "capability"), MADE, ids=MADE_IDS)
@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"null", b"3", b'"x"', b'{"id": null, "sid": null, "ok": true}']
)
def test_a_create_whose_answer_makes_no_sense_has_an_unknown_outcome(
    slug: str, capability: Capability, body: bytes, vendor: Vendor
) -> None:
    vendor.answer = after_readings(slug, capability, Reply(200, body))
    error = attempt(slug, capability, vendor)
    assert type(error) is VendorFault
    assert error.unknown_outcome
    assert [r.method for r in vendor.received if r.method != "GET"] != []


def test_the_requests_of_this_suite_reach_the_vendor(vendor: Vendor) -> None:
    """Without this, a call that is never made would pass for one that is refused."""
    asked: dict[str, int] = {}

    def count(request: Received) -> Reply:
        asked[request.method] = asked.get(request.method, 0) + 1
        return Reply(503)

    vendor.answer = count
    for slug, capability in CASES:
        before = sum(asked.values())
        attempt(slug, capability, vendor)
        assert sum(asked.values()) == before + 1, f"{slug} {capability}"


@pytest.mark.parametrize(("slug", "capability"), CASES, ids=IDS)
def test_nobody_and_no_secret_is_in_the_log_even_at_its_most_talkative(
    slug: str, capability: Capability, vendor: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("tests.canary").debug("the log is being kept")
    for reply in (Reply(400, BODY), Reply(200, CANARY.encode())):
        vendor.answer = always(reply)
        attempt(slug, capability, vendor)
    secrets = {value for name, value in KITS[slug].credentials.items() if "sid" not in name}
    told = [
        one for one in {*secrets, "ana@", "8085550123", "Kealoha", "Canary"} if one in caplog.text
    ]
    assert told == []
    assert "the log is being kept" in caplog.text
