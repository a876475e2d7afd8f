"""The vendors' own clients against the sandbox: one that they cannot use would be wrong.

Those that Rebook does not itself need are the group `peers`: `make peers` installs them and runs this.
"""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sandbox import people
from tests.sandbox.conftest import Running

pytestmark = pytest.mark.peers
NAMED = ("hubspot", "mailchimp", "salesforce", "square")


@pytest.fixture
def town(serve: Callable[..., Running]) -> Running:
    return serve(clients=4, platforms=NAMED)


def account(town: Running, name: str) -> tuple[str, dict[str, Any]]:
    """Where it is reached, and its credentials."""
    entry = town.connection(name)
    return str(entry["base_url"]), dict(entry["credentials"])


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
    granted = httpx.post(f"{base}/services/oauth2/token", data=grant).json()
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
