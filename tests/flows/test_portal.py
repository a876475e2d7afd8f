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


def test_a_client_who_cancels_for_good_on_its_page_is_expected_nowhere(house: House) -> None:
    client = house.client()
    with httpx.Client(follow_redirects=True, timeout=20) as browser:
        page = browser.get(_link(client))
        _send(browser, page, asked="cancel")
        page = until("times to choose from", lambda: _times(browser, page))
        assert len(client.bookings()) == 1
        _send(browser, browser.get(str(page.url.join("/offer/cancel"))), answer="yes")
        client.case_in("withdrawn")
        until("it stands nowhere", lambda: not client.bookings() and not _mirrored(client))
        said = "Your appointment is cancelled"
        until("the page says so", lambda: said in browser.get(str(page.url)).text)
    until("nothing is left to do", lambda: client.case().next_action_at is None)
    assert client.texts("booked") == []


def test_a_client_who_lost_the_link_gets_it_for_a_visit_of_which_there_is_no_case(
    house: House,
) -> None:
    client = house.client()
    gateway = house.addresses["gateway"]
    with httpx.Client(base_url=gateway, follow_redirects=True, timeout=20) as browser:
        stranger, known = (
            browser.post("/lost", data={"contact": contact, "website": ""})
            for contact in ("+18085550000", client.phone)
        )
        assert (stranger.status_code, stranger.text) == (known.status_code, known.text)
        text = until("the link by text", lambda: client.texts("the link to your"))[0]
        link = re.search(r"https?://\S+/a/\w+", text)
        assert link is not None
        assert "What would you like to do?" in browser.get(link.group()).text
    assert client.case_in("voided").cause == "stands"
    until("nothing is left to do", lambda: client.case().next_action_at is None)
    assert (len(client.bookings()), len(client.texts())) == (1, 1)


def _mirrored(client: Client) -> bool:
    """Does Google Calendar still show the client's visit?"""
    return any(
        client.appointment_id in str(event.get("extendedProperties"))
        and event.get("status") != "cancelled"
        for event in client.house.platform("google_calendar")["events"]
    )


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
