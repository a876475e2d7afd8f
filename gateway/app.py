"""The public app: webhooks, the pages of clients and technicians, and nothing else on the public name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.exceptions import HTTPException

import connectors
from gateway import (
    connected,
    health,
    hooks,
    lost,
    other_ways,
    pages,
    technician,
    unsubscribing,
    visits,
)
from gateway.database import Database
from gateway.guesses import Guesses
from gateway.headers import SecurityHeaders
from gateway.logs import Journal
from gateway.refusals import Refusal, Unknown
from gateway.settings import GatewaySettings
from gateway.site import Site
from gateway.strangers import Strangers

WORDS = {404: Unknown().words, 405: "method not allowed"}


def build(settings: GatewaySettings) -> FastAPI:
    database = Database(settings.gateway_database_url.get_secret_value())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        _load_connectors()
        await database.open()
        yield
        await database.close()

    app = FastAPI(lifespan=lifespan, openapi_url=None, redirect_slashes=False)
    app.include_router(hooks.router(hooks.Hooks(settings, database, Strangers(settings))))
    site = Site(settings, database)
    app.include_router(unsubscribing.router(unsubscribing.Unsubscribing(settings, database)))
    for part in (pages, other_ways, visits, lost):
        app.include_router(part.router(site))
    app.include_router(technician.router(technician.Technician(settings, database)))
    app.include_router(connected.router(settings))
    app.include_router(health.router(database))
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(HTTPException, _not_routed)
    app.add_middleware(Guesses, settings=settings)
    app.add_middleware(Journal)
    app.add_middleware(SecurityHeaders, secure=settings.secure)
    return app


def _load_connectors() -> None:
    """Before the first webhook: some vendors wait one second, and an SDK can take longer to load."""
    for slug in connectors.REGISTRY:
        connectors.connector_class(slug)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return PlainTextResponse(error.words, error.status, error.headers)


async def _not_routed(_: Request, error: Exception) -> Response:
    """The framework's own 404 and 405, in the same words as ours."""
    assert isinstance(error, HTTPException)
    words = WORDS.get(error.status_code, "refused")
    return PlainTextResponse(words, error.status_code, error.headers)
