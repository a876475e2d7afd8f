"""`/u/…`: a mail program's one click (RFC 8058), and the page for whoever opens the link by hand."""

import re
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from gateway import arrivals, language, render
from gateway.body import read_body
from gateway.database import Database
from gateway.refusals import Refusal, Unknown
from gateway.settings import GatewaySettings
from rebook.domain.unsubscribing import PROMISE, holds

LIMIT = 4096
NAME = re.compile(r"[a-z0-9_-]{1,40}")


@dataclass(frozen=True)
class Unsubscribing:
    settings: GatewaySettings
    database: Database

    def ask(self, request: Request, contact: str, token: str) -> Response:
        """Looking changes nothing: link scanners look."""
        self._require_ours(contact, token)
        return render.page("unsubscribe", language.of(request, self.settings), done=False)

    async def take(self, request: Request, contact: str, token: str) -> Response:
        """A blind POST does nothing either: it must say what RFC 8058 has it say."""
        self._require_ours(contact, token)
        seconds = self.settings.gateway_deadline_seconds
        body = await read_body(request, limit=LIMIT, seconds=seconds)
        name, _, value = PROMISE.partition("=")
        spelled = rf'{PROMISE}|(?s:.*)name="?{name}"?\r?\n\r?\n{value}\r?\n(?s:.*)'
        if not re.fullmatch(spelled.encode(), body.strip()):
            raise Refusal(400, "not a request to unsubscribe")
        said = {"contact": contact, "token": token}
        key = self.settings.seal_public
        await self.database.store(arrivals.own(key, "unsubscribe", f"unsubscribe {contact}", said))
        return render.page("unsubscribe", language.of(request, self.settings), done=True)

    def _require_ours(self, contact: str, token: str) -> None:
        key = self.settings.door_key.get_secret_value()
        if not (NAME.fullmatch(contact) and holds(key, contact, token)):
            raise Unknown


def router(unsubscribing: Unsubscribing) -> APIRouter:
    routes = APIRouter()

    @routes.api_route("/u/{contact}/{token}", methods=["GET", "HEAD"])
    async def ask(request: Request, contact: str, token: str) -> Response:
        return unsubscribing.ask(request, contact, token)

    @routes.post("/u/{contact}/{token}")
    async def take(request: Request, contact: str, token: str) -> Response:
        return await unsubscribing.take(request, contact, token)

    return routes
