"""QuickBooks' HTTP surface for one company, and Intuit's token service."""

from datetime import datetime

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from sandbox.quickbooks import queries
from sandbox.quickbooks.books import REALM, Books
from sandbox.quickbooks.oauth import Tokens
from sandbox.quickbooks.wire import refusal, stamp
from sandbox.wire import BadBody, Json, read_form, read_json

MOST = 1000


def routers(books: Books, tokens: Tokens) -> APIRouter:
    routes = APIRouter(prefix="/quickbooks")

    @routes.post("/oauth2/v1/tokens/bearer")
    async def exchange(request: Request) -> Json:
        return tokens.exchange(request, await read_form(request))

    @routes.get("/connect/oauth2")
    async def sign_in(request: Request) -> Response:
        return tokens.codes.sign_in(request.query_params, realmId=REALM)

    company = APIRouter(
        prefix=f"/v3/company/{REALM}", dependencies=[Depends(tokens.guard), Depends(_current)]
    )
    _invoices(company, books)
    _reading(company, books)
    routes.include_router(company)
    return routes


async def _current(request: Request) -> None:
    """Since 2025 nothing older than minor version 75 is served."""
    version = request.query_params.get("minorversion", "75")
    if not version.isdigit() or int(version) < 75:
        raise refusal(400, "2020", "The minor version is not supported")


def _now(books: Books) -> Json:
    return {"time": stamp(books.kit.clock.now())}


def _invoices(routes: APIRouter, books: Books) -> None:
    @routes.get("/invoice/{number}")
    async def show(number: str) -> Json:
        return {"Invoice": books.find(number), **_now(books)}

    @routes.post("/invoice")
    async def write(request: Request) -> Json:
        try:
            given = await read_json(request)
        except BadBody:
            raise refusal(400, "2010", "Request has invalid or unsupported property") from None
        query = request.query_params
        operation = query.get("operation", "update")
        return {
            "Invoice": books.write(given, operation, query.get("requestid", "")),
            **_now(books),
        }


def _reading(routes: APIRouter, books: Books) -> None:
    @routes.get("/companyinfo/{number}")
    async def company(number: str) -> Json:
        if number not in ("1", REALM):
            raise refusal(400, "610", "Object Not Found")
        return {"CompanyInfo": {"Id": "1", "CompanyName": "Harbour Street Studio"}, **_now(books)}

    @routes.get("/customer/{number}")
    async def customer(number: str) -> Json:
        return {"Customer": books.customer(number), **_now(books)}

    @routes.get("/query")
    async def query(request: Request) -> Json:
        return _answered(books, request.query_params.get("query", ""))

    @routes.post("/query")
    async def posted(request: Request) -> Json:
        return _answered(books, (await request.body()).decode("utf-8", "replace"))

    @routes.get("/cdc")
    async def changes(request: Request) -> Json:
        since = _since(books, request.query_params.get("changedSince", ""))
        rows = [
            *(i for i in books.invoices.values() if _changed(i) >= since),
            *(_stub(n, at) for n, at in books.deleted.items() if at >= since),
        ][:MOST]
        told: Json = {"Invoice": rows, "startPosition": 1, "maxResults": len(rows)} if rows else {}
        return {"CDCResponse": [{"QueryResponse": [told]}], **_now(books)}


def _answered(books: Books, asked: str) -> Json:
    tables = {
        "Invoice": list(books.invoices.values()),
        "Customer": list(books.customers.values()),
    }
    return {"QueryResponse": queries.run(asked, tables), **_now(books)}


def _since(books: Books, value: str) -> datetime:
    try:
        since = datetime.fromisoformat(value)
        too_old = (books.kit.clock.now() - since).days > 30
    except (ValueError, TypeError):
        raise refusal(400, "2030", "changedSince cannot be read") from None
    if too_old:
        raise refusal(400, "2030", "changedSince is more than 30 days ago")
    return since


def _changed(invoice: Json) -> datetime:
    return datetime.fromisoformat(invoice["MetaData"]["LastUpdatedTime"])


def _stub(number: str, at: datetime) -> Json:
    times = {"MetaData": {"LastUpdatedTime": stamp(at)}}
    return {"domain": "QBO", "status": "Deleted", "Id": number, **times}
