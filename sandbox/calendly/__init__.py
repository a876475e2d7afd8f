"""Calendly, emulated: https://developer.calendly.com"""

from typing import ClassVar

from fastapi import APIRouter, Request

from sandbox.calendly.book import Book
from sandbox.calendly.routes import router
from sandbox.calendly.wire import refusal, uri
from sandbox.kit import Kit
from sandbox.limits import Limit
from sandbox.wire import Json, Refusal, read_json

TITLES = {401: "Unauthenticated", 403: "Permission Denied", 404: "Resource Not Found"}


class Calendly:
    slug: ClassVar[str] = "calendly"
    limits: ClassVar[list[Limit]] = [
        Limit("calendly", "/", 500, 60.0),
        Limit("calendly", "/calendly/invitees", 10, 60.0),
    ]

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.token = "sandbox-token-" + kit.secrets.make("calendly-token", 20)
        self.book = Book(kit)

    def router(self) -> APIRouter:
        return router(self.book, self.token)

    def controls(self) -> APIRouter:
        """An appointment is named by its event, or by event and invitee as our connector does."""
        routes = APIRouter(prefix="/_control/calendly")

        @routes.post("/{own:path}/cancel")
        async def cancel(own: str) -> Json:
            self.book.cancel(own.partition("/")[0], "invitee", "")
            return {"cancelled": own}

        @routes.post("/{own:path}/missed")
        async def missed(own: str) -> Json:
            self.book.missed(own.partition("/")[0])
            return {"missed": own}

        @routes.post("/{own:path}/reschedule")
        async def reschedule(own: str) -> Json:
            return {"rescheduled": self.book.reschedule(own.partition("/")[0])["uri"]}

        @routes.post("/plan/{name}")
        async def plan(name: str) -> Json:
            self.book.links.plan = name
            return {"plan": name}

        @routes.post("/book_by_link")
        async def book_by_link(request: Request) -> Json:
            """What a client does at a link of one use: `url`, `name`, `email`, `start_time`."""
            told = await read_json(request)
            service, tracking = self.book.links.use(str(told["url"]))
            person = {"name": told["name"], "email": told["email"], "timezone": self.kit.zone_name}
            body = {"event_type": service, "start_time": told["start_time"]}
            made = self.book.create({**body, "invitee": person, "tracking": tracking})
            return {"booked": made["uri"]}

        @routes.post("/disable_hooks")
        async def disable() -> Json:
            self.book.hooks.disable_all()
            return {"disabled": True}

        return routes

    def fault(self, status: int, wait: int) -> Refusal:
        answer = refusal(status, TITLES.get(status, "Unknown"), "The request was not served.")
        if status == 429:
            limit = {"X-RateLimit-Limit": "500", "X-RateLimit-Remaining": "0"}
            answer.headers.update({**limit, "X-RateLimit-Reset": str(wait)})
        return answer

    def state(self) -> Json:
        return {
            "events": list(self.book.events.values()),
            "invitees": list(self.book.invitees.values()),
            "hooks": list(self.book.hooks.kept.values()),
            "own_messages": self.book.own_messages,
        }

    def entry(self, base: str) -> Json:
        services = self.book.services.items()
        return {
            "slug": self.slug,
            "connection": "calendly",
            "base_url": f"{base}/calendly",
            "credentials": {"token": self.token},
            "webhook_secrets": ["sandbox-key-" + self.kit.secrets.make("calendly-key", 20)],
            "settings": {
                "zone": self.kit.zone_name,
                "link_fields": "Booking number=acuity",
                "service_map": ",".join(
                    f"{one.id}={uri('event_types', number)}" for number, one in services
                ),
            },
        }
