"""Attacks on the portal and the other client pages, over HTTP: C1 to C5, C7 to C10 and C13.

tests/gateway tries the offer's page and its forms; here it is every door and every form in one go.
"""

import json
import re
import secrets
from typing import Any

import pytest
from icalendar import Calendar

from rebook.domain.pageview import token_hash
from tests.gateway.house import CALENDAR, FREE, VISIT, House, at
from tests.gateway.visitor import Visitor, form_of

DOORS = ("o", "a", "t")
FORMS = {
    "/offer": "offer",
    "/offer/wish": "offer",
    "/offer/call": "offer",
    "/offer/cancel": "offer",
    "/visit": "visit",
}
ANSWERS = {"slot": "1", "answer": "yes", "asked": "cancel", "part": "any"}
BOOKED = {"state": "booked", "booked": at(0), "calendar": CALENDAR}


def stored(house: House, token: str) -> list[dict[str, Any]]:
    found = [json.loads(house.opened(row)["body"]) for row in house.rows("portal")]
    return [said for said in found if said.get("token") == token]


def visitor(house: House, path: str, **changes: Any) -> Visitor:
    view = (VISIT if FORMS[path] == "visit" else {"free": FREE, "stands": at(0)}) | changes
    return Visitor(house, house.page(**view), FORMS[path])


def answered(one: Visitor, path: str) -> dict[str, str]:
    """The page's own form with an answer in it, as its client would send it."""
    page = one.get(path).text
    day = re.search(r'value="(\d{4}-\d\d-\d\d)"', page)
    return form_of(page).fields | ANSWERS | ({"day": day[1]} if day else {})


def closes(house: House, token: str) -> None:
    with house.owner() as owner:
        owner.execute(
            "UPDATE client_page SET expires_at = updated_at - interval '1 minute'"
            " WHERE token_hash = %s",
            [token_hash(token)],
        )


@pytest.mark.parametrize("door", DOORS)
def test_c4_guessing_at_any_door_finds_the_page_of_a_dead_link(house: House, door: str) -> None:
    house.page(**VISIT)
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    with house.client() as client:
        dead = client.get(f"/{door}/{'b' * 32}")
        for _ in range(200):
            guess = "".join(secrets.choice(alphabet) for _ in range(32))
            answer = client.get(f"/{door}/{guess}")
            assert (answer.status_code, answer.text) == (404, dead.text)
            assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "token",
    ["..%2f..%2fetc%2fpasswd", "%00", "a" * 31, "a" * 33, "A" * 32, "%0d%0aSet-Cookie:x=1", "é" * 32,
     "a" * 32 + "%0a", "eyJhbGciOiJub25lIn0.e30."],
)  # fmt: skip
def test_c3_what_is_no_token_opens_no_door_and_sets_no_cookie(
    house: House, door: str, token: str
) -> None:
    with house.client() as client:
        answer = client.get(f"/{door}/{token}")
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers
    assert "root:" not in answer.text


@pytest.mark.parametrize("path", FORMS)
def test_c3_a_link_for_one_purpose_says_nothing_by_the_form_of_another(
    house: House, path: str
) -> None:
    """The visit's token in the offer's cookie and the other way round, and a technician's in both."""
    right = visitor(house, path)
    other = visitor(house, "/offer" if path == "/visit" else "/visit")
    stranger = Visitor(house, other.token, FORMS[path])
    fields = answered(right, path)
    proof = form_of(other.get("/offer" if path == "/visit" else "/visit").text).fields["proof"]
    answer = stranger.request("POST", path, data=fields | {"proof": proof})
    assert answer.status_code in (303, 404)
    assert stored(house, other.token) == []
    assert stored(house, right.token) == []


@pytest.mark.parametrize("path", FORMS)
def test_c3_a_form_that_is_sent_after_its_link_has_ended_says_nothing(
    house: House, path: str
) -> None:
    late = visitor(house, path)
    fields = answered(late, path)
    closes(house, late.token)
    answer = late.request("POST", path, data=fields)
    assert answer.status_code == 404
    assert late.get(path).status_code == 404
    assert stored(house, late.token) == []


@pytest.mark.parametrize("path", FORMS)
def test_c5_a_form_that_is_played_again_is_one_answer(house: House, path: str) -> None:
    one = visitor(house, path)
    fields = answered(one, path)
    for _ in range(5):
        assert one.request("POST", path, data=fields).status_code == 303
    assert len(stored(house, one.token)) == 1


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("state", ["booked", "withdrawn", "closed", "kept"])
def test_c5_a_form_from_before_the_case_moved_on_only_shows_how_things_stand(
    house: House, path: str, state: str
) -> None:
    one = visitor(house, path)
    fields = answered(one, path)
    view = {"state": "gone"} if path == "/visit" else BOOKED | {"state": state}
    house.put_page(one.token, **view)
    answer = one.request("POST", path, data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/{FORMS[path]}")
    assert stored(house, one.token) == []


@pytest.mark.parametrize("path", [*FORMS, "/lost"])
def test_c1_c2_scanners_that_get_head_and_post_everything_change_nothing(
    house: House, path: str
) -> None:
    one = visitor(house, path if path in FORMS else "/offer")
    before = len(house.rows("portal"))
    said = ANSWERS | {"contact": "leilani@example.com"}
    for method in ("GET", "HEAD"):
        assert one.request(method, path, params=said).status_code in (200, 303)
    for body in (b"", b"x", b"{}", b"slot=1&answer=yes&asked=cancel"):
        for kind in ("", "text/plain", "application/json", "application/xml"):
            answer = one.request("POST", path, content=body, headers={"content-type": kind})
            assert answer.status_code == 403
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"):
        assert one.request(method, path, params=said).status_code == 405
    assert len(house.rows("portal")) == before


@pytest.mark.parametrize("path", [*FORMS, "/lost"])
@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"answer=" + b"x" * 5_000, {}, 413),
        (b"answer=" + b"x" * 3_000_000, {}, 413),
        (b"answer=yes&answer=no", {}, 400),
        (b"&".join(b"f%d=1" % n for n in range(40)), {}, 400),
        (b"answer=\xff\xfe", {}, 400),
        (b"answer=yes", {"content-encoding": "gzip"}, 415),
        (b"answer=yes", {"content-type": "application/x-www-form-urlencoded-ish"}, 403),
        (b"--x\r\n\r\n", {"content-type": "multipart/form-data; boundary=x"}, 403),
    ],
    ids=["large", "huge", "twice", "many", "no text", "gzip", "nearly a form", "multipart"],
)  # fmt: skip
def test_c7_a_body_that_no_page_of_ours_sends_is_refused(
    house: House, path: str, content: bytes, headers: dict[str, str], status: int
) -> None:
    one = visitor(house, path if path in FORMS else "/offer")
    own = {"content-type": "application/x-www-form-urlencoded"}
    answer = one.request("POST", path, content=content, headers=own | headers)
    assert answer.status_code == status
    assert answer.headers["x-frame-options"] == "DENY"
    assert stored(house, one.token) == []


