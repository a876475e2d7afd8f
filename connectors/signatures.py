"""Webhook signatures, one function a scheme. Bytes are compared, in constant time; doubt is a no."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, parse_qsl

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from connectors.errors import BadSignature
from rebook.domain import clock

WINDOW_SECONDS = 300
HUBSPOT_PLAIN = {f"%{ord(sign):02X}": sign for sign in ":/?@!$'()*,;"}


def require_any(given: str, expected: Sequence[bytes]) -> None:
    """One of the `expected` digests is what the request carries. Raises `BadSignature`."""
    if not expected:
        raise BadSignature("no secret is configured")
    if not given:
        raise BadSignature("the signature is missing")
    if not any([hmac.compare_digest(_bytes(given), digest) for digest in expected]):
        raise BadSignature("the signature does not match")


def usable(secrets: Sequence[bytes]) -> list[bytes]:
    """Empty secrets fail closed: they are no secrets."""
    return [secret for secret in secrets if secret]


def require_recent(timestamp: str, *, seconds: int = WINDOW_SECONDS) -> None:
    """A timestamp in unix seconds near now, both ways: five minutes unless the vendor says less."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise BadSignature("the timestamp is missing or not a number of seconds")
    if abs(clock.now().timestamp() - int(timestamp)) > seconds:
        raise BadSignature("the timestamp is too far from our clock")


def check_hmac_base64(given: str, body: bytes, secrets: Sequence[bytes]) -> None:
    """base64(HMAC-SHA256(secret, body)): Acuity and others."""
    require_any(given, [base64.b64encode(_sha256(secret, body)) for secret in usable(secrets)])


def check_hubspot(
    given: str, timestamp: str, method: str, url: str, body: bytes, secrets: Sequence[bytes]
) -> None:
    """v3: base64(HMAC-SHA256(secret, method + URL + body + milliseconds)), within five minutes.

    The URL is signed with a dozen escapes undone (HubSpot, validating requests).
    """
    if not (timestamp.isascii() and timestamp.isdigit() and 12 <= len(timestamp) <= 14):
        raise BadSignature("the timestamp is missing or not a number of milliseconds")
    require_recent(timestamp[:-3])
    spelled = re.sub(
        "%[0-9A-Fa-f]{2}", lambda seen: HUBSPOT_PLAIN.get(seen[0].upper(), seen[0]), url
    )
    base = method.encode() + _bytes(spelled) + body + timestamp.encode()
    require_any(given, [base64.b64encode(_sha256(secret, base)) for secret in usable(secrets)])


def check_hubspot_v2(
    given: str, method: str, url: str, body: bytes, secrets: Sequence[bytes]
) -> None:
    """hex(SHA256(secret + method + URL + body)): older workflow webhooks; it says nothing of the time."""
    rest = method.encode() + _bytes(url) + body
    digests = [hashlib.sha256(secret + rest).hexdigest() for secret in usable(secrets)]
    require_any(given, [digest.encode() for digest in digests])


def check_hmac_either(given: str, body: bytes, secrets: Sequence[bytes]) -> None:
    """HMAC-SHA256 of the body in hex or base64, where a vendor does not say which it writes."""
    digests = [_sha256(secret, body) for secret in usable(secrets)]
    spelled = [(digest.hex().encode(), base64.b64encode(digest)) for digest in digests]
    require_any(given, [spelling for pair in spelled for spelling in pair])


def check_url_hmac_base64(given: str, url: str, body: bytes, secrets: Sequence[bytes]) -> None:
    """base64(HMAC-SHA256(secret, URL + body)), the URL exactly as the platform was told it."""
    message = _bytes(url) + body
    require_any(given, [base64.b64encode(_sha256(secret, message)) for secret in usable(secrets)])


def check_slack(given: str, timestamp: str, body: bytes, secrets: Sequence[bytes]) -> None:
    """`v0=` hex(HMAC-SHA256(secret, "v0:" timestamp ":" body)), timestamp within five minutes."""
    require_recent(timestamp)
    base = b"v0:" + timestamp.encode() + b":" + body
    require_any(
        given, [b"v0=" + _sha256(secret, base).hex().encode() for secret in usable(secrets)]
    )


