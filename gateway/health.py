"""For whoever watches the process: alive, and able to take what comes in."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from gateway.database import Database


def router(database: Database) -> APIRouter:
    routes = APIRouter()

    @routes.api_route("/healthz", methods=["GET", "HEAD"])
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("alive")

    @routes.api_route("/readyz", methods=["GET", "HEAD"])
    async def readyz() -> PlainTextResponse:
        if await database.answers():
            return PlainTextResponse("ready")
        return PlainTextResponse("the database does not answer", 503, {"Retry-After": "5"})

    return routes
