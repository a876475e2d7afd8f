"""QuickBooks' calls, each held against a recorded exchange and the vendor's documentation."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from connectors import connector_class, door
from connectors.contract import Capability, WebhookRequest
from connectors.errors import (
    BadSignature,
    Conflict,
    NoAppointment,
    NotAllowed,
    NotFound,
    Refused,
    TooMany,
    VendorFault,
)
from rebook.domain.appointments import Change, Person, Slot, Status
from tests.connectors.kits import KITS
from tests.connectors.replay import load, replay
from tests.connectors.samples import END, START, ZONE, slot, stored
from tests.connectors.setups import build
from tests.connectors.vendor import Received, Reply, Vendor

SLUG = "quickbooks"
NOTE = "Rebook: staff were asked"
# Intuit's own test vector, from its SDK for Java (WebhooksServiceTest).
VERIFIER = b"b5771f19b12ddb4bcdb9f08bdc50bc63878a"
SIGNED = (
    b'{"eventNotifications":[{"realmId":"1185883450","dataChangeEvent":{"entities":[{"name":'
    b'"Customer","id":"1","operation":"Create","lastUpdated":"2015-10-05T14:42:19-0700"}]}}]}'
)
SIGNATURE = "JC2GUwciPmRBwEO7WvrRmKqu9tGOKL8FFallocTFi8Q="


def test_check_tells_the_company_by_its_name(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "check")
    assert build(SLUG, vendor).check() == "Harbour Street Studio"
    assert recorded.finished()


def test_staff_are_prompted_and_bookkeeping_is_left_to_people() -> None:
    quickbooks = connector_class(SLUG)
    assert quickbooks.prompts_staff
    assert not quickbooks.capabilities() & {Capability.BOOK, Capability.CANCEL}


def test_an_invoice_is_read_as_the_appointment_it_is_for(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch")
    found = build(SLUG, vendor).fetch_appointment("130")
    assert (found.id, found.status, found.zone) == ("130", Status.BOOKED, ZONE)
    assert (found.starts_at, found.ends_at) == (START, END)
    assert found.person == Person("Ana", "Kealoha", "+18085550123", "ana@example.com")
    assert (found.service, found.same_as, found.version) == ("Haircut", "acuity:170001", "3")
    assert (found.by_client, found.ours) == (None, "")
    assert recorded.finished()


def test_a_lines_day_counts_where_the_admin_says_when_days_start(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch_by_service_date")
    found = build(SLUG, vendor, day_starts="10:00").fetch_appointment("130")
    assert found.starts_at == START
    assert recorded.finished()


def test_an_invoice_whose_customer_is_gone_still_has_its_bills_address(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch_without_customer")
    found = build(SLUG, vendor).fetch_appointment("130")
    assert found.person == Person(email="books@example.com")
    assert recorded.finished()


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("fetch_voided", Status.CANCELLED),
        ("fetch_field_cancelled", Status.CANCELLED),
        ("fetch_field_missed", Status.NOSHOW),
        ("fetch_line_cancelled", Status.CANCELLED),
        ("fetch_line_missed", Status.NOSHOW),
        ("fetch_done", Status.FULFILLED),
    ],
)
def test_a_void_a_field_or_a_line_says_that_the_service_was_lost(
    vendor: Vendor, name: str, status: Status
) -> None:
    recorded = replay(SLUG, vendor, name)
    found = build(SLUG, vendor).fetch_appointment("130")
    assert (found.status, found.service) == (status, "Haircut")
    assert recorded.finished()


def test_what_counts_as_a_loss_is_for_the_admin_to_say(vendor: Vendor) -> None:
    voided = replay(SLUG, vendor, "fetch_voided")
    found = build(SLUG, vendor, voided="ignore").fetch_appointment("130")
    assert found.status is Status.BOOKED
    assert voided.finished()
    fee = replay(SLUG, vendor, "fetch_line_cancelled")
    found = build(SLUG, vendor, cancelled_items="Storno").fetch_appointment("130")
    assert found.status is Status.BOOKED
    assert fee.finished()


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("fetch_gone", NotFound),
        ("fetch_void_without_time", NotFound),
        ("fetch_no_time", NoAppointment),
        ("fetch_fault_in_200", NotAllowed),
        ("fetch_throttled", TooMany),
    ],
)
def test_a_fault_is_told_by_its_code_whatever_its_status(
    vendor: Vendor, name: str, error: type[Exception]
) -> None:
    recorded = replay(SLUG, vendor, name)
    with pytest.raises(error) as caught:
        build(SLUG, vendor).fetch_appointment("130")
    assert type(caught.value) is error
    assert "Ana" not in str(caught.value)
    assert recorded.finished()


def test_without_a_word_on_how_long_to_wait_it_is_a_minute(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch_throttled")
    with pytest.raises(TooMany) as caught:
        build(SLUG, vendor).fetch_appointment("130")
    assert caught.value.retry_after == 60.0
    assert recorded.finished()


def test_an_invoices_time_without_an_offset_is_the_vendors_fault(vendor: Vendor) -> None:
    invoice = load(SLUG, "fetch")[0]["response"]["body"]["Invoice"]
    bare = {**invoice, "MetaData": {"LastUpdatedTime": "2030-03-01T09:00:00"}}
    vendor.answer = lambda _request: Reply(200, {"Invoice": bare})
    with pytest.raises(VendorFault):
        build(SLUG, vendor).fetch_appointment("130")


def test_our_line_in_the_note_is_the_outcome(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch_rebooked")
    found = build(SLUG, vendor).fetch_appointment("130")
    assert (found.status, found.starts_at) == (Status.BOOKED, START + timedelta(days=2))
    assert recorded.finished()


def test_another_sign_after_the_outcome_is_a_new_loss(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch_lost_again")
    found = build(SLUG, vendor).fetch_appointment("130")
    assert (found.status, found.starts_at) == (Status.CANCELLED, START + timedelta(days=2))
    assert recorded.finished()


def test_a_time_that_staff_wrote_after_the_outcome_counts(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "fetch_moved_by_staff")
    found = build(SLUG, vendor).fetch_appointment("130")
    assert found.starts_at == datetime(2030, 3, 20, 19, 0, tzinfo=UTC)
    assert recorded.finished()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("move", "false"),
        ("move_of_two_signs", "false"),
        ("move_again", "false"),
        ("move_with_fields", "true"),
    ],
)
def test_the_outcome_is_one_line_below_what_people_wrote(
    vendor: Vendor, name: str, fields: str
) -> None:
    recorded = replay(SLUG, vendor, name)
    assert build(SLUG, vendor, write_fields=fields).move("130", slot(), version="3") == "130"
    assert recorded.finished()


@pytest.mark.parametrize(
    ("name", "error"),
    [("move_changed", Conflict), ("move_stale", Conflict), ("move_ignored", VendorFault)],
)
def test_an_outcome_that_did_not_get_there_is_told(
    vendor: Vendor, name: str, error: type[Exception]
) -> None:
    recorded = replay(SLUG, vendor, name)
    with pytest.raises(error) as caught:
        build(SLUG, vendor).move("130", slot(), version="3")
    assert type(caught.value) is error
    assert recorded.finished()


def test_what_we_wrote_reads_as_booked_at_that_time_and_stays_so(vendor: Vendor) -> None:
    """The write comes back as an update: it must tell nothing new, or it would go round for ever."""
    books = {"130": load(SLUG, "fetch_voided")[0]["response"]["body"]["Invoice"]}
    customer = load(SLUG, "fetch")[1]["response"]["body"]

    def answer(request: Received) -> Reply:
        if request.method == "POST":
            books["130"] |= request.json
            books["130"]["SyncToken"] = str(int(books["130"]["SyncToken"]) + 1)
        return Reply(200, customer if "customer" in request.path else {"Invoice": books["130"]})

    vendor.answer = answer
    connector = build(SLUG, vendor)
    lost = connector.fetch_appointment("130")
    connector.annotate("130", NOTE)
    noted = connector.fetch_appointment("130")
    assert (noted.status, noted.starts_at) == (lost.status, lost.starts_at)
    later = Slot(START + timedelta(days=3), END + timedelta(days=3))
    connector.move("130", later, version=noted.version)
    connector.annotate("130", NOTE)
    seen = [connector.fetch_appointment("130") for _ in range(2)]
    assert {(one.status, one.starts_at) for one in seen} == {(Status.BOOKED, later.starts_at)}
    assert len([r for r in vendor.received if r.method == "POST"]) == 2


@pytest.mark.parametrize("name", ["annotate", "annotate_again"])
def test_a_note_is_added_below_what_is_there_and_only_once(vendor: Vendor, name: str) -> None:
    recorded = replay(SLUG, vendor, name)
    build(SLUG, vendor).annotate("130", NOTE)
    assert recorded.finished()


def test_what_people_wrote_is_not_cut_for_a_note_of_ours(vendor: Vendor) -> None:
    recorded = replay(SLUG, vendor, "annotate_full")
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor).annotate("130", NOTE)
    assert caught.value.code == "note_full"
    assert recorded.finished()


def test_an_id_that_quickbooks_cannot_have_given_is_not_asked_for(vendor: Vendor) -> None:
    with pytest.raises(NotFound):
        build(SLUG, vendor).fetch_appointment("130/send")
    assert vendor.received == []


def test_a_connection_without_its_company_is_refused(vendor: Vendor) -> None:
    with pytest.raises(Refused) as caught:
        build(SLUG, vendor, realm_id="")
    assert caught.value.code == "not_configured"


def test_a_refused_token_is_renewed_once_with_the_client_as_basic_auth(vendor: Vendor) -> None:
    fresh = {"access_token": "access-2", "refresh_token": "refresh-2", "expires_in": 3600}

    def answer(request: Received) -> Reply:
        if request.path == "/token":
            assert request.headers["authorization"].startswith("Basic ")
            assert request.form == {
                "grant_type": ["refresh_token"],
                "refresh_token": ["refresh-1"],
            }
            return Reply(200, fresh)
        known = request.headers["authorization"] == "Bearer access-2"
        body = {"CompanyInfo": {"CompanyName": "Harbour Street Studio"}}
        return Reply(200, body) if known else Reply(401, {})

    vendor.answer = answer
    assert build(SLUG, vendor).check() == "Harbour Street Studio"


def test_intuits_own_vector_is_let_in_and_nothing_beside_it() -> None:
    headers = {"intuit-signature": SIGNATURE}
    request = WebhookRequest("POST", "https://gw.example.com/hooks/q", headers, SIGNED)
    assert door(SLUG, {}).verify(request, [VERIFIER]).dedupe_key
    with pytest.raises(BadSignature):
        door(SLUG, {}).verify(request, [VERIFIER[::-1]])


def test_the_events_of_another_company_are_not_ours() -> None:
    event = json.loads(KITS[SLUG].body)[0]
    body = json.dumps([event, {**event, "intuitaccountid": "8000", "intuitentityid": "7"}])
    [change] = door(SLUG, {"realm_id": "9130"}).translate(stored(body.encode()))
    assert isinstance(change, Change)
    assert change.appointment_id == "130"
    assert door(SLUG, {"realm_id": "1"}).translate(stored(body.encode())) == []
