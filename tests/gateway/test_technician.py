"""The technician's page at the door: one form a visit, counted once, nothing readable kept here."""

import base64
import json
from typing import Any

import pytest

from gateway.day import BUTTONS
from gateway.doorstep_words import ENGLISH, SPANISH
from gateway.multipart import PHOTO_LIMIT
from tests.gateway.doorstep import DAY, JPEG, SECOND, VISIT, Phone, day_page
from tests.gateway.house import House
from tests.gateway.visitor import Visitor, form_of, words


@pytest.fixture
def phone(house: House) -> Phone:
    return Phone(house, day_page(house))


def test_the_link_moves_its_token_into_a_cookie(house: House, phone: Phone) -> None:
    with house.client() as client:
        answer = client.get(f"/t/{phone.token}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/visits")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(f"__host-visits={phone.token}")
    assert "httponly" in cookie
    assert "secure" in cookie


def test_the_page_shows_the_day_and_a_button_for_every_report(phone: Phone) -> None:
    page = phone.get()
    shown = words(page.text)
    assert "9:00 am Leilani K Gutter cleaning 45-1048 Example Road" in shown
    assert "Cancelled: do not go" in shown
    assert all(ENGLISH[f"report_{kind}"] in shown for kind in BUTTONS)
    assert phone.token not in page.text


INSTANTS: dict[str, Any] = {
    "noon": "2026-11-24T22:00:00+00:00",
    "visits": [VISIT | {"starts_at": "2026-11-24T19:00:00+00:00"}, SECOND],
}


def test_the_page_is_in_the_language_of_the_browser_and_of_the_switch(house: House) -> None:
    phone = Phone(house, day_page(house, **INSTANTS))
    spanish = phone.get(headers={"accept-language": "es-MX,es;q=0.9,en;q=0.5"})
    shown = words(spanish.text)
    assert '<html lang="es">' in spanish.text
    assert "Visitas del martes 24 de noviembre" in shown
    assert "9:00 Leilani K" in shown
    assert "Cancelada: no vaya" in shown
    assert all(SPANISH[f"report_{kind}"] in shown for kind in BUTTONS)
    assert 'href="/visits?lang=en"' in spanish.text
    pressed = phone.get("/visits?lang=es")
    assert pressed.headers["set-cookie"].startswith("__Host-lang=es;")
    assert "9:00 am Leilani K" in words(phone.get().text)


def test_what_was_wrong_and_what_was_reported_is_said_in_spanish_too(house: House) -> None:
    reported = [{"kind": "no_one_home", "outcome": "taken back"}, {"kind": "a later one"}]
    phone = Phone(house, day_page(house, visits=[VISIT | {"reported": reported}]))
    spanish = {"accept-language": "es"}
    shown = words(phone.get(headers=spanish).text)
    assert "No hay nadie en casa (retirado) Avisar" in shown
    answer = phone.press("no_access", b"no photo", headers=spanish)
    assert (answer.status_code, "no es una foto" in words(answer.text)) == (422, True)


def test_a_report_with_note_and_photo_is_one_sealed_row(house: House, phone: Phone) -> None:
    answer = phone.press("no_one_home", JPEG, note="dog in the yard")
    assert (answer.status_code, answer.headers["location"]) == (303, "/visits?sent=appointment-1")
    (said,) = phone.reports()
    assert (said["visit"], said["kind"]) == (VISIT["ref"], "no_one_home")
    assert said["note"] == "dog in the yard"
    assert base64.b64decode(said["photo"]) == JPEG
    row = [row for row in house.rows("portal") if row["kind"] == "report"][-1]
    assert b"dog in" not in bytes(row["sealed"])
    assert "has arrived" in words(phone.get(answer.headers["location"]).text)


def test_the_same_form_sent_again_is_one_report_also_when_the_first_was_handled(
    house: House, phone: Phone
) -> None:
    fields = phone.fields("no_one_home")
    assert phone.send(fields).status_code == 303
    with house.owner() as owner:
        owner.execute("UPDATE inbox SET handled_at = received_at WHERE kind = 'report'")
    assert phone.send(fields).status_code == 303
    assert len(phone.reports()) == 1
    assert phone.press("no_one_home").status_code == 303
    assert len(phone.reports()) == 2


def test_two_technicians_with_the_same_key_are_two_reports(house: House) -> None:
    phones = [Phone(house, day_page(house)) for _ in range(2)]
    for one in phones:
        assert one.press("no_access", key="0" * 32).status_code == 303
    assert [len(one.reports()) for one in phones] == [1, 1]


@pytest.mark.parametrize(
    "changes",
    [
        {"report": ""},
        {"report": "book"},
        {"visit": "appointment-9"},
        {"visit": ""},
        {"key": "x"},
        {"key": ""},
        {"website": "https://spam.example"},
    ],
)
def test_what_no_button_of_the_page_sends_is_refused(phone: Phone, changes: dict[str, str]) -> None:
    fields = phone.fields("no_one_home") | changes
    assert phone.send(fields).status_code == 422
    assert phone.reports() == []