@pytest.mark.parametrize("path", FORMS)
def test_c10_the_cookie_of_one_client_and_the_form_of_another_say_nothing(
    house: House, path: str
) -> None:
    mine, theirs = visitor(house, path), visitor(house, path)
    fields = answered(theirs, path)
    assert mine.request("POST", path, data=fields).status_code == 403
    tokens = fields | {"token": theirs.token, "proof": answered(mine, path)["proof"]}
    mine.request("POST", path, data=tokens)
    assert stored(house, theirs.token) == []


@pytest.mark.parametrize(
    "path",
    [
        "/page.css/../../gateway/settings.py",
        "/..%2f..%2fetc%2fpasswd",
        "/static/page.css",
        "/offer/..%2f..%2fetc%2fpasswd",
        "/visit/calendar.ics/../../../etc/passwd",
        "/offer/%00",
        "/o/",
        "//evil.example/%2f..",
    ],
)
def test_c10_no_address_leads_out_of_the_pages(house: House, path: str) -> None:
    answer = visitor(house, "/offer").get(path)
    assert answer.status_code == 404
    assert "root:" not in answer.text
    assert "import" not in answer.text


HOSTILE = [
    "Ann\r\nATTENDEE:mailto:all@evil.example",
    "Ann\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:other",
    'Ann"\r\nSet-Cookie: offer=x',
    "Ann;X-EVIL=1:\u2028URL:https://evil.example",
    "Ann\x85DESCRIPTION:x\x0bY\x0cZ",
    "A" * 5_000,
]


@pytest.mark.parametrize("words", HOSTILE, ids=lambda words: words[:16])
@pytest.mark.parametrize("door", ["/offer", "/visit"])
def test_c9_no_line_of_a_calendar_file_or_header_begins_in_a_name(
    house: House, door: str, words: str
) -> None:
    texts = dict.fromkeys(("service", "place", "business", "business_phone", "first_name"), words)
    view = VISIT if door == "/visit" else BOOKED
    one = Visitor(house, house.page(**(view | texts)), door.strip("/"))
    answer = one.get(f"{door}/calendar.ics")
    assert answer.headers["content-disposition"] == 'attachment; filename="appointment.ics"'
    assert "set-cookie" not in answer.headers
    names = {line.partition(b":")[0] for line in answer.content.split(b"\r\n") if line[:1] != b" "}
    assert names <= {
        b"", b"BEGIN", b"END", b"VERSION", b"PRODID", b"METHOD", b"UID", b"SEQUENCE", b"DTSTAMP",
        b"DTSTART", b"DTEND", b"SUMMARY", b"LOCATION", b"DESCRIPTION", b"STATUS",
    }  # fmt: skip
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event.get("ATTENDEE") is None
    assert one.get(door).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["lang=es%0d%0aSet-Cookie:%20x=1", "lang=//evil.example", "lang=", "chosen=o2-1%0d%0aA:b"],
)
def test_c13_no_parameter_writes_a_header(house: House, query: str) -> None:
    for path in (*FORMS, "/lost"):
        one = visitor(house, path if path in FORMS else "/offer")
        answer = one.get(f"{path}?{query}")
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        assert "evil.example" not in answer.headers.get("refresh", "")
        assert "evil.example" not in answer.text


@pytest.mark.parametrize("path", [*FORMS, "/offer/times", "/lost", "/o/x", "/nowhere", "/page.css"])
def test_c13_no_page_of_a_client_can_be_framed_or_kept(house: House, path: str) -> None:
    one = visitor(house, path if path in FORMS else "/offer")
    headers = one.get(path).headers
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["strict-transport-security"].startswith("max-age=")
    if path != "/page.css":
        assert headers["cache-control"] == "no-store"


def test_c4_asking_for_lost_links_tells_nobody_who_is_a_client(house: House) -> None:
    """The same page for everybody: the door looks nobody up."""
    with house.client() as client:
        own = {"origin": house.public_url}
        answers = [
            client.post("/lost", data={"contact": contact}, headers=own)
            for contact in ("leilani@example.com", "nobody@example.org", "+18085550999")
        ]
    assert {answer.text for answer in answers} == {answers[0].text}
    assert {answer.status_code for answer in answers} == {200}
