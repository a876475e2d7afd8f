"""Our connector against the emulated QuickBooks, and the emulation against its documentation."""

from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest

from connectors import connect, door
from connectors.contract import Connector, StoredWebhook, WebhookRequest
from connectors.errors import BadSignature, Conflict, NotAllowed, NotFound, TooMany
from connectors.oauth import MemoryTokens
from rebook.domain.appointments import Appointment, Change, Slot, Status
from tests.sandbox import test_specs
from tests.sandbox.conftest import PLAIN, Gateway, Json, Received, Running

SLUG = "quickbooks"


@pytest.fixture
def town(serve: Callable[..., Running]) -> Running:
    return serve(platforms=(SLUG,))


def connector(town: Running, **settings: str) -> Connector:
    entry = town.connection(SLUG)
    return connect(SLUG, entry["base_url"], {**entry["settings"], **settings}, entry["credentials"])


def later(one: Appointment) -> Slot:
    return Slot(one.starts_at + timedelta(days=2), one.ends_at + timedelta(days=2))


def poll(books: Connector, cursor: str | None = None) -> tuple[list[Appointment], list[str], str]:
    pages = list(books.poll_changes(cursor))
    found = [one for page in pages for one in page.appointments]
    return found, [one for page in pages for one in page.gone], pages[-1].cursor


def shown(town: Running, invoice: str) -> Json:
    return dict(next(one for one in town.state()[SLUG]["invoices"] if one["Id"] == invoice))


def changes(town: Running, told: Received) -> list[Change]:
    """What our door makes of a webhook."""
    entry = town.connection(SLUG)
    request = WebhookRequest("POST", entry["webhook_url"], told.headers, told.body)
    at_the_door = door(SLUG, entry["settings"])
    at_the_door.verify(request, [entry["webhook_secrets"][0].encode()])
    with pytest.raises(BadSignature):
        at_the_door.verify(request, [b"another"])
    kept = StoredWebhook("", request.url, told.headers, told.body, datetime.now().astimezone())
    return [one for one in at_the_door.translate(kept) if isinstance(one, Change)]


def test_everybody_in_town_has_an_invoice_that_is_linked_to_the_record(town: Running) -> None:
    found, gone, _ = poll(connector(town))
    records = {f"acuity:{one['id']}" for one in town.state()["acuity"]["appointments"]}
    assert {one.status for one in found} == {Status.BOOKED}
    assert {one.same_as for one in found} == records
    assert all(one.person.phone and one.person.email and one.service for one in found)
    assert gone == []


@pytest.mark.parametrize(
    ("act", "status"), [("cancel", Status.CANCELLED), ("missed", Status.NOSHOW)]
)
def test_a_loss_is_found_by_change_data(town: Running, act: str, status: Status) -> None:
    books = connector(town)
    found, _, cursor = poll(books)
    town.act(f"/quickbooks/{found[3].id}/{act}")
    [changed], _, _ = poll(books, cursor)
    assert (changed.id, changed.status, changed.starts_at) == (
        found[3].id,
        status,
        found[3].starts_at,
    )


def test_a_deleted_invoice_is_gone(town: Running, gateway: Gateway) -> None:
    books = connector(town)
    found, _, cursor = poll(books)
    town.act(f"/quickbooks/{found[0].id}/delete")
    assert poll(books, cursor)[1] == [found[0].id]
    [told] = gateway.wait(1, SLUG)
    assert [one.appointment_id for one in changes(town, told)] == [found[0].id]
    with pytest.raises(NotFound):
        books.fetch_appointment(found[0].id)


@pytest.mark.parametrize("legacy", [False, True])
def test_a_loss_is_told_by_a_signed_webhook_of_either_format(
    town: Running, gateway: Gateway, legacy: bool
) -> None:
    if legacy:
        town.act("/quickbooks/legacy_webhooks")
    books = connector(town)
    lost = poll(books)[0][0].id
    town.act(f"/quickbooks/{lost}/cancel")
    [told] = gateway.wait(1, SLUG)
    [change] = changes(town, told)
    assert (str(change.kind), change.appointment_id) == ("cancelled", lost)
    assert books.fetch_appointment(lost).status is Status.CANCELLED


@pytest.mark.parametrize("write_fields", ["false", "true"])
@pytest.mark.parametrize("act", ["cancel", "missed"])
def test_our_own_note_comes_back_as_an_update_that_says_nothing_new(
    town: Running, gateway: Gateway, act: str, write_fields: str
) -> None:
    books = connector(town, write_fields=write_fields)
    town.act(f"/quickbooks/{poll(books)[0][0].id}/note/Gate code at the desk")
    before = poll(books)[0][-1]
    town.act(f"/quickbooks/{before.id}/{act}")
    lost = books.fetch_appointment(before.id)
    books.annotate(lost.id, "Rebook: staff were asked")
    [*_, echo] = gateway.wait(3, SLUG)
    [change] = changes(town, echo)
    seen = books.fetch_appointment(change.appointment_id)
    assert (seen.status, seen.starts_at) == (lost.status, lost.starts_at)

    assert books.move(lost.id, later(lost), version=seen.version) == lost.id
    [*_, echo] = gateway.wait(4, SLUG)
    assert [one.appointment_id for one in changes(town, echo)] == [lost.id]
    after = books.fetch_appointment(lost.id)
    assert (after.status, after.starts_at) == (Status.BOOKED, later(lost).starts_at)
    assert len(town.deliveries(SLUG)) == 4
    note = shown(town, lost.id)["PrivateNote"]
    assert "Gate code at the desk" in note
    assert note.count("[rebook]") == 1


