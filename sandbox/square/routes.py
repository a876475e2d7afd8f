"""Square's HTTP surface, behind an application's token."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Depends, Request

from sandbox.square.book import LOCATION, Book, span_of
from sandbox.square.wire import invalid, not_found, read_time, refusal, stamp
from sandbox.wire import BadBody, Json, read_json

LEAST, MOST = timedelta(hours=24), timedelta(days=32)
MONTH = timedelta(days=31)


def router(book: Book, token: str) -> APIRouter:
    async def guard(request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {token}":
            raise refusal(401, "UNAUTHORIZED", "This request could not be authorized.")

    routes = APIRouter(prefix="/square/v2", dependencies=[Depends(guard)])
    _business(routes, book)
    _bookings(routes, book)
    _changes(routes, book)
    _availability(routes, book)
    _hooks(routes, book)
    return routes


async def _body(request: Request) -> Json:
    try:
        return await read_json(request)
    except BadBody:
        raise refusal(400, "EXPECTED_JSON_BODY", "The body is not JSON.") from None


def _business(routes: APIRouter, book: Book) -> None:
    @routes.get("/locations")
    async def locations() -> Json:
        one = {
            "id": LOCATION,
            "name": "Harbour Street",
            "business_name": "Harbour Street Studio",
            "status": "ACTIVE",
            "timezone": book.kit.zone_name,
            "merchant_id": "MSANDBOX",
            "country": "US",
        }
        return {"locations": [one]}

    @routes.get("/customers/{number}")
    async def customer(number: str) -> Json:
        if number not in book.customers:
            raise not_found("customer")
        return {"customer": book.customers[number]}

    @routes.post("/customers/search")
    async def search(request: Request) -> Json:
        """By whole values alone. Nobody found is an empty object."""
        wanted = ((await _body(request)).get("query") or {}).get("filter") or {}
        rows = [row for row in book.customers.values() if _is_like(row, wanted)]
        return {"customers": rows} if rows else {}


def _is_like(customer: Json, wanted: Json) -> bool:
    asked = {name: str((told or {}).get("exact")).lower() for name, told in wanted.items()}
    return all(str(customer.get(name)).lower() == value for name, value in asked.items())


def _bookings(routes: APIRouter, book: Book) -> None:
    @routes.get("/bookings")
    async def listed(request: Request) -> Json:
        query = dict(request.query_params)
        now = stamp(book.kit.clock.now())
        first = read_time(query.get("start_at_min") or now, "start_at_min")
        last = read_time(query.get("start_at_max") or stamp(first + MONTH), "start_at_max")
        if last - first > MONTH:
            raise invalid("start_at_max", "INVALID_TIME_RANGE")
        rows = [b for b in book.bookings.values() if first <= span_of(b)[0] < last]
        rows = [b for b in rows if _matches(b, query)]
        rows.sort(key=lambda b: (span_of(b)[0], b["id"]))
        return _page(rows, query)

    @routes.get("/bookings/{number}")
    async def get(number: str) -> Json:
        return {"booking": book.find(number), "errors": []}


def _matches(booking: Json, query: dict[str, str]) -> bool:
    member = booking["appointment_segments"][0]["team_member_id"]
    return (
        query.get("location_id") in (None, booking["location_id"])
        and query.get("customer_id") in (None, booking["customer_id"])
        and query.get("team_member_id") in (None, member)
    )


def _page(rows: list[Json], query: dict[str, str]) -> Json:
    limit = int(query["limit"]) if query.get("limit", "").isdigit() else 50
    cursor = query.get("cursor", "").removeprefix("c")
    offset = int(cursor) if cursor.isdigit() else 0
    page: Json = {"bookings": rows[offset : offset + limit], "errors": []}
    if offset + limit < len(rows):
        page["cursor"] = f"c{offset + limit}"
    return page


def _changes(routes: APIRouter, book: Book) -> None:
    @routes.post("/bookings")
    async def create(request: Request) -> Json:
        return {"booking": book.create(await _body(request)), "errors": []}

    @routes.put("/bookings/{number}")
    async def change(number: str, request: Request) -> Json:
        return {"booking": book.change(number, await _body(request)), "errors": []}

    @routes.post("/bookings/{number}/cancel")
    async def cancel(number: str, request: Request) -> Json:
        return {"booking": book.cancel(number, await _body(request)), "errors": []}


def _availability(routes: APIRouter, book: Book) -> None:
    @routes.post("/bookings/availability/search")
    async def search(request: Request) -> Json:
        asked = ((await _body(request)).get("query") or {}).get("filter") or {}
        span = asked.get("start_at_range") or {}
        first = read_time(span.get("start_at"), "start_at_range.start_at")
        last = read_time(span.get("end_at"), "start_at_range.end_at")
        if not LEAST <= last - first <= MOST:
            raise invalid("start_at_range", "INVALID_TIME_RANGE")
        if asked.get("location_id") != LOCATION:
            raise invalid("location_id")
        [segment] = asked.get("segment_filters") or [{}]
        service = str(segment.get("service_variation_id"))
        book.service(service)
        rows = book.free_times(service, _members(book, segment), first, last)
        return {"availabilities": [_free(book, service, *row) for row in rows], "errors": []}


def _members(book: Book, segment: Json) -> list[str]:
    wanted = (segment.get("team_member_id_filter") or {}).get("any")
    return [one for one in book.team if wanted is None or one in wanted]


def _free(book: Book, service: str, start: Any, member: str) -> Json:
    return {
        "start_at": stamp(start),
        "location_id": LOCATION,
        "appointment_segments": [book.segment(service, member)],
    }


def _hooks(routes: APIRouter, book: Book) -> None:
    @routes.get("/webhooks/subscriptions")
    async def subscriptions(request: Request) -> Json:
        every = request.query_params.get("include_disabled") == "true"
        shown = book.hooks.listed(disabled=every)
        return {"subscriptions": shown} if shown else {}

    @routes.post("/webhooks/subscriptions")
    async def make(request: Request) -> Json:
        return {"subscription": book.hooks.make(await _body(request))}

    @routes.get("/webhooks/subscriptions/{number}")
    async def one(number: str) -> Json:
        return {"subscription": book.hooks.one(number)}

    @routes.put("/webhooks/subscriptions/{number}")
    async def change(number: str, request: Request) -> Json:
        return {"subscription": book.hooks.change(number, await _body(request))}
