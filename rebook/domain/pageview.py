"""What a client's link shows, closed under a key made from the link's token: no token, no view."""

import base64
import hashlib
import json
from typing import Any

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def token_hash(token: str) -> str:
    """Under which a link is stored; the token itself never is."""
    return hashlib.sha256(token.encode()).hexdigest()


def seal_view(token: str, view: dict[str, Any]) -> bytes:
    return _fernet(token).encrypt(json.dumps(view).encode())


def open_view(token: str, sealed: bytes) -> dict[str, Any]:
    """Raises `cryptography.fernet.InvalidToken` for another link's view."""
    found: dict[str, Any] = json.loads(_fernet(token).decrypt(sealed))
    return found


def _fernet(token: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"client-page").derive(token.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