def test_another_loss_after_the_outcome_is_a_new_one(town: Running) -> None:
    books = connector(town)
    first = poll(books)[0][0]
    town.act(f"/quickbooks/{first.id}/missed")
    books.move(first.id, later(first))
    town.act(f"/quickbooks/{first.id}/cancel")
    assert books.fetch_appointment(first.id).status is Status.CANCELLED
    books.move(first.id, later(first))
    assert books.fetch_appointment(first.id).status is Status.BOOKED


def test_a_version_that_staff_overtook_is_a_conflict(town: Running) -> None:
    books = connector(town)
    first = poll(books)[0][0]
    town.act(f"/quickbooks/{first.id}/cancel")
    with pytest.raises(Conflict):
        books.move(first.id, later(first), version=first.version)


def test_a_rotating_refresh_token_is_kept_and_a_revoked_one_pauses_us(town: Running) -> None:
    entry = town.connection(SLUG)
    kept = MemoryTokens(dict(entry["credentials"]))
    books = connect(SLUG, entry["base_url"], entry["settings"], entry["credentials"], tokens=kept)
    for _ in range(3):
        before = kept.read()["refresh_token"]
        town.act("/quickbooks/expire_tokens")
        assert books.check() == "Harbour Street Studio"
        assert kept.read()["refresh_token"] != before
    town.act("/quickbooks/revoke")
    with pytest.raises(NotAllowed):
        books.check()


def test_more_than_ten_calls_a_second_are_too_many(serve: Callable[..., Running]) -> None:
    town = serve(platforms=(SLUG,), limits=True)
    entry = town.connection(SLUG)
    bearer = {"Authorization": f"Bearer {entry['credentials']['access_token']}"}
    path = f"{entry['base_url']}/v3/company/{entry['settings']['realm_id']}/companyinfo/1"
    with httpx.Client(headers=bearer, verify=PLAIN, timeout=60) as http:
        statuses = {http.get(path).status_code for _ in range(40)}
    assert statuses == {200, 429}
    town.fault(SLUG, "429")
    with pytest.raises(TooMany) as caught:
        connector(town).check()
    assert caught.value.retry_after == 60.0


@pytest.mark.skipif(not test_specs.SPECS.is_dir(), reason="the specs are not here")
def test_quickbooks_answers_as_its_documentation_says(town: Running) -> None:
    entry, realm = town.connection(SLUG), town.connection(SLUG)["settings"]["realm_id"]
    bearer = {"Authorization": f"Bearer {entry['credentials']['access_token']}"}
    base = f"{entry['base_url']}/v3/company/{realm}"
    with httpx.Client(base_url=base, headers=bearer, verify=PLAIN, timeout=60) as http:
        found = http.get("/query", params={"query": "SELECT * FROM Invoice MAXRESULTS 5"})
        one = found.json()["QueryResponse"]["Invoice"][0]
        text = {"Content-Type": "application/text"}
        by_post = http.post("/query", content="SELECT * FROM Customer", headers=text)
        town.act(f"/quickbooks/{found.json()['QueryResponse']['Invoice'][1]['Id']}/delete")
        note = {"Id": one["Id"], "SyncToken": one["SyncToken"], "sparse": True, "PrivateNote": "x"}
        since = (datetime.now().astimezone() - timedelta(hours=2)).isoformat()
        answers = {
            ("query", "get"): found,
            ("query", "post"): by_post,
            ("invoice/{id}", "get"): http.get(f"/invoice/{one['Id']}"),
            ("invoice", "post"): http.post("/invoice", json=note),
            ("cdc", "get"): http.get("/cdc", params={"entities": "Invoice", "changedSince": since}),
            ("customer/{id}", "get"): http.get(f"/customer/{one['CustomerRef']['value']}"),
            ("companyinfo/{id}", "get"): http.get(f"/companyinfo/{realm}"),
        }
        stale = http.post("/invoice", json=note)
        missing = http.get("/invoice/1")
    assert {a.status_code for a in answers.values()} == {200}
    assert (stale.status_code, missing.status_code) == (400, 400)
    root = "/v3/company/{realmId}/"
    told = [(root + path, method, a) for (path, method), a in answers.items()]
    told += [(root + "invoice", "post", stale), (root + "invoice/{id}", "get", missing)]
    assert [fault for one in told for fault in test_specs.faults(SLUG, *one)] == []
