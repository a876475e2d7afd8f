"""The vendors' own clients against the sandbox: one that they cannot use would be wrong.

Those that Rebook does not itself need are the group `peers`, which `make test` installs too.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import requests

from sandbox import people
from tests.connectors import specs
from tests.sandbox.conftest import Running

NAMED = (
    "google_sheets",
    "hubspot",
    "jobber",
    "mailchimp",
    "quickbooks",
    "salesforce",
    "square",
    "zendesk",
)


@pytest.fixture
def town(serve: Callable[..., Running]) -> Running:
    return serve(clients=4, platforms=NAMED)


def account(town: Running, name: str) -> tuple[str, dict[str, Any]]:
    """Where it is reached, and its credentials."""
    entry = town.connection(name)
    return str(entry["base_url"]), dict(entry["credentials"])


class Redirected(requests.adapters.HTTPAdapter):
    """For clients whose addresses are constants: their requests are sent to the sandbox instead."""

    def __init__(self, vendor: str, base_url: str) -> None:
        super().__init__()
        self._vendor, self._base_url = vendor, base_url

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        request.url = request.url.replace(self._vendor, self._base_url)
        return super().send(request, *args, **kwargs)


def redirected(vendor: str, base_url: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.mount(vendor, Redirected(vendor, base_url))
    return session


def test_googles_client_lists_the_events_of_a_calendar(town: Running) -> None:
    discovery = pytest.importorskip("googleapiclient.discovery")
    from google.oauth2.credentials import Credentials

    base, told = account(town, "google")
    client = discovery.build(
        "calendar",
        "v3",
        credentials=Credentials(told["access_token"]),  # type: ignore[no-untyped-call]
        client_options={"api_endpoint": f"{base}/"},
        static_discovery=True,
    )
    listed = client.events().list(calendarId=town.calendar(), singleEvents=True).execute()
    assert listed["kind"] == "calendar#events"
    assert listed["items"]
    one = (
        client.events().get(calendarId=town.calendar(), eventId=listed["items"][0]["id"]).execute()
    )
    assert one["summary"] == listed["items"][0]["summary"]


def test_hubspots_client_reads_a_contact_and_a_page_of_meetings(town: Running) -> None:
    hubspot = pytest.importorskip("hubspot")
    base, told = account(town, "hubspot")
    client = hubspot.Client.create(access_token=told["access_token"], host=base)
    meetings = client.crm.objects.basic_api.get_page("meetings", limit=2)
    assert [one.archived for one in meetings.results] == [False, False]
    email = people.clients(4)[0].email
    found = client.crm.contacts.basic_api.get_by_id(email, id_property="email")
    assert found.properties["email"] == email


def test_hubspots_client_reads_records_and_whom_they_are_of_in_batches(town: Running) -> None:
    hubspot = pytest.importorskip("hubspot")
    base, told = account(town, "hubspot")
    client = hubspot.Client.create(access_token=told["access_token"], host=base)
    numbers = [one.id for one in client.crm.objects.basic_api.get_page("meetings").results]
    asked = {"inputs": [{"id": number} for number in [*numbers, "1"]]}
    fields = {"properties": ["hs_meeting_outcome"], "propertiesWithHistory": []}
    read = client.crm.objects.batch_api.read("meetings", {**asked, **fields})
    assert ([one.id for one in read.results], read.num_errors) == (numbers, 1)
    linked = client.crm.associations.v4.batch_api.get_page("meetings", "contacts", asked)
    assert [one._from.id for one in linked.results] == numbers
    people_of = {to.to_object_id for one in linked.results for to in one.to}
    assert len(people_of) == 4


def test_mailchimps_client_pings_and_reads_the_audience(town: Running) -> None:
    marketing = pytest.importorskip("mailchimp_marketing")
    base, told = account(town, "mailchimp")
    client = marketing.Client({"api_key": told["api_key"], "server": "us19"})
    client.api_client.host = base
    assert client.ping.get()["health_status"]
    audience = town.connection("mailchimp")["settings"]["list"]
    members = client.lists.get_list_members_info(audience, count=2)
    assert len(members["members"]) == 2


def test_squares_client_lists_the_bookings(town: Running) -> None:
    square = pytest.importorskip("square")
    base, told = account(town, "square")
    client = square.Square(base_url=base, token=told["access_token"])
    booked = list(client.bookings.list(limit=2))
    assert booked
    assert {one.status for one in booked} <= {"ACCEPTED", "PENDING"}


def test_salesforces_client_asks_for_events(town: Running) -> None:
    from simple_salesforce.api import Salesforce

    base, told = account(town, "salesforce")
    grant = {"grant_type": "client_credentials", **told}
    granted = httpx.post(f"{base}/services/oauth2/token", data=grant, timeout=60).json()
    client = Salesforce(instance_url=base, session_id=granted["access_token"], version="59.0")
    # The client knows https and the root of a host alone, and the sandbox is neither.
    client.base_url = f"{base}/services/data/v59.0/"
    found = client.query("SELECT Id, Subject FROM Event LIMIT 2")
    assert (found["done"], len(found["records"])) == (True, 2)


def test_slacks_client_posts_a_message(town: Running) -> None:
    from slack_sdk import WebClient

    base, told = account(town, "slack")
    channel = town.connection("slack")["settings"].get("channel") or "C0FFICE"
    client = WebClient(told["bot_token"], base_url=base)
    assert client.auth_test()["ok"]
    assert client.chat_postMessage(channel=channel, text="hello")["ts"]


def test_twilios_client_lists_the_messages(town: Running) -> None:
    from twilio.rest import Client

    base, told = account(town, "twilio")
    client = Client(told["account_sid"], told["auth_token"])
    client.api.base_url = base
    assert client.messages.list(limit=1) == []


def test_sendgrids_client_sends_a_mail(town: Running) -> None:
    from sendgrid import SendGridAPIClient
    from sendgrid.helpers.mail import Mail

    base, told = account(town, "sendgrid")
    mail = Mail("office@example.com", people.clients(4)[0].email, "Hello", "Two times are free.")
    answer = SendGridAPIClient(told["api_key"], host=base).send(mail)
    assert answer.status_code == 202


def test_zendesks_client_reads_a_ticket_and_writes_an_internal_note(
    town: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    zenpy = pytest.importorskip("zenpy")
    objects = pytest.importorskip("zenpy.lib.api_objects")
    base, told = account(town, "zendesk")
    place = base.removesuffix("/api/v2")
    monkeypatch.setenv("ZENPY_FORCE_SCHEME", "http")
    monkeypatch.setenv("ZENPY_FORCE_NETLOC", place.removeprefix("http://"))
    client = zenpy.Zenpy(subdomain="harbour", email=told["email"], token=told["api_token"])
    first = next(iter(client.tickets()))
    ticket = client.tickets(id=first.id)
    ticket.comment = objects.Comment(body="seen", public=False)
    client.tickets.update(ticket)
    shown = next(one for one in town.state()["zendesk"]["tickets"] if one["id"] == first.id)
    assert (shown["comments"][-1]["body"], shown["comments"][-1]["public"]) == ("seen", False)


class SignedIn(requests.Session):
    """All that python-quickbooks asks of a session; the one of Intuit asks the internet at once."""

    def __init__(self, access_token: str) -> None:
        super().__init__()
        self.access_token = access_token


def test_the_quickbooks_client_reads_invoices_and_asks_what_changed(
    town: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = pytest.importorskip("quickbooks")
    cdc = pytest.importorskip("quickbooks.cdc")
    invoices = pytest.importorskip("quickbooks.objects.invoice")
    base, told = account(town, "quickbooks")
    monkeypatch.setattr(books.QuickBooks, "api_url_v3", f"{base}/v3")
    realm = town.connection("quickbooks")["settings"]["realm_id"]
    client = books.QuickBooks(company_id=realm, minorversion=75)
    client.session = SignedIn(told["access_token"])
    found = invoices.Invoice.all(max_results=2, qb=client)
    one = invoices.Invoice.get(found[0].Id, qb=client)
    assert (len(found), one.DocNumber) == (2, found[0].DocNumber)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    changed = cdc.change_data_capture([invoices.Invoice], yesterday.isoformat(), qb=client)
    assert one.Id in {row.Id for row in changed.Invoice}


@specs.absent
def test_a_graphql_client_with_jobbers_published_schema_lists_the_visits(town: Running) -> None:
    gql = pytest.importorskip("gql")
    transports = pytest.importorskip("gql.transport.httpx")
    base, told = account(town, "jobber")
    transport = transports.HTTPXTransport(
        url=f"{base}/graphql",
        headers={
            "Authorization": f"Bearer {told['access_token']}",
            "X-JOBBER-GRAPHQL-VERSION": "2025-04-16",
        },
    )
    client = gql.Client(
        transport=transport, schema=specs.graphql_schema("jobber"), parse_results=True
    )
    found = client.execute(
        gql.gql("{ visits(first: 2) { nodes { id title startAt visitStatus } } }")
    )
    visits = found["visits"]["nodes"]
    assert len(visits) == 2
    assert {one["visitStatus"] for one in visits} == {"UPCOMING"}


def test_gspread_reads_a_tab(town: Running) -> None:
    import gspread

    entry = town.connection("google-sheets")
    session = redirected("https://sheets.googleapis.com", entry["base_url"])
    session.headers["Authorization"] = f"Bearer {entry['credentials']['access_token']}"
    nobody: Any = None  # gspread takes a session in the place of credentials
    book = gspread.Client(nobody, session).open_by_key(entry["settings"]["spreadsheet"])
    assert len(book.worksheet("Appointments").get_all_values()) > 4
