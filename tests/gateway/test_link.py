"""The link in a message: looking at it changes nothing and gives nothing away (C1 to C6)."""

import base64
import json
import secrets
from collections.abc import Callable

import pytest

from rebook.domain.pageview import token_hash
from tests.gateway.house import House
from tests.gateway.visitor import Visitor, words


def test_c6_the_first_hop_moves_the_token_into_a_cookie_and_off_the_address(house: House) -> None:
    token = house.page()
    with house.client() as client:
        answer = client.get(f"/o/{token}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/offer")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"__Host-offer={token};")
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= attributes
    assert not any(part.startswith("domain") for part in attributes)
    assert token not in answer.text


def test_c6_on_a_plain_http_installation_the_cookie_still_works(
    another: Callable[..., House],
) -> None:
    house = another(public_url="http://127.0.0.1:8080")
    token = house.page()
    house.start()
    with house.client() as client:
        cookie = client.get(f"/o/{token}").headers["set-cookie"]
    assert cookie.startswith(f"offer={token};")
    assert "secure" not in cookie.lower()
    assert "Choose a new time" in Visitor(house, token).get().text


@pytest.mark.parametrize("path", ["/o/{token}", "/offer"])
def test_c6_nothing_of_the_page_is_kept_or_passed_on(house: House, path: str) -> None:
    visitor = Visitor(house, house.page())
    headers = visitor.get(path.format(token=visitor.token)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == ("no-referrer" if "/o/" in path else "same-origin")
    assert headers["x-robots-tag"].startswith("noindex")
    assert headers["strict-transport-security"].startswith("max-age=")


def test_c1_a_thousand_looks_by_scanners_change_nothing(house: House) -> None:
    token = house.page()
    visitor = Visitor(house, token)
    before = visitor.get().text
    with house.client() as client:
        for _ in range(250):
            for method in ("GET", "HEAD"):
                assert client.request(method, f"/o/{token}").status_code == 303
                cookie = {"cookie": f"{visitor.cookie}={token}"}
                assert client.request(method, "/offer", headers=cookie).status_code == 200
    assert visitor.get().text == before
    assert choices(house, token) == []


def test_c1_an_address_that_says_a_time_was_chosen_chooses_nothing(house: House) -> None:
    token = house.page()
    assert "Booking it now" in Visitor(house, token).get("/offer?chosen=o2-1").text
    assert choices(house, token) == []


def test_a_head_has_no_body(house: House) -> None:
    visitor = Visitor(house, house.page())
    assert visitor.request("HEAD", "/offer").content == b""


def test_c3_every_link_that_is_not_a_link_gets_the_same_page(
    house: House,
) -> None:
    token, ended = house.page(), base64.b32encode(secrets.token_bytes(20)).decode().lower()
    house.put_page(ended, -1)
    wrong = [
        "a" * 32,
        ended,
        token[:-1],
        token + "a",
        token.upper(),
        token[::-1],
        token_hash(token),
    ]
    wrong += ["...", "%00", "x" * 5000, "%ff", token_hash(token)[:32]]
    with house.client() as client:
        answers = [client.get(f"/o/{each}") for each in wrong]
    answers.append(Visitor(house, "a" * 32).get())
    answers.append(Visitor(house, ended).get())
    answers.append(Visitor(house, "").get())
    assert {(a.status_code, a.text) for a in answers} == {(404, answers[0].text)}
    assert "This link does not work" in answers[0].text
    assert all("set-cookie" not in a.headers for a in answers)


def test_c4_guessing_finds_nothing(house: House) -> None:
    house.page()
    with house.client() as client:
        for _ in range(500):
            guess = base64.b32encode(secrets.token_bytes(20)).decode().lower()
            assert client.get(f"/o/{guess}").status_code == 404


def test_c11_the_page_shows_a_first_name_times_and_the_business_and_no_more(house: House) -> None:
    page = Visitor(house, house.page()).get().text
    assert words(page) == (
        "Windward Dental Choose a new time Hi Leilani , pick the time that suits you best."
        " Dental cleaning 45-1048 Example Road Leave this empty"
        " Tuesday 24 November 2:00 pm 4:30 pm Wednesday 25 November 9:00 am"
        " All times are Honolulu time. Book this time"
        " None of these work? Tell us what suits you better Ask us to call you I no longer need it"
        " Rather talk now? Call Windward Dental : +1 808 555 0100 Español"
    )


def test_c12_one_link_shows_one_offer_only(house: House) -> None:
    mine, theirs = house.page(first_name="Leilani"), house.page(first_name="Kimo")
    assert "Kimo" not in Visitor(house, mine).get().text
    assert "Kimo" in Visitor(house, theirs).get().text


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ({"state": "working"}, "Booking it now"),
        ({"state": "working", "note": "slot taken"}, "finding other times"),
        ({"state": "staff", "slots": []}, "We will get in touch"),
        ({"state": "closed"}, "no longer open"),
        ({"state": "taken", "slots": []}, "That time has just gone"),
        ({"state": "taken"}, "Please choose another"),
        ({"note": "slot taken"}, "Please choose another"),
        ({"state": "choose", "slots": []}, "There is nothing to choose now"),
        ({"state": "a later version's word"}, "There is nothing to choose now"),
    ],
)
def test_each_state_says_in_plain_words_how_things_stand(
    house: House, view: dict[str, object], said: str
) -> None:
    page = Visitor(house, house.page(**view)).get()
    assert (page.status_code, said in words(page.text)) == (200, True)


def test_a_view_with_little_in_it_is_still_a_page(house: House) -> None:
    bare = dict.fromkeys(
        ("first_name", "business", "business_phone", "service", "place", "zone"), ""
    )
    page = Visitor(house, house.page(**bare)).get()
    assert "Pick the time that suits you best." in words(page.text)


def choices(house: House, token: str) -> list[dict[str, object]]:
    found = [json.loads(house.opened(row)["body"]) for row in house.rows("portal")]
    return [choice for choice in found if choice["token"] == token]
