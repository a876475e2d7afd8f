"""One click in a mail program (RFC 8058); looking at the link, or posting blindly, changes nothing."""

import json
import secrets

import httpx
import pytest

from rebook.domain.unsubscribing import PROMISE, token
from tests.gateway.house import House

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def contact() -> str:
    return f"contact-{secrets.token_hex(6)}"


def link(house: House, contact: str) -> str:
    return f"/u/{contact}/{token(house.keyring.door_key, contact)}"


def post(house: House, path: str, body: bytes, **headers: str) -> httpx.Response:
    with house.client() as client:
        return client.post(path, content=body, headers=FORM | headers)


def kept(house: House, contact: str) -> list[str]:
    rows = [house.opened(row) for row in house.rows("portal") if row["kind"] == "unsubscribe"]
    return [str(said["contact"]) for row in rows if (said := json.loads(row["body"]))
            and said["contact"] == contact]  # fmt: skip


def test_the_mail_programs_one_click_is_kept_once(house: House, contact: str) -> None:
    for _ in range(3):
        assert post(house, link(house, contact), PROMISE.encode()).status_code == 200
    assert kept(house, contact) == [contact]


def test_the_multipart_form_of_the_standard_is_taken_as_well(house: House, contact: str) -> None:
    with house.client() as client:
        form = {"List-Unsubscribe": (None, "One-Click")}
        assert client.post(link(house, contact), files=form).status_code == 200
    assert kept(house, contact) == [contact]


def test_looking_and_blind_posts_change_nothing(house: House, contact: str) -> None:
    path = link(house, contact)
    with house.client() as client:
        page = client.get(path)
        assert (page.status_code, 'value="One-Click"' in page.text) == (200, True)
        assert client.head(path).status_code == 200
    for body in (b"", b"x=1", b"List-Unsubscribe=No", b"List-Unsubscribe=One-Click&x=1"):
        assert post(house, path, body).status_code == 400
    assert kept(house, contact) == []


def test_a_link_that_is_not_ours_is_the_same_404_as_any(house: House, contact: str) -> None:
    good = link(house, contact)
    for path in (good[:-1], good + "a", f"/u/other/{good.rpartition('/')[2]}", "/u/a/b", "/u/a"):
        answer = post(house, path, PROMISE.encode())
        assert (answer.status_code, answer.text) == (404, "not found")
    assert kept(house, contact) == []
