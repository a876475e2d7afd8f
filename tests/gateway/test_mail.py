"""A client's mail with pictures in it: the words are kept, the pictures never are."""

import json
import secrets

import httpx

from tests.gateway.house import House

ENVELOPE = json.dumps({"to": ["r+token@reply.example.com"], "from": "ana@example.com"})


def connect(house: House) -> str:
    return house.connect("sendgrid", texts=["key:a-key-of-our-own"])


def post(house: House, name: str, text: str, picture: int, key: str = "a-key-of-our-own") -> int:
    form = {"envelope": ENVELOPE, "text": text, "headers": f"Message-ID: <{name}>"}
    files = {"attachment1": ('a "picture".png', secrets.token_bytes(picture), "image/png")}
    with house.client() as client:
        answer: httpx.Response = client.post(
            f"/hooks/{name}/inbound", params={"key": key}, data=form, files=files
        )
    return answer.status_code


def test_an_answer_with_a_large_picture_is_kept_without_it(house: House) -> None:
    name = connect(house)
    assert post(house, name, "The second one, please. \u2713", 2_000_000) == 200
    (row,) = house.rows(name)
    opened = house.opened(row)
    assert len(opened["body"]) < 2000
    assert "The second one, please. \u2713".encode() in opened["body"]
    assert b"picture" not in opened["body"]
    boundary = opened["headers"]["content-type"].partition("boundary=")[2]
    assert opened["body"].endswith(f"--{boundary}--\r\n".encode())


def test_the_same_mail_again_is_one_row_although_its_form_is_written_anew(house: House) -> None:
    name = connect(house)
    assert [post(house, name, "2", 10) for _ in range(2)] == [200, 200]
    assert len(house.rows(name)) == 1


def test_words_without_end_are_too_large_and_a_wrong_key_opens_nothing(house: House) -> None:
    name = connect(house)
    assert post(house, name, "x" * 300_000, 10) == 413
    assert post(house, name, "2", 10, key="a-guess") == 401
    assert house.rows(name) == []


def test_what_is_no_form_is_refused(house: House) -> None:
    name = connect(house)
    address = f"/hooks/{name}/inbound?key=a-key-of-our-own"
    kinds = ("text/plain", "multipart/form-data", "multipart/form-data; boundary=x")
    with house.client() as client:
        answers = [client.post(address, content=b"hello", headers={"content-type": kind})
                   for kind in kinds]  # fmt: skip
    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert house.rows(name) == []
