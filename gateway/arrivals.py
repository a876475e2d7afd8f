"""Makes inbox rows: what came in, sealed with a key that this process cannot undo."""

import base64
import hashlib
import json
from collections.abc import Mapping

from connectors.contract import Verified, WebhookRequest
from gateway.database import Arrival
from rebook.domain import clock
from rebook.domain.pageview import token_hash
from rebook.keyring import seal

SECRETIVE = ("signature", "token", "secret", "auth", "cookie", "forwarded", "real-ip")
LONGEST = 1000


def webhook(
    public_key: str, connection: str, request: WebhookRequest, verified: Verified
) -> Arrival:
    """Without a vendor's event id, a waiting row with the same query and body stands for both."""
    query = request.url.partition("?")[2].encode()
    return Arrival(
        connection=connection,
        kind=request.kind,
        dedupe_key=verified.dedupe_key,
        twin_key=hashlib.sha256(query + b"\n" + request.body).hexdigest(),
        sealed=_sealed(public_key, request.url, _kept(request.headers), request.body),
        received_at=clock.now(),
    )


def choice(public_key: str, token: str, *, offer: int, slot: int) -> Arrival:
    """A client's choice on the page."""
    body = json.dumps({"token": token, "offer": offer, "slot": slot}).encode()
    twin = f"{token_hash(token)} {offer} {slot}"
    return Arrival(
        connection="portal",
        kind="choice",
        dedupe_key=None,
        twin_key=hashlib.sha256(twin.encode()).hexdigest(),
        sealed=_sealed(public_key, "", {}, body),
        received_at=clock.now(),
    )


def report(public_key: str, token: str, form: Mapping[str, str]) -> Arrival:
    """A technician's report. The form's own key makes one of all its copies, also of late ones."""
    key = f"report {token_hash(token)} {form['key']}"
    return Arrival(
        connection="portal",
        kind="report",
        dedupe_key=hashlib.sha256(key.encode()).hexdigest(),
        twin_key="",
        sealed=_sealed(public_key, "", {}, json.dumps({"token": token, **form}).encode()),
        received_at=clock.now(),
    )


def _sealed(public_key: str, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
    whole = {"url": url, "headers": headers, "body": base64.b64encode(body).decode()}
    return seal(public_key, json.dumps(whole).encode())


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    """What translating may need: the type, and a vendor's own headers that prove nothing."""
    return {
        name: value
        for name, value in headers.items()
        if (name == "content-type" or name.startswith("x-"))
        and len(value) <= LONGEST
        and not any(word in name for word in SECRETIVE)
    }
