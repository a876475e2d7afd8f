"""Outlook by Microsoft Graph, emulated: https://learn.microsoft.com/graph/api/resources/calendar"""

from datetime import UTC, datetime, timedelta
from typing import ClassVar

from fastapi import APIRouter

from sandbox import people
from sandbox.acuity.book import calendar_email
from sandbox.acuity.model import FIRST_APPOINTMENT, FIRST_CALENDAR, SERVICES
from sandbox.kit import Kit
from sandbox.limits import Limit
from sandbox.outlook.errors import refusal
from sandbox.outlook.oauth import Tokens
from sandbox.outlook.routes import routers
from sandbox.outlook.store import Store
from sandbox.wire import Json, Refusal

NO_SHOW = "No-show"


class Outlook:
    """Each practitioner's mailbox holds the studio's appointments as its booking system put them there."""

    slug: ClassVar[str] = "outlook"
    limits: ClassVar[list[Limit]] = [Limit("outlook", "/v1.0/users/", 10_000, 600.0)]

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.tokens = Tokens(kit)
        named = people.practitioners(kit.config.clients)
        self.store = Store(kit, [(calendar_email(name), name) for name in named])
        boxes = list(self.store.mailboxes)
        visits = people.visits(kit.config.clients, kit.clock.now(), kit.zone)
        for number, visit in enumerate(visits):
            self.store.create(boxes[visit.calendar], _event(visit, FIRST_APPOINTMENT + number))

    def router(self) -> APIRouter:
        return routers(self.store, self.tokens)

    def controls(self) -> APIRouter:
        routes = APIRouter(prefix="/_control/outlook")

        @routes.post("/{own:path}/cancel")
        async def cancel(own: str) -> Json:
            """Staff remove it from the calendar."""
            event = own.rpartition("/")[2]
            self.store.delete(self.store.home(event), event)
            return {"cancelled": event}

        @routes.post("/{own:path}/missed")
        async def missed(own: str) -> Json:
            event = own.rpartition("/")[2]
            home = self.store.home(event)
            own = self.store.find(home, event)["categories"]
            self.store.change(home, event, {"categories": [*own, NO_SHOW]}, None)
            return {"missed": event}

        @routes.post("/expire_sync_tokens")
        async def expire_sync() -> Json:
            self.store.epoch += "x"
            return {"expired": True}

        @routes.post("/expire_tokens")
        async def expire_access() -> Json:
            self.tokens.expire_all()
            return {"expired": True}

        @routes.post("/revoke")
        async def revoke() -> Json:
            self.tokens.revoke()
            return {"revoked": True}

        @routes.post("/lifecycle-{word}")
        async def lifecycle(word: str) -> Json:
            self.store.push.lifecycle(word)
            return {"told": word}

        return routes

    def fault(self, status: int, wait: int) -> Refusal:
        codes = {
            401: "InvalidAuthenticationToken",
            403: "ErrorAccessDenied",
            404: "ErrorItemNotFound",
            429: "ApplicationThrottled",
            503: "serviceNotAvailable",
        }
        answer = refusal(status, codes.get(status, "InternalServerError"), "Not served.")
        if status in (429, 503):
            answer.headers["Retry-After"] = str(wait)
        return answer

    def state(self) -> Json:
        return {
            "events": [
                {"mailbox": box.address, **event}
                for box in self.store.mailboxes.values()
                for event in box.events.values()
            ],
            "subscriptions": [one.shown() for one in self.store.push.subscriptions.values()],
            "mailed": self.store.mailed,
        }

    def entry(self, base: str) -> Json:
        boxes = list(self.store.mailboxes)
        client_id, client_secret = self.tokens.client
        return {
            "slug": self.slug,
            "connection": "outlook",
            "base_url": f"{base}/outlook/v1.0",
            "credentials": {
                "tenant_id": self.tokens.tenant,
                "client_id": client_id,
                "client_secret": client_secret,
            },
            "webhook_secrets": ["sandbox-state-" + self.kit.secrets.make("outlook-state", 20)],
            "settings": {
                "mailboxes": ",".join(boxes),
                "calendar_map": ",".join(f"{FIRST_CALENDAR + n}={b}" for n, b in enumerate(boxes)),
                "token_url": f"{base}/outlook/{self.tokens.tenant}/oauth2/v2.0/token",
                "zone": self.kit.zone_name,
                "link_fields": "acuity_id=acuity",
            },
        }


def _event(visit: people.Visit, acuity_id: int) -> Json:
    service, client = SERVICES[visit.service], visit.client
    minutes = timedelta(minutes=service.minutes)
    text = f"{client.phone}\n{client.email}\nacuity_id: {acuity_id}"
    return {
        "subject": f"{service.name} – {client.first} {client.last[:1]}.",
        "body": {"contentType": "text", "content": text},
        "start": _local(visit.start),
        "end": _local((visit.start.astimezone(UTC) + minutes).astimezone(visit.start.tzinfo)),
    }


def _local(moment: datetime) -> Json:
    return {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}", "timeZone": str(moment.tzinfo)}
