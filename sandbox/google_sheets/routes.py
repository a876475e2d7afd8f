"""The Sheets API's HTTP surface, behind bearer tokens."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from sandbox.google_calendar.oauth import Tokens
from sandbox.google_sheets.book import TAB, Book
from sandbox.google_sheets.errors import invalid, not_found, refusal
from sandbox.wire import BadBody, Json, Refusal, read_form, read_json

INPUTS = ("RAW", "USER_ENTERED")


def routers(book: Book, tokens: Tokens) -> APIRouter:
    async def guard(request: Request) -> None:
        try:
            await tokens.guard(request)
        except Refusal:
            raise refusal(401, "UNAUTHENTICATED", "Invalid authentication credentials.") from None
        if request.path_params.get("sheet", "").partition(":")[0] != book.id:
            raise not_found()

    routes = APIRouter(prefix="/google_sheets")

    @routes.post("/token")
    async def token(request: Request) -> Json:
        return tokens.exchange(await read_form(request))

    @routes.get("/o/oauth2/v2/auth")
    async def sign_in(request: Request) -> Response:
        return tokens.codes.sign_in(request.query_params)

    sheets = APIRouter(prefix="/v4/spreadsheets", dependencies=[Depends(guard)])
    _reads(sheets, book)
    _writes(sheets, book)
    routes.include_router(sheets)
    return routes


def _reads(routes: APIRouter, book: Book) -> None:
    @routes.get("/{sheet}")
    async def about() -> Json:
        """The field mask of the caller is not applied: more is told than was asked for."""
        zone = book.kit.zone_name
        grid = {"rowCount": book.height, "columnCount": 26}
        tab = {"sheetId": 0, "title": TAB, "index": 0, "sheetType": "GRID", "gridProperties": grid}
        own = {"title": "Harbour Street Studio", "locale": "en_US", "timeZone": zone}
        return {"spreadsheetId": book.id, "properties": own, "sheets": [{"properties": tab}]}

    @routes.get("/{sheet}/values:batchGet")
    async def batch_get(request: Request) -> Json:
        asked = request.query_params.getlist("ranges")
        return {"spreadsheetId": book.id, "valueRanges": [book.read(one) for one in asked]}

    @routes.get("/{sheet}/values/{cells}")
    async def get(cells: str) -> Json:
        return book.read(cells)


def _writes(routes: APIRouter, book: Book) -> None:
    @routes.post("/{sheet}/values:batchUpdate")
    async def batch_update(request: Request) -> Json:
        body = await _body(request)
        _require_input(body.get("valueInputOption"))
        done = [book.write(str(one["range"]), _values(one)) for one in body.get("data") or []]
        return {
            "spreadsheetId": book.id,
            "totalUpdatedRows": sum(one["updatedRows"] for one in done),
            "totalUpdatedColumns": sum(one["updatedColumns"] for one in done),
            "totalUpdatedCells": sum(one["updatedCells"] for one in done),
            "totalUpdatedSheets": 1,
            "responses": done,
        }

    @routes.post("/{sheet}/values/{cells}:append")
    async def append(cells: str, request: Request) -> Json:
        _require_input(request.query_params.get("valueInputOption"))
        return book.append(cells, _values(await _body(request)))

    @routes.put("/{sheet}/values/{cells}")
    async def update(cells: str, request: Request) -> Json:
        _require_input(request.query_params.get("valueInputOption"))
        return book.write(cells, _values(await _body(request)))


def _require_input(option: object) -> None:
    if option not in INPUTS:
        raise invalid("'valueInputOption' is required but not specified")


def _values(told: Json) -> list[list[Any]]:
    values = told.get("values")
    if not isinstance(values, list) or not values or not all(isinstance(v, list) for v in values):
        raise invalid("Invalid values")
    return values


async def _body(request: Request) -> Json:
    try:
        return await read_json(request)
    except BadBody:
        raise invalid("Invalid JSON payload received.") from None