def test_a_file_that_is_no_photo_is_refused_and_the_note_is_not_lost(phone: Phone) -> None:
    answer = phone.press("no_access", b"<svg onload=alert(1)>", note="gate is locked")
    assert answer.status_code == 422
    assert "not a photo" in words(answer.text)
    assert "gate is locked" in answer.text
    assert phone.reports() == []


def test_a_photo_up_to_the_limit_is_taken_and_a_larger_one_is_a_413(phone: Phone) -> None:
    largest = JPEG + b"\0" * (PHOTO_LIMIT - len(JPEG))
    assert phone.press("note", largest).status_code == 303
    assert phone.press("note", largest + b"\0" * 50_000).status_code == 413
    assert len(phone.reports()) == 1


def test_a_note_longer_than_a_page_is_refused(phone: Phone) -> None:
    assert phone.press("note", note="n" * 2001).status_code == 422
    assert phone.press("note", note="n" * 9000).status_code == 400
    assert phone.reports() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"referer": "https://evil.example/visits"},
    ],
)
def test_a_form_from_elsewhere_is_refused(phone: Phone, headers: dict[str, str]) -> None:
    assert phone.press("no_one_home", headers=headers).status_code == 403
    assert phone.reports() == []


def test_the_proof_of_another_page_is_refused(house: House, phone: Phone) -> None:
    other = Phone(house, day_page(house)).form().fields["proof"]
    client = Visitor(house, house.page()).form().fields["proof"]
    for proof in (other, client, ""):
        assert phone.press("no_one_home", proof=proof).status_code == 403
    assert phone.reports() == []


def test_a_clients_link_opens_no_technicians_page_and_the_other_way_round(
    house: House, phone: Phone
) -> None:
    token = house.page()
    assert Phone(house, token).get().status_code == 404
    assert Visitor(house, phone.token).get().status_code == 404
    with house.client() as client:
        assert client.get(f"/t/{token}").status_code == 404
        assert client.get(f"/o/{phone.token}").status_code == 404


@pytest.mark.parametrize("token", ["", "a", "a" * 32, "A" * 32, "../etc", "a" * 500])
def test_a_link_that_never_was_shows_nothing(house: House, token: str) -> None:
    assert Phone(house, token).get().status_code == 404


def test_a_link_ends_with_its_day(house: House) -> None:
    late = Phone(house, day_page(house, hours=-1))
    assert late.get().status_code == 404
    assert late.request("POST", "/visits", files={"report": (None, "note")}).status_code == 404


def test_looking_and_blind_posts_change_nothing(phone: Phone) -> None:
    for method in ("GET", "HEAD"):
        assert phone.request(method, "/visits?report=no_one_home").status_code == 200
    assert phone.request("POST", "/visits").status_code == 403
    assert phone.request("POST", "/visits", data={"report": "no_one_home"}).status_code == 403
    assert phone.request("POST", f"/t/{phone.token}").status_code == 405
    assert phone.reports() == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x",
        b"--x\r\n\r\n",
        b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--",
        b"\xff",
    ],
)
def test_a_form_that_is_none_is_refused(phone: Phone, body: bytes) -> None:
    answer = phone.request(
        "POST", "/visits", content=body, headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert answer.status_code in (400, 403)


def test_a_field_that_came_twice_and_a_second_file_are_refused(phone: Phone) -> None:
    fields = [(name, (None, value)) for name, value in phone.fields("note").items()]
    for extra in (("visit", (None, "appointment-2")), ("photo2", ("a.jpg", JPEG, "image/jpeg"))):
        parts = [*fields, ("photo", ("b.jpg", JPEG, "image/jpeg")), extra]
        assert phone.request("POST", "/visits", files=parts).status_code == 400
    assert phone.reports() == []


def test_whatever_a_platform_wrote_is_text(house: House) -> None:
    nasty = "</h2><script>alert(1)</script>"
    fields = dict.fromkeys(("time", "client", "service", "place"), nasty)
    hurt = Phone(house, day_page(house, visits=[VISIT | fields], business=nasty, day=nasty)).get()
    well = json.loads(json.dumps(DAY).replace(nasty, "word"))
    fine = Phone(house, day_page(house, visits=[VISIT], business=well["business"])).get()
    tags = [[tag for tag, _ in form_of(page.text).tags] for page in (hurt, fine)]
    assert tags[0] == tags[1]
    assert "script-src 'self'" in hurt.headers["content-security-policy"]
    assert "unsafe" not in hurt.headers["content-security-policy"]


def test_the_script_is_ours_and_keeps_nothing_on_the_phone(phone: Phone) -> None:
    script = phone.get("/visits.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert "localStorage" not in script.text
    assert "http" not in script.text