def check_dotted_hmac(
    given: Sequence[str], timestamp: str, body: bytes, secrets: Sequence[bytes]
) -> None:
    """hex(HMAC-SHA256(secret, timestamp "." body)), timestamp within five minutes.

    Any one of `given` may fit: some vendors sign with two secrets while one is changed.
    """
    require_recent(timestamp)
    base = timestamp.encode() + b"." + body
    expected = [_sha256(secret, base).hex().encode() for secret in usable(secrets)]
    fits = [hmac.compare_digest(_bytes(one), digest) for one in given for digest in expected]
    if not any(fits):
        require_any(given[0] if given else "", expected)


def check_stamped_hex(given: str, body: bytes, secrets: Sequence[bytes], *, seconds: int) -> None:
    """`t=<unix seconds>,v1=<hex>`: HMAC-SHA256 over timestamp, a full stop and the raw body."""
    parts = re.fullmatch(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})", given)
    if parts is None:
        raise BadSignature("the signature is missing or not of its form")
    timestamp, digest = parts.groups()
    require_recent(timestamp, seconds=seconds)
    message = timestamp.encode() + b"." + body
    require_any(digest, [_sha256(secret, message).hex().encode() for secret in usable(secrets)])


def check_twilio(given: str, url: str, form: bytes, secrets: Sequence[bytes]) -> None:
    """base64(HMAC-SHA1(token, URL + sorted name+value)); a `bodySHA256` URL signs the URL alone.

    Accepted with and without the scheme's default port, as Twilio signs either.
    """
    fields = b""
    wanted = parse_qs(url.partition("?")[2].partition("#")[0]).get("bodySHA256")
    if wanted is not None:
        if not hmac.compare_digest(_bytes(wanted[0]), hashlib.sha256(form).hexdigest().encode()):
            raise BadSignature("the body does not match its digest in the URL")
    else:
        fields = _twilio_fields(form)
    require_any(
        given,
        [
            base64.b64encode(hmac.new(secret, _bytes(spelling) + fields, hashlib.sha1).digest())
            for secret in usable(secrets)
            for spelling in _with_and_without_port(url)
        ],
    )


def _twilio_fields(form: bytes) -> bytes:
    try:
        pairs = parse_qsl(form.decode("utf-8"), keep_blank_values=True, strict_parsing=bool(form))
    except (UnicodeDecodeError, ValueError):
        raise BadSignature("the form cannot be read") from None
    return "".join(name + value for name, value in sorted(set(pairs))).encode()


def _with_and_without_port(url: str) -> list[str]:
    scheme, _, rest = url.partition("://")
    host = re.split("[/?#]", rest, maxsplit=1)[0]
    name, _, port = host.rpartition(":")
    bare = name if name and port.isdigit() else host
    default = {"https": 443, "http": 80}.get(scheme)
    others = (bare, f"{bare}:{default}")
    return [url, *(f"{scheme}://{other}{rest[len(host) :]}" for other in others)]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def check_sendgrid(given: str, timestamp: str, body: bytes, keys: Sequence[bytes]) -> None:
    """ECDSA P-256/SHA-256 over timestamp + raw body; a key is base64 SPKI DER.

    SendGrid documents no window and retries for a day, so a repeat is told by its event id instead.
    """
    if not usable(keys):
        raise BadSignature("no public key is configured")
    if not (timestamp.isascii() and timestamp.isdigit()):
        raise BadSignature("the timestamp is missing or not a number of seconds")
    try:
        signature = base64.b64decode(given.encode(), validate=True)
    except ValueError:
        raise BadSignature("the signature is not base64") from None
    if base64.b64encode(signature) != given.encode():
        raise BadSignature("the signature is not base64 as it is written by SendGrid")
    if not any([_ecdsa_holds(key, signature, timestamp.encode() + body) for key in usable(keys)]):
        raise BadSignature("the signature does not match")


def _ecdsa_holds(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        public = load_der_public_key(base64.b64decode(key))
        if not isinstance(public, ec.EllipticCurvePublicKey):
            return False
        public.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def check_shared_secret(given: str, secrets: Sequence[bytes]) -> None:
    """A secret sent along as it is: it vouches for nothing but the sender."""
    require_any(given, usable(secrets))


def _sha256(secret: bytes, message: bytes) -> bytes:
    return hmac.new(secret, message, hashlib.sha256).digest()


def lower_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
