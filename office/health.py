"""For whoever watches the process: it answers, and so does its ledger."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from rebook.db.session import ledger

routes = APIRouter()


@routes.get("/readyz")
def readyz() -> PlainTextResponse:
    try:
        with ledger() as session:
            session.connection().execute(text("SELECT 1"))
    except SQLAlchemyError:
        return PlainTextResponse("the ledger does not answer", 503, {"Retry-After": "5"})
    return PlainTextResponse("ready")
