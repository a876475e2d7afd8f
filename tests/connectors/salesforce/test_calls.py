"""Salesforce's calls, each held against a recorded exchange and the spec."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

import connectors.salesforce
from connectors.contract import StoredWebhook, WebhookRequest
from connectors.errors import (
    BadSignature,
    Conflict,
    NotFound,
    OptedOut,
    Refused,
    TooMany,
    Unreachable,
)
from connectors.oauth import MemoryTokens
from connectors.salesforce import Salesforce
from connectors.salesforce.outbound import read
from rebook.domain.appointments import Person, Status
from tests.connectors.kits import KITS
from tests.connectors.replay import replay
from tests.connectors.samples import ANA, END, START, ZONE, booking, slot
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

SLUG = "salesforce"
OWN, MADE, OWNER = "00U000000000001AAA", "00U000000000002AAA", "005000000000001AAA"
ADMIN = Path(connectors.salesforce.__file__).parent / "admin"


def test_check_tells_the_org_by_its_own_name_with_our_token(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "check")
    assert build(SLUG, vendor).check() == "Shore Studio"
    assert recorded.finished()
    assert vendor.received[0].headers["authorization"] == "Bearer access-token-of-nobody"


def test_a_session_that_ended_is_renewed_by_what_the_admin_gave(vendor: Vendor) -> None:
    """The token service names no lifetime: the refusal says that it is over."""

    def answer(request: Received) -> Reply:
        if request.path == "/services/oauth2/token":
            return Reply(200, {"access_token": "fresh", "instance_url": vendor.url})
        if request.headers["authorization"] != "Bearer fresh":
            return Reply(401, [{"message": "", "errorCode": "INVALID_SESSION_ID"}])
        return Reply(200, {"totalSize": 1, "done": True, "records": [{"Name": "Shore"}]})

    vendor.answer = answer
    credentials = {**KITS[SLUG].credentials, "refresh_token": "refresh-of-nobody"}
    settings = {"token_url": f"{vendor.url}/services/oauth2/token"}
    tokens = MemoryTokens({"access_token": "old", "refresh_token": "refresh-of-nobody"})
    made = Salesforce.connect(vendor.url, settings, credentials, tokens=tokens)
    assert made.check() == "Shore"
    asked = [r.form for r in vendor.received if r.path == "/services/oauth2/token"]
    assert [form["grant_type"] for form in asked] == [["refresh_token"]]
    assert asked[0]["refresh_token"] == ["refresh-of-nobody"]


def test_an_event_is_read_in_our_words(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch")
    found = build(SLUG, vendor).fetch_appointment(OWN)
    assert (found.id, found.status, found.zone) == (OWN, Status.BOOKED, ZONE)
    assert (found.starts_at, found.ends_at) == (START, END)
    assert found.person == Person("Ana", "Kealoha", "+18085550123", "ana@example.com")
    assert (found.service, found.calendar, found.place) == ("Haircut", OWNER, "12 Shore Road")
    assert (found.by_client, found.ours, found.same_as) == (None, "", "")
    assert recorded.finished()


def test_the_orgs_own_field_says_what_became_of_it(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch_noshow")
    missed = build(SLUG, vendor).fetch_appointment(OWN)
    assert (missed.status, missed.ours) == (Status.NOSHOW, "intent-1")
    assert recorded.finished()
    recorded = replay(SLUG, vendor, "fetch_cancelled")
    gone = build(SLUG, vendor, link_fields="Acuity_Id__c=acuity").fetch_appointment(OWN)
    assert (gone.status, gone.same_as) == (Status.CANCELLED, "acuity:170001")
    assert recorded.finished()


def test_an_org_without_our_key_and_an_event_without_a_person_are_read_too(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch_without_a_person")
    found = build(SLUG, vendor, ref_field="").fetch_appointment(OWN)
    assert (found.status, found.person, found.ours) == (Status.BOOKED, Person(), "")
    assert recorded.finished()


def test_what_the_query_does_not_find_is_not_there(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch_none")
    with pytest.raises(NotFound):
        build(SLUG, vendor).fetch_appointment(OWN)
    assert recorded.finished()


@pytest.mark.parametrize("wrong", ["", "1", "00U000000000001AA", "00U' OR Id != '", f"{OWN}/x"])
def test_an_id_that_cannot_be_one_never_reaches_a_query(vendor: Vendor, wrong: str) -> None:
    with pytest.raises(NotFound):
        build(SLUG, vendor).fetch_appointment(wrong)
    with pytest.raises(NotFound):
        build(SLUG, vendor).move(wrong, slot(OWNER))
    assert vendor.received == []


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (403, "REQUEST_LIMIT_EXCEEDED", TooMany),
        (400, "UNABLE_TO_LOCK_ROW", TooMany),
        (400, "INVALID_FIELD", Refused),
        (404, "ENTITY_IS_DELETED", NotFound),
    ],
)
def test_salesforces_codes_say_what_to_do_next(
    vendor: Vendor, status: int, code: str, error: type[Exception]
) -> None:
    vendor.answer = lambda _request: Reply(status, [{"message": "Ana", "errorCode": code}])
    with pytest.raises(error) as caught:
        build(SLUG, vendor).move(OWN, slot(OWNER))
    assert type(caught.value) is error
    assert "Ana" not in str(caught.value)


def test_busy_times_leave_out_what_was_missed_and_keep_whole_days_whole(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "busy")
    found = build(SLUG, vendor).busy_times(OWNER, START, START + timedelta(days=1))
    midnight = datetime(2030, 3, 13, 10, 0, tzinfo=UTC)
    assert [(b.starts_at, b.ends_at) for b in found] == [
        (START, END),
        (midnight, midnight + timedelta(days=1)),
    ]
    assert recorded.finished()


def test_booking_twice_makes_one_event_by_our_key(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book")
    assert build(SLUG, vendor).book(booking(OWNER), our_ref="intent-1") == MADE
    assert recorded.finished()
    recorded = replay(SLUG, vendor, "book_again")
    assert build(SLUG, vendor).book(booking(OWNER), our_ref="intent-1") == MADE
    assert recorded.finished()


@pytest.mark.parametrize("name", ["book_in_place_of", "book_in_place_of_deleted"])
def test_the_new_event_is_of_the_same_contact_while_the_old_one_is_there(
    vendor: Vendor, name: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    assert build(SLUG, vendor).book(booking(OWNER, was=OWN), our_ref="intent-1") == MADE
    assert recorded.finished()


def test_an_org_without_our_key_gets_a_plain_event(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "book_without_a_key")
    assert build(SLUG, vendor, ref_field="").book(booking(OWNER), our_ref="intent-1") == MADE
    assert recorded.finished()


def test_another_systems_calendar_is_booked_only_where_it_is_mapped(vendor: Vendor) -> None:
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor).book(booking("8101"), our_ref="intent-1")
    assert caught.value.code == "unknown_calendar"
    assert vendor.received == []
    recorded = replay(SLUG, vendor, "book")
    mapped = build(SLUG, vendor, calendar_map=f"8101={OWNER}")
    assert mapped.book(booking("8101"), our_ref="intent-1") == MADE
    assert recorded.finished()


def test_evidence_is_our_key_on_an_event_that_stands_and_is_not_the_old_one(
    vendor: Vendor,
) -> None:
    recorded = replay(SLUG, vendor, "find_booking")
    found = build(SLUG, vendor).find_booking(booking(OWNER, was=OWN), our_ref="intent-1")
    assert found == MADE
    assert recorded.finished()
    recorded = replay(SLUG, vendor, "find_booking_without_a_key")
    without = build(SLUG, vendor, ref_field="")
    assert without.find_booking(booking(OWNER), our_ref="intent-1") is None
    assert recorded.finished()


def test_moving_writes_the_time_and_the_outcome_at_once(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "move")
    assert build(SLUG, vendor).move(OWN, slot(OWNER)) == OWN
    assert recorded.finished()


def test_an_event_is_moved_only_as_it_was_read(vendor: Vendor) -> None:
    version = "2030-03-02T19:00:00.000+0000"
    recorded = replay(SLUG, vendor, "move_unchanged")
    assert build(SLUG, vendor).move(OWN, slot(OWNER), version=version) == OWN
    assert recorded.finished()
    recorded = replay(SLUG, vendor, "move_changed")
    with pytest.raises(Conflict):
        build(SLUG, vendor).move(OWN, slot(OWNER), version=version)
    assert recorded.finished()


@pytest.mark.parametrize("name", ["cancel", "cancel_again", "cancel_deleted"])
def test_cancelling_succeeds_once_and_again_and_when_it_is_deleted(
    vendor: Vendor, name: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor).cancel(OWN, "rebooked")
    assert recorded.finished()


def test_a_missed_event_is_marked_in_the_orgs_own_word(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "noshow")
    build(SLUG, vendor).mark_noshow(OWN)
    assert recorded.finished()


@pytest.mark.parametrize("name", ["annotate", "annotate_again"])
def test_a_note_is_added_below_what_is_there_and_only_once(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor).annotate(OWN, "Rebook: offered new times")
    assert recorded.finished()


def test_a_task_is_made_once_by_our_key_for_whom_the_admin_named(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "task")
    made = build(SLUG, vendor, task_owner="005000000000009AAA")
    assert made.create_task("Call back", "a client", our_ref="intent-1") == "00T000000000001AAA"
    assert recorded.finished()


@pytest.mark.parametrize(
    ("name", "member"),
    [("campaign", "00v000000000001AAA"), ("campaign_again", "003000000000001AAA")],
)
def test_a_client_becomes_a_member_of_the_campaign_once(
    vendor: Vendor, name: str, member: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    made = build(SLUG, vendor, campaign="701000000000001AAA")
    assert made.start_campaign(ANA, our_ref="intent-1") == member
    assert recorded.finished()


@pytest.mark.parametrize(
    ("name", "error"), [("campaign_opted_out", OptedOut), ("campaign_unknown", Refused)]
)
def test_who_opted_out_or_is_nobody_joins_no_campaign(
    vendor: Vendor, name: str, error: type[Exception]
) -> None:
    recorded = replay(SLUG, vendor, name)
    with pytest.raises(error):
        build(SLUG, vendor, campaign="701000000000001AAA").start_campaign(ANA, our_ref="i")
    assert recorded.finished()


def test_without_a_campaign_nobody_is_asked(vendor: Vendor) -> None:
    with pytest.raises(Refused):
        build(SLUG, vendor).start_campaign(ANA, our_ref="intent-1")
    assert vendor.received == []


def test_the_answer_to_a_message_is_the_acknowledgement_salesforce_waits_for() -> None:
    answer = Salesforce.at_the_door({}).respond(WebhookRequest("POST", "https://x", {}, b""))
    assert answer is not None
    assert (answer.status, answer.content_type, answer.store) == (200, "text/xml", True)
    space = "{http://soap.sforce.com/2005/09/outbound}"
    told = ElementTree.fromstring(answer.body)
    assert [one.text for one in told.iter(f"{space}Ack")] == ["true"]


@pytest.mark.parametrize(
    ("organization", "taken"),
    [("00D000000000001", True), ("00D000000000001EAA", True), ("00D000000000002EAA", False)],
)
def test_a_message_of_another_org_is_not_let_in(organization: str, taken: bool) -> None:
    kit = KITS[SLUG]
    request = kit.signed(kit.body, "https://gw.example.com/hooks/salesforce", "")
    door = Salesforce.at_the_door({"organization": organization})
    if taken:
        assert door.verify(request, [kit.secret]).dedupe_key
        return
    with pytest.raises(BadSignature):
        door.verify(request, [kit.secret])


def test_a_repeat_of_a_message_has_the_same_key_and_another_message_has_not() -> None:
    kit = KITS[SLUG]
    door = Salesforce.at_the_door({})
    other = kit.body.replace(b"04l000000000001AAA", b"04l000000000002AAA")
    keys = [
        door.verify(kit.signed(body, "https://gw.example.com/h", ""), [kit.secret]).dedupe_key
        for body in (kit.body, kit.body, other)
    ]
    assert keys[0] == keys[1] != keys[2]


def test_words_of_the_orgs_own_are_understood_in_messages_too() -> None:
    body = KITS[SLUG].body.replace(b"Missed", b"Nicht erschienen")
    kept = StoredWebhook("", "", {}, body, datetime.now(UTC))
    door = Salesforce.at_the_door({"noshow_values": "nicht erschienen"})
    assert [change.kind.value for change in door.translate(kept)] == ["noshow"]  # type: ignore[union-attr]


def test_a_message_of_a_million_levels_says_nothing() -> None:
    assert read(b"<a>" * 1_000_000).records == []


def test_the_shipped_metadata_is_well_formed_and_speaks_of_the_same_things() -> None:
    files = {path.name: path.read_text() for path in ADMIN.rglob("*.xml")}
    for text in files.values():
        ElementTree.fromstring(text)
    flow, workflow = (
        files["Rebook_Appointment_Lost.flow-meta.xml"],
        files["Event.workflow-meta.xml"],
    )
    assert "<actionName>Event.Rebook_Appointment_Lost</actionName>" in flow
    assert "<fullName>Rebook_Appointment_Lost</fullName>" in workflow
    assert "<includeSessionId>false</includeSessionId>" in workflow
    status = files["Appointment_Status__c.field-meta.xml"]
    assert set(Salesforce.webhook_kinds) <= {
        word.partition("<")[0] for word in status.split("<label>")[1:]
    }


def test_a_platform_that_is_away_was_never_reached_through_the_package_either(
    vendor: Vendor,
) -> None:
    vendor.close()
    with pytest.raises(Unreachable):
        build(SLUG, vendor).check()
