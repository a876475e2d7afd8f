"""Guessing links is limited by the visitor's address and for all together: C4 of the trust catalogue."""

import asyncio
import base64
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pytest
from cryptography.fernet import Fernet
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.guesses import WHILE_MANY_GUESS, Guesses
from gateway.settings import GatewaySettings
from gateway.throttle import Throttle
from gateway.visitors import block_of, networks
from tests.conftest import Cluster
from tests.gateway.house import House, drop, new_house
from tests.gateway.visitor import words

PROXIED = {"REBOOK_GATEWAY_ADDRESS_HEADER": "X-Real-IP"}


@pytest.fixture(scope="module")
def proxied(
    cluster: Cluster, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """A gateway behind a proxy on the same machine, as it mostly is."""
    made = new_house(cluster, migrated, tmp_path_factory.mktemp("proxied"), extra=PROXIED)
    try:
        made.start()
        yield made
    finally:
        drop(made)


def from_address(number: int) -> dict[str, str]:
    return {"x-real-ip": f"198.51.100.{number}"}


def guess() -> str:
    return base64.b32encode(secrets.token_bytes(20)).decode().lower()


def looks(house: House, path: str, headers: dict[str, str]) -> httpx.Response:
    with house.client() as client:
        return client.get(path.format(guess=guess()), headers=headers)


@pytest.mark.parametrize(
    ("number", "path"),
    [(1, "/o/{guess}"), (2, "/a/{guess}"), (3, "/t/{guess}"), (4, "/u/x/{guess}")],
)
def test_c4_twenty_links_that_do_not_work_are_all_an_address_may_try(
    proxied: House, number: int, path: str
) -> None:
    mine, theirs = from_address(number), from_address(number + 100)
    token = proxied.page()
    statuses = [looks(proxied, path, mine).status_code for _ in range(25)]
    assert statuses == [404] * 20 + [429] * 5
    assert looks(proxied, f"/o/{token}", mine).status_code == 429
    assert looks(proxied, f"/o/{token}", theirs).status_code == 303


def test_c4_a_guess_in_a_cookie_is_a_guess(proxied: House) -> None:
    mine = from_address(10)
    statuses = []
    for page, name in (("/offer", "offer"), ("/visit", "visit"), ("/visits", "visits")):
        for _ in range(8):
            cookie = {"cookie": f"__Host-{name}={guess()}"}
            statuses.append(looks(proxied, page, mine | cookie).status_code)
    assert statuses == [404] * 20 + [429] * 4


def test_c4_who_waits_is_told_so_in_their_language_and_for_how_long(proxied: House) -> None:
    mine = from_address(11) | {"accept-language": "es"}
    for _ in range(20):
        looks(proxied, "/o/{guess}", mine)
    answer = looks(proxied, "/o/{guess}", mine)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "600")
    assert "Inténtelo de nuevo en diez minutos" in words(answer.text)


def test_c4_links_that_work_and_webhooks_are_never_counted(proxied: House) -> None:
    mine, token = from_address(12), proxied.page()
    with proxied.client(headers=mine) as client:
        assert {client.get(f"/o/{token}").status_code for _ in range(40)} == {303}
        assert {client.post("/hooks/nobody").status_code for _ in range(40)} == {404}
        assert client.get(f"/o/{token}").status_code == 303
    name = proxied.connect("acuity")
    request = proxied.signed(name, b"action=canceled&id=1")
    assert proxied.send(request, **mine).status_code == 200


def test_c4_behind_a_proxy_that_names_nobody_one_guesser_does_not_lock_all_out(
    house: House,
) -> None:
    token = house.page()
    for number in range(30):
        assert looks(house, "/o/{guess}", from_address(number)).status_code == 404
    assert looks(house, f"/o/{token}", {}).status_code == 303


def test_c4_a_header_from_who_is_no_proxy_of_ours_gives_nobody_a_second_address(
    another: Callable[..., House],
) -> None:
    house = another(extra=PROXIED | {"REBOOK_GATEWAY_PROXIES": "10.0.0.0/8"})
    house.start()
    statuses = [looks(house, "/o/{guess}", from_address(n)).status_code for n in range(22)]
    assert statuses == [404] * 20 + [429] * 2


