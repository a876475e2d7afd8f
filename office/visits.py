"""Who asks: the cookie of a browser that is signed in, and the proof that a form is our own."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response

from gateway.body import read_body
from gateway.browser import read_form
from gateway.refusals import Refusal
from rebook.db.session import ledger
from rebook.services import staff_sessions

FORM_LIMIT = 16_384
SECONDS = 10
FOREIGN = "This form did not come from our page. Open the page again."


class SignInFirst(Exception):
    """Nobody is signed in here."""


class ChooseFirst(Exception):
    """They came with a one-time password and must choose their own."""


@dataclass(frozen=True)
class Address:
    """Where the office's browsers find us."""

    url: str

    @property
    def secure(self) -> bool:
        return self.url.startswith("https:")

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc.lower()

    @property
    def origin(self) -> str:
        return f"{urlsplit(self.url).scheme}://{self.host}"

    @property
    def cookie(self) -> str:
        """Browsers keep a `__Host-` cookie to this one host, and to https."""
        return "__Host-office" if self.secure else "office"


@dataclass(frozen=True)
class Visit:
    """Somebody who is signed in."""

    staff_id: str
    token: str
    must_choose: bool

    @property
    def proof(self) -> str:
        """Only a page shown to the holder of the cookie carries it."""
        return hmac.new(self.token.encode(), b"csrf", hashlib.sha256).hexdigest()


def address_of(request: Request) -> Address:
    found: Address = request.app.state.address
    return found


def token_of(request: Request) -> str:
    return request.cookies.get(address_of(request).cookie, "")


def anybody(request: Request) -> Visit:
    """Raises `SignInFirst`."""
    token = token_of(request)
    with ledger() as session:
        found = staff_sessions.find(session, token)
    if found is None:
        raise SignInFirst
    return Visit(found.staff_id, token, found.must_choose)


def member(visit: Annotated[Visit, Depends(anybody)]) -> Visit:
    """Raises `ChooseFirst` while the password is a one-time one."""
    if visit.must_choose:
        raise ChooseFirst
    return visit


async def own_form(request: Request) -> dict[str, str]:
    """The fields of a form that our own page sent. Raises `Refusal`."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin", address_of(request).origin)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if (
        site != "same-origin"
        or origin != address_of(request).origin
        or kind != "application/x-www-form-urlencoded"
    ):
        raise Refusal(403, FOREIGN)
    return read_form(await read_body(request, limit=FORM_LIMIT, seconds=SECONDS))


def require_proof(visit: Visit, form: dict[str, str]) -> None:
    given = form.get("proof", "").encode()
    if not hmac.compare_digest(given, visit.proof.encode()):
        raise Refusal(403, FOREIGN)


def remember(response: Response, address: Address, token: str) -> None:
    _set(response, address, token)


def forget(response: Response, address: Address) -> None:
    """With the flags it was set with: browsers keep a `__Host-` cookie that is removed without them."""
    _set(response, address, "", max_age=0)


def _set(response: Response, address: Address, token: str, max_age: int | None = None) -> None:
    response.set_cookie(
        address.cookie,
        token,
        max_age=max_age,
        path="/",
        secure=address.secure,
        httponly=True,
        samesite="strict",
    )


Anybody = Annotated[Visit, Depends(anybody)]
Member = Annotated[Visit, Depends(member)]
OwnForm = Annotated[dict[str, str], Depends(own_form)]
