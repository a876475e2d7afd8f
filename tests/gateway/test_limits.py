"""Requests that are too large, too slow or badly made: W15 to W18 and W24 of the trust catalogue."""

import socket
import statistics
import time
from collections.abc import Callable

import httpx
import pytest

from tests.gateway.house import House, with_header
from tests.gateway.wire import connected, exchange, status, until_closed

LIMIT = 256 * 1024
ACUITY = b"action=canceled&id=1"


def head(path: str, *lines: str, method: str = "POST") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *lines, "", ""]).encode()


def test_w15_the_largest_body_is_taken_and_one_byte_more_is_a_413(house: House) -> None:
    name = house.connect("acuity")
    assert house.send(house.signed(name, b"a" * LIMIT)).status_code == 200
    over = house.send(house.signed(name, b"a" * (LIMIT + 1)))
    assert (over.status_code, over.headers["connection"]) == (413, "close")
    assert len(house.rows(name)) == 1


def test_w15_a_large_body_without_a_length_is_a_413_too(house: House) -> None:
    name = house.connect("acuity")
    request = house.signed(name, b"a" * (LIMIT + 1))
    pieces = (request.body[at : at + 8192] for at in range(0, len(request.body), 8192))
    with house.client() as client:
        answer = client.post(f"/hooks/{name}", content=pieces, headers=request.headers)
    assert answer.status_code == 413


def test_w15_a_chunked_body_within_the_limit_is_taken(house: House) -> None:
    name = house.connect("acuity")
    request = house.signed(name, ACUITY)
    with house.client() as client:
        answer = client.post(f"/hooks/{name}", content=iter([ACUITY]), headers=request.headers)
    assert (answer.status_code, len(house.rows(name))) == (200, 1)


def test_w15_a_declared_gigabyte_is_refused_before_it_is_sent(house: House) -> None:
    name = house.connect("acuity")
    answer = exchange(house, head(f"/hooks/{name}", "Content-Length: 1073741824"))
    assert status(answer) == 413


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: -5",),
        ("Content-Length: 5a",),
        ("Transfer-Encoding: gzip, chunked",),
    ],
)
def test_w15_lengths_that_contradict_themselves_are_refused(
    house: House, lines: tuple[str, ...]
) -> None:
    name = house.connect("acuity")
    body = b"5\r\nhello\r\n0\r\n\r\n"
    assert status(exchange(house, head(f"/hooks/{name}", *lines) + body)) in (400, 501)
    assert house.rows(name) == []


def test_w15_a_body_shorter_than_its_length_is_never_stored(
    another: Callable[..., House],
) -> None:
    house = another(deadline=1)
    name = house.connect("acuity")
    house.start()
    signed = house.signed(name, ACUITY)
    signature = f"X-Acuity-Signature: {signed.headers['x-acuity-signature']}"
    with connected(house) as line:
        line.sendall(head(f"/hooks/{name}", "Content-Length: 400", signature) + ACUITY)
        answer = until_closed(line)
    assert (status(answer), house.rows(name)) == (408, [])


def test_w15_a_chunk_with_an_endless_extension_is_refused(house: House) -> None:
    name = house.connect("acuity")
    request = head(f"/hooks/{name}", "Transfer-Encoding: chunked") + b"5;" + b"x" * 100_000
    assert status(exchange(house, request)) in (0, 400)
    assert house.rows(name) == []


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "GZIP", "identity, gzip", "zstd"])
def test_w16_an_encoded_body_is_a_415(house: House, coding: str) -> None:
    name = house.connect("acuity")
    request = with_header(house.signed(name, ACUITY), "content-encoding", coding)
    assert (house.send(request).status_code, house.rows(name)) == (415, [])


def test_w16_identity_is_no_encoding(house: House) -> None:
    name = house.connect("acuity")
    request = with_header(house.signed(name, ACUITY), "content-encoding", "identity")
    assert house.send(request).status_code == 200


def test_w17_a_connection_that_never_finishes_its_headers_is_closed(
    another: Callable[..., House],
) -> None:
    house = another(deadline=1)
    house.start()
    for said in (b"", b"POST /hooks/x HTTP/1.1\r\nHost: x\r\n"):
        with connected(house) as line:
            begun = time.monotonic()
            line.sendall(said)
            until_closed(line)
            assert 0.9 <= time.monotonic() - begun < 4


def test_w17_one_byte_now_and_then_does_not_keep_a_connection(
    another: Callable[..., House],
) -> None:
    house = another(deadline=2)
    house.start()
    begun = time.monotonic()
    with connected(house) as line:
        line.settimeout(0.2)
        while not _closed_after(line, b"a"):
            assert time.monotonic() - begun < 6
    assert time.monotonic() - begun > 1


