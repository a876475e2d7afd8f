"""Acuity's HTTP surface, behind Basic auth."""

import base64
import binascii
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from sandbox.acuity.book import Book
from sandbox.acuity.listing import listed
from sandbox.acuity.wire import (
    STAMP,
    calendar_shown,
    read_date,
    read_time,
    refusal,
    service_shown,
    shown,
)
from sandbox.wire import BadBody, Json, read_json, truth


def router(book: Book) -> APIRouter:
    routes = APIRouter(prefix="/acuity/api/v1", dependencies=[Depends(_guard(book))])
    _account(routes, book)
    _appointments(routes, book)
    _changes(routes, book)
    _availability(routes, book)
    _webhooks(routes, book)
    return routes


def _guard(book: Book) -> Any:
    secrets = book.kit.secrets
    wanted = f"{secrets.acuity_user}:{secrets.acuity_key}"

    async def guard(request: Request) -> None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        try:
            plain = base64.b64decode(given).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError):
            plain = ""
        if scheme.lower() != "basic" or plain != wanted:
            raise refusal(401, "Unauthorized", "unauthorized")

    return guard


async def _body(request: Request) -> Json:
    try:
        return await read_json(request)
    except BadBody:
        raise refusal(400, "The body is not a JSON object.", "invalid_json") from None


def _number(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise refusal(404, "There is no such record.", "not_found")
    return int(value)


def _account(routes: APIRouter, book: Book) -> None:
    @routes.get("/me")
    async def me() -> Json:
        return {
            "id": int(book.kit.secrets.acuity_user),
            "email": "studio@sandbox.example.com",
            "name": "Harbour Street Studio",
            "timezone": book.kit.zone_name,
        }

    @routes.get("/meta")
    async def meta() -> Json:
        return {"hooks": ["127.0.0.1/32"]}

    @routes.get("/appointment-types")
    async def services() -> list[Json]:
        return [service_shown(s, list(book.calendars)) for s in book.services.values()]

    @routes.get("/calendars")
    async def calendars() -> list[Json]:
        return [calendar_shown(c) for c in book.calendars.values()]


def _appointments(routes: APIRouter, book: Book) -> None:
    @routes.get("/appointments")
    async def list_all(request: Request) -> list[Json]:
        query = dict(request.query_params)
        forms = not truth(query.get("excludeForms"))
        return [shown(one, forms=forms) for one in listed(book, query)]

    @routes.get("/appointments/{number}")
    async def get(number: str) -> Json:
        return shown(book.find(_number(number)))

    @routes.post("/appointments")
    async def create(request: Request) -> Json:
        return shown(book.create(await _body(request), **_flags(request)))


def _changes(routes: APIRouter, book: Book) -> None:
    @routes.put("/appointments/{number}")
    async def change(number: str, request: Request) -> Json:
        admin = _flags(request)["admin"]
        return shown(book.change(_number(number), await _body(request), admin=admin))

    @routes.put("/appointments/{number}/reschedule")
    async def move(number: str, request: Request) -> Json:
        return shown(book.move(_number(number), await _body(request), **_flags(request)))

    @routes.put("/appointments/{number}/cancel")
    async def cancel(number: str, request: Request) -> Json:
        body = await _body(request)
        note, no_show = str(body.get("cancelNote") or ""), truth(body.get("noShow"))
        return shown(book.cancel(_number(number), note=note, no_show=no_show, **_flags(request)))


def _flags(request: Request) -> dict[str, bool]:
    query = request.query_params
    return {"admin": truth(query.get("admin")), "mail": not truth(query.get("noEmail"))}


def _availability(routes: APIRouter, book: Book) -> None:
    @routes.get("/availability/dates")
    async def dates(request: Request) -> list[Json]:
        query = request.query_params
        service = book.service(query.get("appointmentTypeID"))
        calendars = book.choice(query.get("calendarID"))
        days = _days(read_date(f"{query.get('month', '')}-01"))
        times = book.times()
        return [{"date": str(day)} for day in days if times.on(day, service, calendars)]

    @routes.get("/availability/times")
    async def free_times(request: Request) -> list[Json]:
        query = request.query_params
        service = book.service(query.get("appointmentTypeID"))
        calendars = book.choice(query.get("calendarID"))
        ignored = query.getlist("ignoreAppointmentIDs[]") + query.getlist("ignoreAppointmentIDs")
        times = book.times({_number(value) for value in ignored})
        starts = times.on(read_date(query.get("date", "")), service, calendars)
        return [{"time": start.strftime(STAMP), "slotsAvailable": 1} for start in starts]

    @routes.post("/availability/check-times")
    async def check(request: Request) -> Any:
        try:
            asked: Any = await request.json()
        except ValueError:
            raise refusal(400, "The body is not JSON.", "invalid_json") from None
        if isinstance(asked, list):
            return [_checked(book, one) for one in asked if isinstance(one, dict)]
        return _checked(book, asked if isinstance(asked, dict) else {})


def _checked(book: Book, asked: Json) -> Json:
    start = read_time(asked.get("datetime"), book.kit.zone_name)
    service = book.service(asked.get("appointmentTypeID"))
    calendars = book.choice(asked.get("calendarID"))
    valid = any(book.times().free(start, service, calendar) for calendar in calendars)
    return {**asked, "valid": valid}


def _days(first: date) -> list[date]:
    month = [first + timedelta(days=number) for number in range(31)]
    return [day for day in month if day.month == first.month]


def _webhooks(routes: APIRouter, book: Book) -> None:
    @routes.get("/webhooks")
    async def hooks() -> list[Json]:
        return list(book.hooks.dynamic.values())

    @routes.post("/webhooks")
    async def register(request: Request) -> Json:
        body = await _body(request)
        return book.hooks.register(body.get("event"), body.get("target"))

    @routes.delete("/webhooks/{number}")
    async def remove(number: str) -> Response:
        book.hooks.remove(_number(number))
        return Response(status_code=204)
