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
        sealed=sealed(public_key, request),
        received_at=clock.now(),
    )


def own(
    public_key: str, kind: str, twin: str, said: Mapping[str, object], *, for_good: bool = False
) -> Arrival:
    """What one of our own pages stores; `twin` is what a second press has in common with the first.

    A second press counts again once the first was handled, unless the two are one `for_good`.
    """
    same = hashlib.sha256(twin.encode()).hexdigest()
    return Arrival(
        connection="portal",
        kind=kind,
        dedupe_key=same if for_good else None,
        twin_key="" if for_good else same,
        sealed=_sealed(public_key, "", {}, json.dumps(said).encode()),
        received_at=clock.now(),
    )


def of_link(public_key: str, kind: str, token: str, **said: object) -> Arrival:
    """The same of a page behind a client's link. The token itself is stored sealed only."""
    twin = " ".join([token_hash(token), *(str(value) for value in said.values())])
    return own(public_key, kind, twin, {"token": token, **said})


def report(public_key: str, token: str, form: Mapping[str, str]) -> Arrival:
    """A technician's report. The form's own key makes one of all its copies, also of late ones."""
    twin = f"report {token_hash(token)} {form['key']}"
    return own(public_key, "report", twin, {"token": token, **form}, for_good=True)


def sealed(public_key: str, request: WebhookRequest, **more: str) -> bytes:
    """A request as only workers can read it."""
    return _sealed(public_key, request.url, _kept(request.headers), request.body, **more)


def _sealed(
    public_key: str, url: str, headers: Mapping[str, str], body: bytes, **more: str
) -> bytes:
    encoded = base64.b64encode(body).decode()
    whole = {"url": url, "headers": headers, "body": encoded, **more}
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
