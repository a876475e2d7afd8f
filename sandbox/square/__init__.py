"""Square Bookings, emulated: https://developer.squareup.com/docs/bookings-api"""

from typing import ClassVar

from fastapi import APIRouter, Request

from sandbox.acuity.model import FIRST_CALENDAR
from sandbox.kit import Kit
from sandbox.limits import Limit
from sandbox.square.book import Book
from sandbox.square.routes import router
from sandbox.square.wire import refusal
from sandbox.wire import Json, Refusal, read_json

CODES = {401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 429: "RATE_LIMITED"}


class Square:
    """Square publishes no numbers for its limits: none are played but those a fault orders."""

    slug: ClassVar[str] = "square"
    limits: ClassVar[list[Limit]] = []

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.token = "sandbox-token-" + kit.secrets.make("square-token", 20)
        self.book = Book(kit)

    def router(self) -> APIRouter:
        return router(self.book, self.token)

    def controls(self) -> APIRouter:
        routes = APIRouter(prefix="/_control/square")

        @routes.post("/{booking}/cancel")
        async def cancel(booking: str, request: Request) -> Json:
            """By the customer, unless `by` says staff."""
            by = (await read_json(request)).get("by", "client")
            self.book.lose(booking, f"CANCELLED_BY_{'SELLER' if by == 'staff' else 'CUSTOMER'}")
            return {"cancelled": booking}

        @routes.post("/{booking}/missed")
        async def missed(booking: str) -> Json:
            self.book.lose(booking, "NO_SHOW")
            return {"missed": booking}

        @routes.post("/disable_hooks")
        async def disable() -> Json:
            self.book.hooks.subscription["enabled"] = False
            return {"disabled": True}

        return routes

    def fault(self, status: int, wait: int) -> Refusal:
        code = CODES.get(status, "INTERNAL_SERVER_ERROR" if status >= 500 else "BAD_REQUEST")
        answer = refusal(status, code, "The request was not served.")
        if status == 429:
            answer.headers["Retry-After"] = str(wait)
        return answer

    def state(self) -> Json:
        return {
            "bookings": list(self.book.bookings.values()),
            "customers": list(self.book.customers.values()),
            "subscription": self.book.hooks.subscription,
            "own_messages": self.book.own_messages,
        }

    def entry(self, base: str) -> Json:
        services = self.book.services.items()
        calendars = enumerate(self.book.team)
        return {
            "slug": self.slug,
            "connection": "square",
            "base_url": f"{base}/square",
            "credentials": {"access_token": self.token},
            "webhook_secrets": [self.book.hooks.key],
            "settings": {
                "service_map": ",".join(f"{one.id}={number}" for number, one in services),
                "service_names": ",".join(f"{number}={one.name}" for number, one in services),
                "calendar_map": ",".join(f"{FIRST_CALENDAR + n}={one}" for n, one in calendars),
                "link_fields": "acuity_id=acuity",
            },
        }