def _closed_after(line: socket.socket, said: bytes) -> bool:
    """Says something and looks whether the other side has gone."""
    try:
        line.sendall(said)
        return line.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def test_w17_after_an_answer_the_next_request_has_the_deadline_too(
    another: Callable[..., House],
) -> None:
    house = another(deadline=1)
    house.start()
    with connected(house) as line:
        line.sendall(head("/healthz", method="GET"))
        answer = b""
        while not answer.endswith(b"alive"):
            answer += line.recv(65536)
        line.sendall(b"GET /healthz HTTP/1.1\r\n")
        begun = time.monotonic()
        assert until_closed(line) == b""
        assert time.monotonic() - begun < 4


def test_w17_a_slow_body_is_a_408_and_the_end(another: Callable[..., House]) -> None:
    house = another(deadline=1)
    name = house.connect("acuity")
    house.start()
    with connected(house) as line:
        line.sendall(head(f"/hooks/{name}", "Content-Length: 100") + b"a")
        answer = until_closed(line)
    assert status(answer) == 408
    assert b"connection: close" in answer.lower()


def test_w17_nine_hundred_slow_connections_do_not_hold_up_a_vendor(house: House) -> None:
    name = house.connect("acuity")
    lines = [connected(house) for _ in range(900)]
    try:
        for line in lines:
            line.sendall(b"POST /hooks/x HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        waits = [_timed(house, name, n) for n in range(100)]
    finally:
        for line in lines:
            line.close()
    assert statistics.quantiles(waits, n=100)[-1] < 0.5
    assert len(house.rows(name)) == 100


def _timed(house: House, name: str, n: int) -> float:
    request = house.signed(name, b"action=canceled&id=%d" % n)
    with house.client() as client:
        begun = time.monotonic()
        answer = client.post(f"/hooks/{name}", content=request.body, headers=request.headers)
        assert answer.status_code == 200
        return time.monotonic() - begun


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b"payload=" + b"[" * 100_000, b'{"a":' + b"9" * 100_000 + b"}", b"a&" * 9000],
    ids=["deep", "deep in a form", "a long number", "many fields"],
)
@pytest.mark.parametrize(
    ("slug", "kind"),
    [("slack", "interactivity"), ("twilio", "sms"), ("sendgrid", "events"), ("acuity", "")],
)
def test_w18_monstrous_bodies_are_refused_unread_unless_they_are_signed(
    house: House, slug: str, kind: str, body: bytes
) -> None:
    name = house.connect(slug)
    good = house.signed(name, b"a=b", kind)
    with house.client() as client:
        path = good.url.removeprefix(house.public_url)
        assert client.post(path, content=body, headers=good.headers).status_code == 401
    signed = house.send(house.signed(name, body, kind))
    assert signed.status_code in (200, 400, 401)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD", "GET"])
def test_w24_another_method_is_a_405(house: House, method: str) -> None:
    name = house.connect("acuity")
    with house.client() as client:
        answer = client.request(method, f"/hooks/{name}")
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize(
    "target",
    [
        "http://evil.example/healthz",
        "//healthz",
        "/%2e%2e/healthz",
        "/hooks/../healthz",
        "*",
        "/o/",
    ],
)
def test_w24_odd_targets_are_not_found(house: House, target: str) -> None:
    answer = exchange(house, head(target, "Connection: close", method="GET"))
    assert status(answer) == 404


def test_w24_http_1_0_is_answered_and_ended(house: House) -> None:
    answer = exchange(house, b"GET /healthz HTTP/1.0\r\n\r\n")
    assert status(answer) == 200


@pytest.mark.parametrize("noise", [b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"A" * 70_000])
def test_noise_is_a_400_or_a_closed_line(house: House, noise: bytes) -> None:
    assert status(exchange(house, noise + b"\r\n\r\n")) in (0, 400)


def test_a_very_long_query_is_refused(house: House) -> None:
    name = house.connect("acuity")
    with house.client() as client:
        assert client.post(f"/hooks/{name}?{'a' * 9000}", content=ACUITY).status_code == 414


def test_many_requests_on_one_line_are_answered_in_turn(house: House) -> None:
    answer = exchange(house, head("/healthz", method="GET") * 50)
    assert answer.count(b"HTTP/1.1 200") == 50


def test_a_websocket_is_not_opened(house: House) -> None:
    lines = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: eA==")
    answer = exchange(house, head("/healthz", *lines, method="GET"))
    assert status(answer) == 200


def test_a_client_that_leaves_does_no_harm(house: House) -> None:
    name = house.connect("acuity")
    for _ in range(20):
        with connected(house) as line:
            line.sendall(head(f"/hooks/{name}", "Content-Length: 100") + b"a")
    assert httpx.get(f"{house.address}/healthz", timeout=60).status_code == 200
    assert house.rows(name) == []
