"""The audience's webhooks: who does not want our mail any more.

An unsigned webhook is vouched for by the secret in its address; one with a signing secret by that alone.
"""

import re
from collections.abc import Sequence

from connectors.contract import Translated
from connectors.errors import BadSignature
from connectors.parsing import form_of
from connectors.signatures import check_dotted_hmac, check_shared_secret
from rebook.domain.messages import Channel, OptOut

SIGNING = b"signing:"
"""What a signing secret is written with, to tell it from the secret in the address."""
SIGNED = re.compile(r"t=([0-9]{1,12})((?:,v1=[0-9a-f]{64})+)", re.ASCII)
KEY = "key"


def check(header: str, url: str, body: bytes, secrets: Sequence[bytes]) -> None:
    signing = [secret.removeprefix(SIGNING) for secret in secrets if secret.startswith(SIGNING)]
    if signing:
        _check_signed(header, body, signing)
        return
    check_shared_secret(form_of(url.partition("?")[2]).get(KEY, ""), secrets)


def _check_signed(header: str, body: bytes, secrets: Sequence[bytes]) -> None:
    """`t=<seconds>,v1=<hex>`, and one more `v1` for each secret while one is changed."""
    read = SIGNED.fullmatch(header)
    if read is None:
        raise BadSignature("the signature is missing or not of its documented form")
    given = [one.removeprefix("v1=") for one in read[2].split(",")[1:]]
    check_dotted_hmac(given, read[1], body, secrets)


def dedupe_key(body: bytes) -> str | None:
    """No delivery has an id: kind, member and second tell one from another."""
    form = form_of(body)
    parts = [form.get(name, "") for name in ("type", "data[id]", "fired_at")]
    key = ":".join(parts)
    return key if all(parts) and len(key) <= 120 else None


def translated(body: bytes) -> list[Translated]:
    """Only a person's own no: an admin's deletion is none, and nor is an address that bounced."""
    form = form_of(body)
    email = form.get("data[email]", "").strip()
    refused = {
        "unsubscribe": form.get("data[action]") != "delete",
        "cleaned": form.get("data[reason]") == "abuse",
    }
    if email and refused.get(form.get("type", ""), False):
        return [OptOut(Channel.EMAIL, email)]
    return []
