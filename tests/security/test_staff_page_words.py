"""Attacks on the staff page by what is written and asked: C6, C8, C9, C13, and forms no browser sends."""

import html

import httpx
import pytest

from rebook.db.field_tables import VisitReport
from rebook.db.session import ledger
from rebook.db.tables import Reply
from rebook.domain import clock
from rebook.domain.appointments import Person
from rebook.domain.decisions import Choice, Decision
from rebook.services import desk
from tests.gateway.visitor import form_of
from tests.office.page import Office, Visitor
from tests.services import office
from tests.services.office import decision, rows, wake

pytestmark = pytest.mark.usefixtures("staff_page")
HOSTILE = [
    "<script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "' onfocus=alert(1) autofocus x='",
    "javascript:alert(1)",
    "{{ 7*7 }}{% include 'base.html' %}",
    "</textarea></dl><form action=//evil.example>",
    "\u202egnp.exe\u2066\x1b[31m",
    "Ann\r\nSet-Cookie: office=x",
    "<a href=https://evil.example>here</a>",
]
NUMBERS = iter(range(2000, 3000))
OWN = {"content-type": "application/x-www-form-urlencoded"}
PLAIN = "plain words"


def case_full_of(words: str) -> str:
    """Whatever somebody outside can write stands in the case: of the client, the platform, the field."""
    number = str(next(NUMBERS))
    phone = f"+1808555{number}"
    client = Person(words, words, phone, "")
    case_id = office.lose(
        f"{number}{words}", person=client, calendar=f"chair-{number}", service=words, place=words
    )
    actor = office.act(case_id)
    office.say(words, sender=phone)
    wake(actor, decision(Choice.HAND_OVER))
    with ledger() as session:
        session.add(
            VisitReport(
                id=f"report-{number}",
                source=f"report-{number}",
                appointment_id=office.case_of(case_id).appointment_id,
                case_id=case_id,
                kind="no_one_home",
                note=words,
                received_at=clock.now(),
            )
        )
        noted = Decision(Choice.CALL_MADE, "maria", note=f"{words} noted")
        desk.decide(session, case_id, noted, key=f"a-form-{number}")
    wake(actor)
    return case_id


def shape(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """The page's tags with the names of their attributes: what a text cannot add to."""
    return [(tag, tuple(name for name, _ in attrs)) for tag, attrs in form_of(text).tags]


@pytest.fixture(scope="module")
def harmless(staff_page: Office) -> str:
    return case_full_of(PLAIN)


@pytest.mark.parametrize("words", HOSTILE, ids=lambda words: words[:14])
def test_c8_whatever_stands_in_a_case_is_text_on_its_page(
    maria: Visitor, harmless: str, words: str
) -> None:
    case_id = case_full_of(words)
    maria.open(f"/cases/{harmless}")
    fine = shape(maria.last.text)
    maria.open(f"/cases/{case_id}")
    assert shape(maria.last.text) == fine
    assert "noted" in maria.last.text
    assert "No one home" in maria.last.text, "what the technician wrote is shown"
    assert not any(mark in maria.last.text for mark in ("\u202e", "\u2066", "\x1b", "\r"))
    assert "set-cookie" not in maria.last.headers
    assert "script-src" not in maria.last.headers["content-security-policy"]


@pytest.mark.parametrize("words", HOSTILE, ids=lambda words: words[:14])
def test_c8_whatever_a_client_is_called_is_text_in_the_lists(maria: Visitor, words: str) -> None:
    case_id = case_full_of(words)
    for path in ("/", "/closed"):
        maria.open(path)
        for tag, attrs in form_of(maria.last.text).tags:
            assert tag not in ("script", "svg", "img", "iframe", "object"), path
            assert not any(name.startswith("on") for name, _ in attrs), path
            assert dict(attrs).get("action", "/sign-out") == "/sign-out"
            link = dict(attrs).get("href")
            assert link is None or link.startswith(("/", "#")), path
            assert link is None or not link.startswith("//"), path
    maria.open("/")
    assert case_id in maria.last.text


def test_c8_what_was_typed_wrong_is_not_said_back(maria: Visitor) -> None:
    case_id = case_full_of(PLAIN)
    for words in HOSTILE:
        for fields in ({"choice": words}, {"choice": "book_slot", "slot": words}):
            answer = maria.decide(case_id, **fields)
            assert answer.status_code == 409
            assert html.escape(words) not in answer.text
            assert words not in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "next=//evil.example",
        "next=https://evil.example",
        "return_to=/%5Cevil.example",
        "lang=x%0d%0a",
    ],
)
def test_c13_no_parameter_leads_one_elsewhere_after_signing_in(
    staff_page: Office, maria: Visitor, query: str
) -> None:
    wrong = {"name": "nobody-at-all", "password": "four green lanterns", "next": "//evil.example"}
    refused = httpx.post(f"{staff_page.address}/sign-in?{query}", data=wrong, timeout=60)
    assert "evil.example" not in refused.text
    maria.open("/")
    left = maria.http.post(f"/sign-out?{query}", data={"proof": maria.hidden("proof")})
    assert (left.status_code, left.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize("done", ["//evil.example", "1; url=https://evil.example", "x%0d%0aA: b"])
def test_c13_the_page_that_looks_again_looks_only_at_itself(maria: Visitor, done: str) -> None:
    case_id = case_full_of(PLAIN)
    maria.open(f"/cases/{case_id}?done={done}&again=0;url=https://evil.example")
    assert "refresh" not in maria.last.headers
    real = maria.decide(case_id, choice="take_case").url.params["done"]
    maria.open(f"/cases/{case_id}?done={real}&again=0;url=https://evil.example")
    assert maria.last.headers["refresh"] == f"2; url=/cases/{case_id}?done={real}&again=1"


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "127.0.0.1"},
        {"host": ""},
        {"host": "127.0.0.1.evil.example"},
        {"host": "evil.example", "x-forwarded-host": "127.0.0.1"},
    ],
    ids=str,
)
def test_c13_by_another_name_nothing_is_answered(
    staff_page: Office, headers: dict[str, str]
) -> None:
    for path in ("/", "/sign-in", "/office.css"):
        answer = httpx.get(f"{staff_page.address}{path}", headers=headers, timeout=60)
        assert answer.status_code in (400, 421)
        assert "set-cookie" not in answer.headers


