"""The keys of one installation: one file, mode 0600, in the data folder and never in a database."""

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import asdict, dataclass, replace
from functools import cache, cached_property
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet
from nacl.public import PrivateKey, PublicKey, SealedBox

from rebook.settings import settings

FILE = "keyring.json"
PART = "REBOOK_KEYS"
"""Where a process that may know only some of the keys is given those."""
ROLES = ("postgres", "rebook", "rebook_gateway", "rebook_office", "prefect")


class KeyringMissing(RuntimeError):
    """There is no keyring where one is needed."""


@dataclass(frozen=True)
class Keyring:
    """All as text, so that the file is plain JSON. The first data key encrypts, all decrypt."""

    data_keys: tuple[str, ...]
    index_key: str
    link_key: str
    door_key: str
    seal_private: str
    seal_public: str
    prefect_key: str
    passwords: dict[str, str]

    def encrypt(self, text: str) -> bytes:
        return self._fernet.encrypt(text.encode())

    def decrypt(self, data: bytes) -> str:
        return self._fernet.decrypt(data).decode()

    @cached_property
    def _fernet(self) -> MultiFernet:
        return MultiFernet([Fernet(key) for key in self.data_keys])

    def index(self, value: str) -> str:
        """A keyed fingerprint by which an encrypted value can be found again."""
        return hmac.new(self.index_key.encode(), value.encode(), hashlib.sha256).hexdigest()

    def link_token(self, subject: str) -> str:
        """The 160-bit token of a client's link. It is derived, so it needs to be stored nowhere."""
        digest = hmac.new(self.link_key.encode(), subject.encode(), hashlib.sha256).digest()
        return base64.b32encode(digest[:20]).decode().lower()

    def derived(self, purpose: str) -> str:
        """A secret for one purpose. No link's subject has a space in it."""
        return hmac.new(self.link_key.encode(), purpose.encode(), hashlib.sha256).hexdigest()

    def door_encrypt(self, text: str) -> bytes:
        """For what the gateway must be able to read: its verification secrets."""
        return Fernet(self.door_key).encrypt(text.encode())

    def door_decrypt(self, data: bytes) -> str:
        return Fernet(self.door_key).decrypt(data).decode()

    def unseal(self, sealed: bytes) -> bytes:
        """Open what the gateway sealed."""
        private = PrivateKey(base64.b64decode(self.seal_private))
        return SealedBox(private).decrypt(sealed)


def seal(public_key: str, body: bytes) -> bytes:
    """Close `body` so that only the holder of the private key can open it."""
    return SealedBox(PublicKey(base64.b64decode(public_key))).encrypt(body)


def create(folder: Path) -> Keyring:
    """The keyring of a data folder, made on first use."""
    path = folder / FILE
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(path, _fresh())
    return load(folder)


def load(folder: Path) -> Keyring:
    """Read it. Raises `KeyringMissing` with what to do."""
    try:
        stored = json.loads((folder / FILE).read_text())
    except FileNotFoundError:
        raise KeyringMissing(
            f"no keyring in {folder}: run `rebook up` once, or set REBOOK_DATA_DIR to your data folder"
        ) from None
    return _complete(Keyring(**{**stored, "data_keys": tuple(stored["data_keys"])}))


def _complete(known: Keyring) -> Keyring:
    """A role that is younger than the file gets a password made from one of its keys."""
    missing = {role: known.derived(f"password {role}") for role in ROLES}
    return replace(known, passwords=missing | known.passwords)


@cache
def keyring() -> Keyring:
    """The keyring of this process's installation, or the part of it that it was given."""
    given = os.environ.get(PART)
    return from_part(given) if given else load(settings().data_dir)


def part_for_reading(whole: Keyring) -> str:
    """What opens personal data and nothing else: no link, no seal, no door, no password."""
    return json.dumps({"data_keys": whole.data_keys})


def from_part(given: str) -> Keyring:
    return Keyring(
        data_keys=tuple(json.loads(given)["data_keys"]),
        index_key="",
        link_key="",
        door_key="",
        seal_private="",
        seal_public="",
        prefect_key="",
        passwords={},
    )


def _fresh() -> Keyring:
    pair = PrivateKey.generate()
    return Keyring(
        data_keys=(Fernet.generate_key().decode(),),
        index_key=secrets.token_urlsafe(32),
        link_key=secrets.token_urlsafe(32),
        door_key=Fernet.generate_key().decode(),
        seal_private=base64.b64encode(bytes(pair)).decode(),
        seal_public=base64.b64encode(bytes(pair.public_key)).decode(),
        prefect_key=Fernet.generate_key().decode(),
        passwords={role: secrets.token_urlsafe(24) for role in ROLES},
    )


def _write(path: Path, made: Keyring) -> None:
    """Whole or not at all, and never over one that another process just made."""
    part = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(made), file, indent=1)
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink()
