"""The story by every way it can be told: each ends with one case, one invitation and one booking."""

import re
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.flows.house import House, until


def test_a_cancellation_by_webhook_and_a_reply_by_text_end_in_one_booking(house: House) -> None:
    client = house.client()
    client.cancels()
    client.gets_offer()
    client.replies("2")
    client.ends_well()


def test_the_times_on_offer_stand_in_the_calendar_until_one_is_booked(house: House) -> None:
    client = house.client()
    client.cancels()
    client.gets_offer()
    case_id = client.case().id
    until("all three are shown", lambda: len(_shown(house, case_id)) == 3)
    client.replies("1")
    client.ends_well()
    assert _shown(house, case_id) == []


def _shown(house: House, case_id: str) -> list[str]:
    """The tentative entries of a case in Google's calendars."""
    events = house.platform("google_calendar")["events"]
    return [
        event["start"]["dateTime"]
        for event in events
        if event["status"] == "tentative"
        and event["extendedProperties"]["private"].get("rebook_offer") == case_id
    ]


def test_five_copies_of_every_webhook_at_once_are_one_case_and_one_booking(house: House) -> None:
    client = house.client()
    for platform in ("acuity", "twilio"):
        house.fault(platform, "duplicate", count=5, copies=5)
    client.cancels()
    client.gets_offer()
    client.replies("first one please")
    client.ends_well()


def test_a_lost_webhook_is_found_by_the_poll(house: House) -> None:
    client = house.client()
    house.fault("acuity", "drop", count=1)
    client.cancels()
    assert client.cases() == []
    house.start_flow("catch_up", {"connection": "acuity"})
    client.gets_offer()
    client.replies("3")
    client.ends_well()


def test_a_client_chooses_on_the_page_behind_the_link(house: House) -> None:
    client = house.client()
    client.cancels()
    with httpx.Client(follow_redirects=True, timeout=20) as browser:
        page = browser.get(client.link())
        assert page.status_code == 200
        assert "/o/" not in str(page.url)
        form = dict(re.findall(r'name="(\w+)"[^>]*value="([^"]*)"', page.text))
        chosen = browser.post(str(page.url), data={**form, "slot": "1"}, headers=_same_site(page))
        assert chosen.status_code == 200, chosen.text
        client.ends_well()
        assert "booked" in browser.get(str(page.url)).text.lower()


def _same_site(page: httpx.Response) -> dict[str, str]:
    origin = f"{page.url.scheme}://{page.url.host}:{page.url.port}"
    return {"Origin": origin, "Sec-Fetch-Site": "same-origin"}


def test_an_operator_books_from_the_form_in_the_prefect_ui(house: House) -> None:
    client = house.client()
    client.cancels()
    client.gets_offer()
    answer = client.decides(decision="book_slot", by="maria", slot="o1-2")
    assert answer["status"] == "ACCEPT", answer
    client.ends_well()


def test_an_operator_and_a_client_who_answer_at_once_get_one_outcome(house: House) -> None:
    client = house.client()
    client.cancels()
    client.gets_offer()
    client.waits()
    with ThreadPoolExecutor(2) as both:
        both.submit(client.replies, "3")
        both.submit(client.decides, decision="book_slot", by="maria", slot="o1-1")
    client.case_in("rebooked")
    assert len(client.bookings()) == 1
    until("every answer was taken up", lambda: _all_taken(client.case().id))
    outcomes = _outcomes(client.case().id)
    assert any("chosen" in outcome for outcome in outcomes), outcomes


def _all_taken(case_id: str) -> bool:
    from rebook.db.session import ledger
    from rebook.services.answers import unread

    with ledger() as session:
        return not unread(session, case_id)


def _outcomes(case_id: str) -> list[str]:
    from rebook.db.session import ledger
    from rebook.services import audit

    with ledger() as session:
        story = audit.story(session, case_id)
        return [entry.detail["outcome"] for entry in story if "outcome" in entry.detail]