def test_c13_forwarding_headers_change_no_address(maria: Visitor) -> None:
    forged = {
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "https",
        "forwarded": "host=evil.example;proto=https",
        "x-original-url": "/closed",
        "x-rewrite-url": "/closed",
        "x-http-method-override": "POST",
    }
    plain, hurt = (maria.http.get("/password", headers=more) for more in ({}, forged))
    assert "evil.example" not in hurt.text + str(hurt.headers)
    assert hurt.text == plain.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/closed", 200),
        ("GET", "/password", 200),
        ("GET", "/sign-in", 200),
        ("GET", "/cases/none", 404),
        ("GET", "/nowhere", 404),
        ("PUT", "/sign-in", 405),
        ("POST", "/sign-out", 403),
    ],
)
def test_c13_c6_no_answer_is_framed_kept_or_passed_on(
    maria: Visitor, method: str, path: str, status: int
) -> None:
    answer = maria.http.request(method, path)
    assert answer.status_code == status
    headers = answer.headers
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] in ("same-origin", "no-referrer")
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "server" not in headers
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/cases/%00",
        "/cases/case%00-1",
        "/cases/..%2f..%2fetc%2fpasswd",
        "/cases/../../etc/passwd",
        "/office.css/../../office/visits.py",
        "/..%2foffice%2fvisits.py",
        "/cases/%ff%fe",
        "/cases/" + "a" * 5000,
        "/cases/'%20OR%201=1%20--",
    ],
)
def test_c10_an_address_that_is_none_is_nothing(maria: Visitor, path: str) -> None:
    answer = maria.http.get(path)
    assert answer.status_code in (400, 404), answer.text
    assert "root:" not in answer.text
    assert "import" not in answer.text


NUL = "\0"


@pytest.mark.parametrize(
    "fields",
    [
        {"choice": "take_case", "key": "k" * 12 + NUL},
        {"choice": f"take_case{NUL}"},
        {"choice": "book_slot", "slot": f"o1-1{NUL}"},
        {"choice": "book_slot", "slot": "o99999999999999999999-99999999999999999999"},
        {"choice": "book_slot", "slot": "o1-" + "9" * 5000},
        {"choice": "book_slot", "slot": "o١-١"},
    ],
    ids=lambda fields: str(fields)[:50],
)
def test_c10_a_decision_that_no_form_sends_is_refused_in_words(
    maria: Visitor, fields: dict[str, str]
) -> None:
    case_id = case_full_of(PLAIN)
    before = len(rows(Reply, case_id=case_id))
    answer = maria.decide(case_id, **fields)
    assert answer.status_code in (409, 422)
    assert len(rows(Reply, case_id=case_id)) == before


def test_c10_what_the_database_cannot_hold_is_no_fault_of_ours(
    staff_page: Office, maria: Visitor
) -> None:
    """PostgreSQL keeps no text with a zero character in it."""
    case_id = case_full_of(PLAIN)
    assert maria.decide(case_id, choice="call_made", note=f"a{NUL}b").status_code == 200
    assert maria.http.get(f"/cases/{case_id}", params={"done": NUL}).status_code == 200
    typed = {"name": f"maria{NUL}", "password": f"four{NUL}lanterns"}
    answer = httpx.post(f"{staff_page.address}/sign-in", data=typed, timeout=60)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"choice=" + b"x" * 20_000, {}, 413),
        (b"choice=" + b"x" * 2_000_000, {}, 413),
        (b"choice=a&choice=b", {}, 400),
        (b"&".join(b"f%d=1" % n for n in range(50)), {}, 400),
        (b"\xff\xfe", {}, 400),
        (b"{}", {"content-type": "application/json"}, 403),
        (b"choice=x", {"content-encoding": "gzip"}, 415),
    ],
    ids=["large", "huge", "twice", "many", "no text", "json", "gzip"],
)
def test_c7_a_body_that_is_no_form_of_ours_is_refused_before_anything_is_read_from_it(
    maria: Visitor, content: bytes, headers: dict[str, str], status: int
) -> None:
    case_id = case_full_of(PLAIN)
    for path in (f"/cases/{case_id}", "/sign-in"):
        answer = maria.http.post(path, content=content, headers=OWN | headers)
        assert answer.status_code == status
        assert answer.headers["x-frame-options"] == "DENY"
