"""A client moves an appointment that is still ahead, from its own page, without a word to anybody."""

import re

import httpx

from rebook.db.session import ledger
from rebook.services import visits
from tests.flows.house import Client, House, until


def test_a_client_moves_an_appointment_on_its_page_and_it_stands_until_then(house: House) -> None:
    client = house.client()
    with httpx.Client(follow_redirects=True, timeout=20) as browser:
        page = browser.get(_link(client))
        assert "What would you like to do?" in page.text
        _send(browser, page, asked="move")
        page = until("times to choose from", lambda: _times(browser, page))
        assert [b["id"] for b in client.bookings()] == [client.appointment["id"]]
        assert "stands until the new time is confirmed" in page.text
        _send(browser, page, slot="2")
        client.case_in("rebooked")
        (booking,) = client.bookings()
        assert booking["id"] == client.appointment["id"]
        assert booking["datetime"] != client.appointment["datetime"]
        until("it says so", lambda: "You are booked" in browser.get(str(page.url)).text)
        file = browser.get(str(page.url.join("/offer/calendar.ics")))
        assert b"SEQUENCE:1" in file.content
    assert client.case().cause == "client_cancelled"
    until("nothing is left to do", lambda: client.case().next_action_at is None)
    assert len(client.mirror_starts()) == 1


def _link(client: Client) -> str:
    with ledger() as session:
        found = visits.find(session, "acuity", client.appointment_id)
        assert found is not None
        visits.publish(session, found)
        session.commit()
        return f"{client.house.addresses['gateway']}/a/{visits.token(found.id)}"


def _send(browser: httpx.Client, page: httpx.Response, **answers: str) -> None:
    form = dict(re.findall(r'name="(\w+)"[^>]*value="([^"]*)"', page.text))
    path = re.search(r'method="post" action="([^"]+)"', page.text)
    assert path is not None
    origin = f"{page.url.scheme}://{page.url.host}:{page.url.port}"
    headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
    fields = {"proof": form["proof"], "offer": form.get("offer", ""), "website": "", **answers}
    answer = browser.post(str(page.url.join(path[1])), data=fields, headers=headers)
    assert answer.status_code == 200, answer.text


def _times(browser: httpx.Client, page: httpx.Response) -> httpx.Response | None:
    """The visit's own page leads on to the times as soon as there are any."""
    shown = browser.get(str(page.url.join("/visit")))
    return shown if "Choose a new time" in shown.text else None
