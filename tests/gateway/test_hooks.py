"""Webhooks at the public door: W1 to W13 of the trust catalogue, over real HTTP."""

import threading

import pytest

from tests.connectors.kits import KITS
from tests.gateway.bodies import ACUITY, PRESSED, SMS, VALID
from tests.gateway.house import House, tampered, with_header


@pytest.mark.parametrize(("slug", "kind", "body"), VALID)
def test_w1_what_the_vendor_signed_is_stored_sealed_and_answered_200(
    house: House, slug: str, kind: str, body: bytes
) -> None:
    name = house.connect(slug)
    request = house.signed(name, body, kind)
    assert house.send(request).status_code == 200
    [row] = house.rows(name)
    stored = house.opened(row)
    assert (row["kind"], stored["body"], stored["url"]) == (kind, body, request.url)
    assert body not in bytes(row["sealed"]) or body == b""
    assert row["handled_at"] is None


@pytest.mark.parametrize(("slug", "kind", "body"), VALID)
def test_no_stored_header_could_be_used_to_sign_in(
    house: House, slug: str, kind: str, body: bytes
) -> None:
    name = house.connect(slug)
    house.send(house.signed(name, body, kind), cookie="a=b", authorization="Bearer x")
    [row] = house.rows(name)
    kept = " ".join(house.opened(row)["headers"])
    assert not [word for word in ("signature", "token", "cookie", "authorization") if word in kept]


def test_the_kind_of_body_is_kept_because_reading_a_mail_needs_its_boundary(house: House) -> None:
    name = house.connect("acuity")
    house.send(house.signed(name, ACUITY))
    [row] = house.rows(name)
    assert house.opened(row)["headers"]["content-type"] == "application/x-www-form-urlencoded"


def test_w2_every_single_flipped_bit_of_the_body_is_refused(house: House) -> None:
    name = house.connect("slack")
    request = house.signed(name, PRESSED[:24], "interactivity")
    with house.client() as client:
        for bit in range(len(request.body) * 8):
            body = bytearray(request.body)
            body[bit // 8] ^= 1 << bit % 8
            answer = client.post(
                f"/hooks/{name}/interactivity", content=bytes(body), headers=request.headers
            )
            assert answer.status_code == 401
    assert house.rows(name) == []


@pytest.mark.parametrize(
    "value",
    ["", "x" * 10_000, "\xe9\xff".encode("latin-1").decode("latin-1"), "no-comma", "=,=,=", "v0="],
    ids=["empty", "10 kB", "not ASCII", "no comma", "signs", "a bare version"],
)
@pytest.mark.parametrize(
    ("slug", "header"),
    [
        ("acuity", "x-acuity-signature"),
        ("twilio", "x-twilio-signature"),
        ("slack", "x-slack-signature"),
        ("sendgrid", "x-twilio-email-event-webhook-signature"),
        ("google_calendar", "x-goog-channel-token"),
    ],
)
def test_w3_a_broken_signature_header_is_a_401(
    house: House, slug: str, header: str, value: str
) -> None:
    name = house.connect(slug)
    kind, body = next((kind, body) for one, kind, body in VALID if one == slug)
    request = house.signed(name, body, kind)
    with house.client() as client:
        headers = {**request.headers, header: value}
        raw = [(name.encode(), text.encode("latin-1")) for name, text in headers.items()]
        path = request.url.removeprefix(house.public_url)
        assert client.post(path, content=body, headers=raw).status_code == 401
    assert house.rows(name) == []


def test_w3_a_signature_header_that_comes_twice_is_a_401(house: House) -> None:
    name = house.connect("acuity")
    request = house.signed(name, ACUITY)
    signature = request.headers["x-acuity-signature"]
    twice = [("x-acuity-signature", "wrong"), ("x-acuity-signature", signature)]
    with house.client() as client:
        answer = client.post(f"/hooks/{name}", content=ACUITY, headers=twice)
    assert (answer.status_code, house.rows(name)) == (401, [])


def test_w4_the_same_form_in_another_order_is_refused(house: House) -> None:
    name = house.connect("acuity")
    request = house.signed(name, ACUITY)
    other = tampered(request, body=b"&".join(reversed(ACUITY.split(b"&"))))
    assert house.send(other).status_code == 401


@pytest.mark.parametrize(
    "stamp",
    ["-1", "NaN", "1e999", "1795000000000", "0", "", "99999999999999999999", "-301", "+301"],
)
def test_w5_a_timestamp_that_is_not_of_now_is_refused(house: House, stamp: str) -> None:
    name = house.connect("slack")
    request = with_header(
        house.signed(name, PRESSED, "interactivity"), "x-slack-request-timestamp", stamp
    )
    assert house.send(request).status_code == 401
    assert house.rows(name) == []


def test_w6_a_thousand_repeats_are_one_row_and_all_200(house: House) -> None:
    name = house.connect("twilio")
    request = house.signed(name, SMS, "sms")
    path = request.url.removeprefix(house.public_url)
    with house.client() as client:
        statuses = {
            client.post(path, content=SMS, headers=request.headers).status_code for _ in range(1000)
        }
    assert (statuses, len(house.rows(name))) == ({200}, 1)


def test_w6_five_at_the_same_moment_are_one_row(house: House) -> None:
    name = house.connect("acuity")
    request = house.signed(name, ACUITY)
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(house.send(request).status_code))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (answers, len(house.rows(name))) == ([200] * 5, 1)