def test_c4_ten_askings_for_a_link_in_ten_minutes_are_all_an_address_may_send(
    proxied: House,
) -> None:
    def ask(number: int, headers: dict[str, str]) -> int:
        form = {"contact": f"80855501{number:02}", "website": ""}
        with proxied.client() as client:
            return client.post("/lost", data=form, headers=headers).status_code

    assert [ask(n, from_address(20)) for n in range(12)] == [200] * 10 + [429] * 2
    assert ask(50, from_address(21)) == 200


@pytest.mark.parametrize(
    ("peer", "named", "found"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("127.0.0.1", [], ""),
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("::1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("::ffff:127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["198.51.100.1, 127.0.0.1"], "198.51.100.1"),
        ("127.0.0.1", ["198.51.100.1, nonsense"], ""),
        ("127.0.0.1", [""], ""),
        ("127.0.0.1", ["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::/64"),
        ("127.0.0.1", ["[2001:db8:1:2::7]:443"], "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", [], "2001:db8:1:2::/64"),
    ],
)
def test_c4_a_visitor_is_an_address_or_an_ipv6_network(
    peer: str, named: list[str], found: str
) -> None:
    headers = [(b"x-forwarded-for", line.encode()) for line in named]
    scope = {"type": "http", "client": (peer, 1), "headers": headers}
    assert block_of(scope, networks("127.0.0.0/8, ::1"), "X-Forwarded-For") == found


async def nothing_there(scope: Scope, receive: Receive, send: Send) -> None:
    found = scope["path"] == "/o/works"
    await send({"type": "http.response.start", "status": 303 if found else 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def opened(app: ASGIApp, address: str, path: str = "/o/x") -> int:
    async def asked() -> int:
        there = httpx.ASGITransport(app, client=(address, 1))
        async with httpx.AsyncClient(transport=there, base_url="http://door") as client:
            return (await client.get(path)).status_code

    return asyncio.run(asked())


def door(**options: Throttle) -> Guesses:
    settings = GatewaySettings(
        gateway_database_url="postgresql://door@/x",
        seal_public=base64.b64encode(secrets.token_bytes(32)).decode(),
        door_key=Fernet.generate_key().decode(),
        public_url="https://book.example.com",
    )
    return Guesses(nothing_there, settings, **options)


def test_c4_while_many_guess_together_each_address_has_fewer_guesses() -> None:
    app = door(all=Throttle(30, timedelta(minutes=1)))
    addresses = [f"198.51.100.{number}" for number in range(15)]
    tried = [[opened(app, address) for _ in range(5)] for address in addresses]
    assert sum(row.count(404) for row in tried) <= 30 + WHILE_MANY_GUESS * len(addresses)
    assert tried[-1] == [404] * WHILE_MANY_GUESS + [429] * 2
    assert opened(app, "198.51.100.200", "/o/works") == 303


def test_c4_after_its_time_an_address_may_try_again() -> None:
    app = door(each=Throttle(2, timedelta(seconds=0.5)))
    assert [opened(app, "198.51.100.1") for _ in range(3)] == [404, 404, 429]
    app.each.span = timedelta(0)
    assert opened(app, "198.51.100.1", "/o/works") == 303


def test_w20_who_calls_a_hundred_unknown_addresses_waits_and_a_known_one_is_served(
    proxied: House,
) -> None:
    name, fresh = proxied.connect("acuity"), proxied.connect("acuity")
    mine, theirs = from_address(30), from_address(31)
    with proxied.client() as client:

        def status(connection: str, headers: dict[str, str]) -> int:
            return client.post(f"/hooks/{connection}", headers=headers).status_code

        assert status(name, mine) == 401
        statuses = [status(f"unknown-{number}", mine) for number in range(105)]
        assert statuses == [404] * 100 + [429] * 5
        assert status(name, mine) == 401
        assert (status(fresh, mine), status(fresh, theirs)) == (429, 401)
        held_up = client.post("/hooks/unknown-1", headers=mine)
    assert (held_up.headers["retry-after"], held_up.text) == ("600", "too many requests")
