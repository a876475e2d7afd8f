"""Attacks on the staff page, over HTTP: C3 to C8, C10 and C13. tests/office tries its doors and its forms."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import delete

from rebook.db.session import ledger
from rebook.db.staff_tables import SignInTry, StaffSession
from rebook.db.tables import Audit, Reply
from rebook.domain.appointments import Person
from rebook.domain.decisions import Choice
from rebook.services import staff_accounts, staff_sessions
from tests.office.conftest import PASSWORD, add
from tests.office.page import Office, Visitor
from tests.services import office
from tests.services.office import Clock, decision, rows, wake

pytestmark = pytest.mark.usefixtures("staff_page")
OTHER = "four green lanterns"
NUMBERS = iter(range(1000, 2000))
OWN = {"content-type": "application/x-www-form-urlencoded"}


def waiting(**changes: str) -> str:
    """A case that waits for a person."""
    number = str(next(NUMBERS))
    client = Person("Keanu", "Example", f"+1808555{number}")
    case_id = office.lose(number, person=client, calendar=f"chair-{number}", **changes)
    wake(office.act(case_id), decision(Choice.HAND_OVER))
    return case_id


def decisions(case_id: str) -> list[str]:
    return [reply.id for reply in rows(Reply, case_id=case_id) if reply.rule == "staff page"]


@pytest.fixture
def kim(staff_page: Office) -> Iterator[Visitor]:
    add("kim")
    with ledger() as session:
        token = staff_sessions.begin(session, "kim")
    visitor = staff_page.visitor()
    visitor.http.cookies.set("office", token)
    yield visitor
    visitor.http.close()


def test_c6_a_session_that_was_planted_before_signing_in_is_not_the_one_that_is_opened(
    staff_page: Office,
) -> None:
    add("fay")
    planted = "chosen-by-somebody-else-0000000000000000000"
    victim, attacker = staff_page.visitor(), staff_page.visitor()
    victim.http.cookies.set("office", planted)
    victim.http.post("/sign-in", data={"name": "fay", "password": PASSWORD})
    attacker.http.cookies.set("office", planted)
    assert "Sign in" in attacker.open("/")
    held = [cookie.value for cookie in victim.http.cookies.jar]
    assert any(value != planted for value in held)


def test_c6_signing_in_again_ends_the_session_this_browser_had(
    staff_page: Office, kim: Visitor
) -> None:
    add("gus")
    former = kim.http.cookies["office"]
    kim.sign_in("gus", PASSWORD)
    thief = staff_page.visitor()
    thief.http.cookies.set("office", former)
    assert "Sign in" in thief.open("/")


@pytest.fixture
def on_https(staff_page: Office, tmp_path: Path) -> Iterator[Office]:
    """The same page behind a proxy that speaks https."""
    behind = replace(staff_page, log=tmp_path / "https.log", public="https://office.example.com")
    behind.start()
    yield behind
    behind.stop()


def test_c6_on_https_the_cookie_is_of_this_host_alone_and_signing_out_takes_it_away(
    on_https: Office,
) -> None:
    """A browser drops what names a `__Host-` cookie without `Secure`, the removal of it too."""
    add("hana")
    host = {"host": "office.example.com"}
    entered = httpx.post(
        f"{on_https.address}/sign-in",
        data={"name": "hana", "password": PASSWORD},
        headers=host,
        timeout=60,
    )
    token = re.match(r"__Host-office=([^;]+)", entered.headers["set-cookie"])
    assert token is not None
    with_cookie = host | {"cookie": f"__Host-office={token[1]}"}
    page = httpx.get(f"{on_https.address}/", headers=with_cookie, timeout=60)
    proof = re.search(r'name="proof" value="([^"]+)"', page.text)
    assert proof is not None
    left = httpx.post(
        f"{on_https.address}/sign-out", data={"proof": proof[1]}, headers=with_cookie, timeout=60
    )
    assert left.status_code == 303
    for answer in (entered, left):
        flags = [part.strip().lower() for part in answer.headers["set-cookie"].split(";")]
        assert {"secure", "httponly", "samesite=strict", "path=/"} <= set(flags)
        assert not any(flag.startswith("domain") for flag in flags)
    assert page.headers["strict-transport-security"].startswith("max-age=")


def test_c4_guesses_that_seem_to_come_from_many_places_are_counted_as_one_persons(
    staff_page: Office,
) -> None:
    add("ivy")
    forged = ("x-forwarded-for", "forwarded", "x-real-ip", "client-ip")
    answers = [
        httpx.post(
            f"{staff_page.address}/sign-in",
            data={"name": " IVY " if n % 2 else "ivy", "password": f"guess {n}"},
            headers={forged[n % 4]: f"203.0.113.{n}", "user-agent": f"browser {n}"},
            timeout=60,
        ).status_code
        for n in range(8)
    ]
    assert answers == [401] * 5 + [429] * 3
    assert staff_page.visitor().sign_in("ivy", PASSWORD).status_code == 429


def test_c4_one_password_tried_on_many_names_ends_after_sixty(staff_page: Office) -> None:
    _forget_tries()
    try:
        with ledger() as session:
            assert all(staff_sessions.may_try(session, f"name{n}") for n in range(55))
        with httpx.Client(base_url=staff_page.address, timeout=60) as http:
            answers = [
                http.post("/sign-in", data={"name": f"other{n}", "password": OTHER}).status_code
                for n in range(8)
            ]
        assert answers == [401] * 5 + [429] * 3
    finally:
        _forget_tries()


def _forget_tries() -> None:
    with ledger() as session:
        session.connection().execute(delete(SignInTry))


def test_c4_a_session_left_open_does_not_let_one_guess_the_password(
    staff_page: Office, clock: Clock
) -> None:
    """Whoever finds a browser that is signed in must not be able to keep it by trial."""
    add("jade")
    visitor = staff_page.visitor()
    visitor.sign_in("jade", PASSWORD)
    visitor.open("/password")
    fields = {"proof": visitor.hidden("proof"), "password": OTHER, "again": OTHER}
    guesses = [visitor.send("/password", former=f"guess {n}", **fields) for n in range(5)]
    assert [answer.status_code for answer in guesses] == [422] * 5
    assert visitor.send("/password", former=PASSWORD, **fields).status_code == 429
    assert "Sign in" not in visitor.open("/"), "whoever is signed in stays signed in"
    clock.forward(minutes=16)
    assert "Waiting for a person" in visitor.send("/password", former=PASSWORD, **fields).text


FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none"},
    {"content-type": "text/plain"},
    {"content-type": "application/json"},
    {"content-type": "multipart/form-data; boundary=x"},
    {"content-type": ""},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_c7_a_decision_from_elsewhere_is_refused_though_it_has_the_cookie_and_the_proof(
    maria: Visitor, headers: dict[str, str]
) -> None:
    case_id = waiting()
    maria.open(f"/cases/{case_id}")
    form = f"proof={maria.hidden('proof')}&key={maria.hidden('key')}&choice=take_case"
    for path in (f"/cases/{case_id}", "/password", "/sign-out"):
        assert maria.http.post(path, content=form, headers=OWN | headers).status_code == 403
    assert decisions(case_id) == []
    assert "Waiting for a person" in maria.open("/")


def test_c7_the_proof_of_one_persons_page_is_none_in_anothers(maria: Visitor, kim: Visitor) -> None:
    case_id = waiting()
    kim.open("/")
    assert maria.decide(case_id, choice="take_case", proof=kim.hidden("proof")).status_code == 403
    assert maria.send("/sign-out", proof=kim.hidden("proof")).status_code == 403
    assert decisions(case_id) == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_c1_nothing_but_a_form_that_is_sent_decides(maria: Visitor, method: str) -> None:
    case_id = waiting()
    maria.open(f"/cases/{case_id}")
    said = {"proof": maria.hidden("proof"), "key": maria.hidden("key"), "choice": "take_case"}
    for path in (f"/cases/{case_id}", "/sign-out"):
        answer = maria.http.request(method, path, params=said)
        assert answer.status_code in (200, 405)
    assert decisions(case_id) == []
    assert "Waiting for a person" in maria.open("/")


def test_c3_who_is_revoked_with_a_form_in_hand_decides_nothing(
    staff_page: Office, kim: Visitor
) -> None:
    case_id = waiting()
    kim.open(f"/cases/{case_id}")
    form = {"proof": kim.hidden("proof"), "key": kim.hidden("key"), "choice": "take_case"}
    with ledger() as session:
        staff_accounts.revoke(session, "kim")
    answer = kim.http.post(f"/cases/{case_id}", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert decisions(case_id) == []


@pytest.mark.parametrize("token", ["", "x", "0" * 43, "' OR 1=1 --", "%00", "../../x", "a" * 5000])
def test_c3_a_cookie_that_is_none_of_ours_is_nobody(staff_page: Office, token: str) -> None:
    answer = httpx.get(f"{staff_page.address}/", headers={"cookie": f"office={token}"}, timeout=60)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert all(row.token_hash != token for row in rows(StaffSession))


def test_c10_a_one_time_password_decides_nothing_and_sees_no_client(staff_page: Office) -> None:
    once = add("lou", password="")
    case_id = waiting()
    visitor = staff_page.visitor()
    visitor.sign_in("lou", once)
    proof = visitor.hidden("proof")
    form = {"proof": proof, "key": "k" * 16, "choice": "take_case"}
    answer = visitor.http.post(f"/cases/{case_id}", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/password")
    for path in ("/", "/closed", f"/cases/{case_id}"):
        assert "Keanu" not in visitor.open(path)
    assert decisions(case_id) == []


def test_c10_nobody_decides_in_another_persons_name(maria: Visitor, kim: Visitor) -> None:
    case_id = waiting()
    maria.decide(case_id, choice="take_case", by="kim", staff_id="kim", owner="kim", actor="admin")
    decided = [e.actor for e in rows(Audit, case_id=case_id, action="decided_on_page")]
    assert decided == ["staff:maria"]
    wake(office.act(case_id))
    assert office.case_of(case_id).owner == "maria"


def test_c10_nobody_changes_another_persons_password(staff_page: Office, kim: Visitor) -> None:
    add("nils")
    kim.open("/password")
    fields = {"former": PASSWORD, "password": OTHER, "again": OTHER}
    kim.send(
        "/password", proof=kim.hidden("proof"), username="nils", name="nils", id="nils", **fields
    )
    assert staff_page.visitor().sign_in("nils", OTHER).status_code == 401
    assert staff_page.visitor().sign_in("nils", PASSWORD).status_code == 200