def test_a_change_that_looks_like_a_handled_one_is_a_new_row(house: House) -> None:
    """Acuity sends no event id: a second cancellation of one appointment may be a real one."""
    name = house.connect("acuity")
    request = house.signed(name, ACUITY)
    house.send(request)
    with house.owner() as owner:
        owner.execute("UPDATE inbox SET handled_at = received_at WHERE connection = %s", [name])
    house.send(request)
    assert len(house.rows(name)) == 2


def test_w8_two_secrets_are_good_during_rotation_and_the_old_one_not_after_it(
    house: House,
) -> None:
    old = KITS["acuity"].secret.decode()
    both = house.connect("acuity", texts=["a-new-secret", old])
    after = house.connect("acuity", texts=["a-new-secret"])
    assert house.send(house.signed(both, ACUITY)).status_code == 200
    assert house.send(house.signed(after, ACUITY)).status_code == 401


def test_w9_a_signature_for_one_address_is_refused_at_another(house: House) -> None:
    mine, theirs = house.connect("twilio"), house.connect("twilio", texts=["another-token"])
    request = house.signed(mine, SMS, "sms")
    moved = tampered(request, url=request.url.replace(mine, theirs))
    assert house.send(moved).status_code == 401


@pytest.mark.parametrize("header", ["host", "x-forwarded-host", "forwarded", "x-original-url"])
def test_w10_forged_headers_do_not_change_the_address_that_was_signed(
    house: House, header: str
) -> None:
    name = house.connect("twilio")
    good = house.signed(name, SMS, "sms")
    assert house.send(good, **{header: "evil.example"}).status_code == 200
    elsewhere = good.url.replace("book.example.com", "evil.example")
    other = tampered(good, headers=KITS["twilio"].signed(SMS, elsewhere, "sms").headers)
    assert house.send(other, **{header: "evil.example"}).status_code == 401


@pytest.mark.parametrize("texts", [[], [""]], ids=["none", "empty"])
@pytest.mark.parametrize(("slug", "kind", "body"), VALID)
def test_w13_without_a_secret_nothing_verifies(
    house: House, slug: str, kind: str, body: bytes, texts: list[str]
) -> None:
    name = house.connect(slug, texts=texts)
    assert house.send(house.signed(name, body, kind)).status_code == 401
    assert house.rows(name) == []
