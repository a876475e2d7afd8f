"""The address a mail program calls when its reader wants no more (RFC 8058), known again by both sides."""

import base64
import hashlib
import hmac

PROMISE = "List-Unsubscribe=One-Click"


def token(door_key: str, contact_id: str) -> str:
    """Under the key that the gateway shares: it can tell ours from anybody's without the ledger."""
    digest = hmac.new(door_key.encode(), f"unsubscribe:{contact_id}".encode(), hashlib.sha256)
    return base64.b32encode(digest.digest()[:20]).decode().lower()


def holds(door_key: str, contact_id: str, given: str) -> bool:
    return hmac.compare_digest(token(door_key, contact_id).encode(), given.encode())


def headers(link: str) -> dict[str, str]:
    return {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": PROMISE}
