"""Who may work the town's controls: its own page and programs on this machine, no page from elsewhere."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from sandbox.wire import Refusal

CONTROLS = "/_control"
OWN_SITES = ("same-origin", "none")
"""What a browser says of a request by our own page, and of an address that its user typed."""


def refusal(scope: Scope) -> Refusal | None:
    """Why this request must not reach the controls; None where it may, or is not for them."""
    if scope["type"] != "http" or not scope["path"].startswith(CONTROLS):
        return None
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    if not _is_nearby(host):
        return Refusal(403, {"error": "the sandbox does not go by this name"})
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
    if site not in OWN_SITES or (origin is not None and _place(origin) != host.lower()):
        return Refusal(403, {"error": "the request comes from another site"})
    return None


def _is_nearby(host: str) -> bool:
    """A name with a dot may belong to anybody, who may let it point to this machine."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return "." not in name.removesuffix(".localhost") or bool(ip_address(name))
    except ValueError:
        return False


def _place(origin: str) -> str:
    return origin.lower().partition("://")[2]
