"""How a token is got: by a person's refresh token, or by the signed word of a service account (RFC 7523)."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from connectors.errors import NotAllowed
from connectors.oauth import RefreshGrant
from rebook.domain import clock

SCOPE = "https://www.googleapis.com/auth/spreadsheets"
BY_SIGNED_WORD = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME = 3600


class ServiceAccountGrant(RefreshGrant):
    """Nothing of it rotates: the key signs a fresh request each time."""

    def __init__(self, token_url: str, client_email: str, private_key: str) -> None:
        super().__init__(token_url, "", "")
        self._email = client_email
        self._pem = private_key

    def _form(self, stored: dict[str, str]) -> dict[str, str]:
        now = int(clock.now().timestamp())
        lasting = {"iat": now, "exp": now + LIFETIME}
        claims = {"iss": self._email, "scope": SCOPE, "aud": self._url, **lasting}
        return {"grant_type": BY_SIGNED_WORD, "assertion": signed(claims, self._pem)}


def signed(claims: Mapping[str, Any], pem: str) -> str:
    """A JSON web token with RS256 (RFC 7515). Raises `NotAllowed` for a key that is none."""
    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise NotAllowed("the service account's private key cannot be read")
    word = b".".join(_base64url(part) for part in ({"alg": "RS256", "typ": "JWT"}, claims))
    signature = key.sign(word, padding.PKCS1v15(), hashes.SHA256())
    return (word + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


def _base64url(told: Mapping[str, Any]) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=")


def google_grant(token_url: str, credentials: Mapping[str, str]) -> RefreshGrant:
    if credentials.get("client_email"):
        private_key = credentials.get("private_key", "")
        return ServiceAccountGrant(token_url, credentials["client_email"], private_key)
    client = (credentials.get("client_id", ""), credentials.get("client_secret", ""))
    return RefreshGrant(token_url, *client)
