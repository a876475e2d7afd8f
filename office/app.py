"""The app: its routes, and what is true of every request."""

from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.headers import SecurityHeaders
from gateway.logs import Journal
from gateway.refusals import Refusal
from office import cases, doors, health, render
from office.visits import Address, ChooseFirst, SignInFirst
from rebook.services.cases import NoSuchCase


def build(office_url: str) -> FastAPI:
    """`office_url` is the address by which the office's browsers reach this."""
    address = Address(office_url)
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.state.address = address
    for routes in (health.routes, doors.routes, cases.routes):
        app.include_router(routes)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(SignInFirst, lambda *_: RedirectResponse("/sign-in", 303))
    app.add_exception_handler(ChooseFirst, lambda *_: RedirectResponse("/password", 303))
    app.add_exception_handler(NoSuchCase, _missing)
    app.add_exception_handler(HTTPException, _missing)
    app.add_exception_handler(OperationalError, _away)
    app.add_middleware(OwnName, address=address)
    app.add_middleware(Journal)
    app.add_middleware(SecurityHeaders, secure=address.secure)
    return app


class OwnName:
    """Another name that leads here is a trick to have a browser talk to us: it is not answered."""

    def __init__(self, app: ASGIApp, *, address: Address) -> None:
        self.app = app
        self.address = address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers") or ())
        named = headers.get(b"host", b"").decode("latin-1").lower()
        if scope["type"] == "http" and named != self.address.host and scope["path"] != "/readyz":
            refused = PlainTextResponse("the staff page is not known by this name", 421)
            await refused(scope, receive, send)
            return
        await self.app(scope, receive, send)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return render.page("refused", error.status, words=error.words, headers=error.headers)


async def _missing(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return render.page("refused", status, words="There is nothing here.")


async def _away(_: Request, __: Exception) -> Response:
    words = "The ledger does not answer. Nothing was lost: try again in a moment."
    return render.page("refused", 503, words=words, headers={"Retry-After": "5"})
