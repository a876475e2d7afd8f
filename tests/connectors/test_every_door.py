"""What every vendor's door lets in: its own signed requests, and nothing a hair's breadth away from them."""

import base64
import json
import random
import string
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import pytest

from connectors import REGISTRY, connector_class, door
from connectors.contract import Capability, SignatureCovers, WebhookRequest
from connectors.errors import BadSignature
from tests.connectors.kits import KITS

SLUGS = [s for s in REGISTRY if Capability.WEBHOOK in connector_class(s).capabilities()]
TIMES = [2_000, pytest.param(100_000, marks=[pytest.mark.full, pytest.mark.timeout(1800)])]


def signed(slug: str) -> WebhookRequest:
    kit = KITS[slug]
    kind = kit.kinds[0]
    url = f"https://gw.example.com/hooks/{slug}" + (f"/{kind}" if kind else "")
    return kit.signed(kit.body, url, kind)


def accepted(slug: str, request: WebhookRequest, *secrets: bytes) -> bool:
    """Anything but `BadSignature` is a fault of the door and comes through."""
    try:
        door(slug, {}).verify(request, secrets)
    except BadSignature:
        return False
    return True


@pytest.mark.parametrize("slug", SLUGS)
def test_a_request_that_the_vendor_signed_is_let_in(slug: str) -> None:
    assert accepted(slug, signed(slug), KITS[slug].secret)


@pytest.mark.parametrize("slug", SLUGS)
def test_while_a_secret_is_changed_the_old_and_the_new_are_taken(slug: str) -> None:
    assert accepted(slug, signed(slug), b"another-secret", KITS[slug].secret)
    assert accepted(slug, signed(slug), KITS[slug].secret, b"another-secret")


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("secrets", [(), (b"",), (b"", b""), (b"another-secret",)])
def test_no_secret_an_empty_one_and_another_ones_let_nobody_in(
    slug: str, secrets: tuple[bytes, ...]
) -> None:
    assert not accepted(slug, signed(slug), *secrets)


@pytest.mark.parametrize("slug", SLUGS)
def test_what_was_signed_with_an_empty_secret_is_not_let_in(slug: str) -> None:
    request = signed(slug)
    forged = KITS[slug].sign(request.body, request.url, request.kind, b"")
    assert not accepted(slug, forged, b"")


@pytest.mark.parametrize("slug", SLUGS)
def test_a_request_without_what_vouches_for_it_is_not_let_in(slug: str) -> None:
    """A header, or for a vendor that signs nothing a secret in the address or in the body."""
    honest = signed(slug)
    bare = replace(honest, headers={}, url=honest.url.partition("?")[0])
    if _in_body(slug, bare):
        bare = replace(bare, body=b"{}")
    assert not accepted(slug, bare, KITS[slug].secret)


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("times", TIMES)
def test_thousands_of_altered_requests_are_all_refused(slug: str, times: int) -> None:
    dice, honest = random.Random(slug), signed(slug)
    tried = 0
    while tried < times:
        request = _altered(dice, slug, honest)
        if _same(slug, request, honest):
            continue
        tried += 1
        assert not accepted(slug, request, KITS[slug].secret), request
    assert accepted(slug, honest, KITS[slug].secret)


def _altered(dice: random.Random, slug: str, honest: WebhookRequest) -> WebhookRequest:
    covers = connector_class(slug).signature_covers
    choices: list[Callable[[], WebhookRequest]] = []
    if any(_vouches(slug, name) for name in honest.headers):
        choices.append(lambda: replace(honest, headers=_altered_header(dice, slug, honest.headers)))
    if any(name.startswith("?") for name in KITS[slug].vouching):
        choices.append(lambda: replace(honest, url=_altered_query(dice, slug, honest.url)))
    if _in_body(slug, honest):
        choices.append(lambda: replace(honest, body=_altered_secret(dice, slug, honest.body)))
    if SignatureCovers.BODY in covers:
        choices.append(lambda: replace(honest, body=_altered_bytes(dice, honest.body)))
    if SignatureCovers.URL in covers:
        choices.append(lambda: replace(honest, url=_altered_text(dice, honest.url)))
    return dice.choice(choices)()


def _in_body(slug: str, honest: WebhookRequest) -> bool:
    """True where the body repeats the secret, which no signature covers."""
    return KITS[slug].secret in honest.body


def _altered_secret(dice: random.Random, slug: str, body: bytes) -> bytes:
    """The JSON with another secret in it, and the rest as it was."""
    secret = KITS[slug].secret
    return body.replace(secret, json.dumps(_altered_text(dice, secret.decode()))[1:-1].encode())


def _altered_header(dice: random.Random, slug: str, headers: Mapping[str, str]) -> dict[str, str]:
    """One of the headers that vouch for the request."""
    name = dice.choice([n for n in sorted(headers) if _vouches(slug, n)])
    return {**headers, name: _altered_text(dice, headers[name])}


def _altered_query(dice: random.Random, slug: str, url: str) -> str:
    """One of the words in the query that vouch for the request, another word in its place."""
    address, _, query = url.partition("?")
    fields = dict(parse_qsl(query))
    name = dice.choice([n[1:] for n in KITS[slug].vouching if n.startswith("?")])
    altered = {**fields, name: _altered_text(dice, fields[name])}
    return f"{address}?{urlencode(altered, errors='surrogatepass')}"


def _vouches(slug: str, name: str) -> bool:
    named = name in KITS[slug].vouching
    return named or any(word in name for word in ("signature", "timestamp"))


def _altered_text(dice: random.Random, text: str) -> str:
    at = dice.randrange(len(text))
    letter = dice.choice(string.printable + "äß€\x00\udc80")
    return dice.choice(
        [
            "",
            text[:at] + letter + text[at + 1 :],
            text[:at] + letter + text[at:],
            text[:at] + text[at + 1 :],
            text[:at],
            text + text,
            text.swapcase(),
            text[::-1],
            letter * 10_000,
        ]
    )


def _altered_bytes(dice: random.Random, body: bytes) -> bytes:
    at, bit = dice.randrange(len(body)), 1 << dice.randrange(8)
    flipped = bytes([body[at] ^ bit])
    return dice.choice(
        [
            b"",
            body[:at] + flipped + body[at + 1 :],
            body[:at] + flipped + body[at:],
            body[:at] + body[at + 1 :],
            body[:at],
            body + body,
            body + flipped,
        ]
    )


def _same(slug: str, request: WebhookRequest, honest: WebhookRequest) -> bool:
    """Other spellings of the same: base64 with other spare bits, a form with the same fields."""
    if request.url != honest.url:
        return False
    if request.body != honest.body:
        return slug == "twilio" and _fields(request.body) == _fields(honest.body)
    return all(_bits(value) == _bits(honest.headers[n]) for n, value in request.headers.items())


def _fields(form: bytes) -> set[tuple[str, str]]:
    return set(parse_qsl(form.decode("latin-1"), keep_blank_values=True))


def _bits(value: str) -> bytes | str:
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        return value
