"""How each platform is asked to stop its own sequence: held against the vendor's definition."""

from typing import Any

import pytest

from connectors import REGISTRY, connector_class
from connectors.contract import Capability, Connector
from tests.connectors import specs
from tests.connectors.samples import ANA
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

CONTACT = {"id": "6", "email": "ana@example.com"}
ENTRIES = [
    {"id": "3", "automation": "42", "completed": 0},
    {"id": "4", "automation": "41", "completed": 0},
    {"id": "5", "automation": "42", "completed": 1},
]
DATA = "/services/data/v59.0"
ROW = {"Id": "00v000000000001AAA", "HasOptedOutOfEmail": False}
MEMBER = "/lists/a6b5da1054/members/cdb9d6a1dddc375a09cc83e3001598dc"
ANSWERS: dict[str, dict[tuple[str, str], Any]] = {
    "activecampaign": {
        ("GET", "/contacts"): {"contacts": [CONTACT]},
        ("GET", "/contacts/6/contactAutomations"): {"contactAutomations": ENTRIES},
        ("DELETE", "/contactAutomations/3"): {},
    },
    "hubspot": {
        ("GET", "/crm/v3/objects/contacts/ana@example.com"): {
            "id": "6001",
            "properties": {"rebook_case": "intent-1"},
        },
        ("PATCH", "/crm/v3/objects/contacts/ana@example.com"): {"id": "6001", "properties": {}},
    },
    "mailchimp": {
        ("GET", MEMBER): {"tags": [{"id": 1, "name": "lost-appointment"}]},
        ("GET", f"{MEMBER}/events"): {
            "events": [{"name": "rebook_started", "properties": {"ref": "intent-1"}}]
        },
        ("POST", f"{MEMBER}/tags"): None,
    },
    "salesforce": {
        ("GET", f"{DATA}/query/"): {"done": True, "totalSize": 1, "records": [ROW]},
        ("DELETE", f"{DATA}/sobjects/CampaignMember/00v000000000001AAA"): None,
    },
}
SETTINGS = {
    "salesforce": {"campaign": "701000000000001AAA"},
    "hubspot": {"campaign_property": "rebook_case"},
    "activecampaign": {"automation": "42"},
}
WRITTEN = {
    "activecampaign": [("DELETE", "/contactAutomations/3", None)],
    "hubspot": [
        (
            "PATCH",
            "/crm/v3/objects/contacts/ana@example.com",
            {"properties": {"rebook_case": ""}},
        )
    ],
    "salesforce": [("DELETE", f"{DATA}/sobjects/CampaignMember/00v000000000001AAA", None)],
    "mailchimp": [
        (
            "POST",
            f"{MEMBER}/tags",
            {"tags": [{"name": "lost-appointment", "status": "inactive"}]},
        )
    ],
}


def reached(slug: str, vendor: Vendor) -> Connector:
    path = {"mailchimp": "/3.0", "activecampaign": "/api/3"}.get(slug, "")

    def answer(request: Received) -> Reply:
        body = ANSWERS[slug][request.method, request.path.removeprefix(path)]
        return Reply(204) if body is None else Reply(200, body)

    vendor.answer = answer
    return build(slug, vendor, **SETTINGS.get(slug, {}))


def test_every_platform_that_starts_a_sequence_is_tried_here() -> None:
    starting = {s for s in REGISTRY if Capability.CAMPAIGN in connector_class(s).capabilities()}
    assert starting == set(ANSWERS)


@pytest.mark.parametrize("slug", ANSWERS)
def test_what_runs_is_stopped_by_the_platforms_own_call(slug: str, vendor: Vendor) -> None:
    ours = reached(slug, vendor)
    assert ours.in_campaign(ANA, our_ref="intent-1")
    ours.stop_campaign(ANA, our_ref="intent-1")
    prefix = {"mailchimp": "/3.0", "activecampaign": "/api/3"}.get(slug, "")
    written = [
        (one.method, one.path.removeprefix(prefix), one.json)
        for one in vendor.received
        if one.method != "GET"
    ]
    assert written == WRITTEN[slug]
    assert [fault for one in vendor.received for fault in specs.faults(slug, one)] == []


def test_who_starts_a_sequence_must_be_able_to_stop_it() -> None:
    without = dict.fromkeys(set(Capability) - {Capability.CAMPAIGN}, "not in this test")
    with pytest.raises(TypeError, match="cannot stop"):
        type(
            "Starter",
            (Connector,),
            {"unsupported": without, "start_campaign": lambda *_, **__: ""},
        )
