"""What we believe of a browser: its cookie, and that a form it sends is our own page's form."""

import hashlib
import hmac
import re
from urllib.parse import parse_qs, urlsplit

from fastapi import Request, Response

from gateway.refusals import Refusal
from gateway.settings import GatewaySettings

TOKEN = re.compile(r"[a-z2-7]{32}")
THIRTY_DAYS = 30 * 24 * 3600
FIELDS = 20


def cookie_name(settings: GatewaySettings, name: str = "offer") -> str:
    """Browsers keep a `__Host-` cookie to this one host, and to https."""
    return f"__Host-{name}" if settings.secure else name


def set_cookie(
    response: Response, settings: GatewaySettings, value: str, name: str = "offer"
) -> None:
    response.set_cookie(
        cookie_name(settings, name),
        value,
        max_age=THIRTY_DAYS,
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )


def token_of(request: Request, settings: GatewaySettings, name: str = "offer") -> str:
    """Empty where there is none, or none that could be ours."""
    return well_formed(request.cookies.get(cookie_name(settings, name), ""))


def well_formed(token: str) -> str:
    return token if TOKEN.fullmatch(token) else ""


def form_proof(token: str) -> str:
    """Only a page shown to the holder of the cookie carries it."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


def require_own_form(
    request: Request, settings: GatewaySettings, wanted: str = "application/x-www-form-urlencoded"
) -> None:
    """A browser that says where a form comes from must name us. Raises `Refusal`."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if origin is None and (referer := request.headers.get("referer")):
        origin = _origin(referer)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if site != "same-origin" or origin not in (None, settings.origin) or kind != wanted:
        raise foreign()


def require_proof(token: str, form: dict[str, str]) -> None:
    given = form.get("proof", "").encode()
    if not hmac.compare_digest(given, form_proof(token).encode()):
        raise foreign()


def read_form(body: bytes) -> dict[str, str]:
    """Fields by name. One that came twice, or a form that is none, is refused."""
    try:
        fields = parse_qs(
            body.decode(), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=FIELDS
        )
    except ValueError:
        raise Refusal(400, "not a form") from None
    if any(len(values) > 1 for values in fields.values()):
        raise Refusal(400, "not a form of ours")
    return {name: values[0] for name, values in fields.items()}


def foreign() -> Refusal:
    return Refusal(
        403, "This form did not come from our page. Open the link in your message again."
    )


def _origin(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return "null"
    return f"{parts.scheme}://{parts.netloc.lower()}"
