"""Where platforms call: verify at the door, store, commit, and only then answer."""

import json
import re
from dataclasses import dataclass, replace

from cryptography.fernet import Fernet
from fastapi import APIRouter, Request, Response

import connectors
from connectors.contract import Answer, Connector, Verified, WebhookRequest
from connectors.errors import BadSignature
from gateway import arrivals, asks
from gateway.attached import read_words
from gateway.body import read_body
from gateway.database import Database, Door
from gateway.refusals import Refusal, Unknown
from gateway.settings import GatewaySettings
from gateway.strangers import Strangers

LIMIT = 262_144
LONGEST_QUERY = 8192
MAIL_SECONDS = 60.0
"""A mail with its pictures takes longer than a webhook."""
NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True)
class Hooks:
    """The way of one request through the door."""

    settings: GatewaySettings
    database: Database
    strangers: Strangers

    async def take(self, request: Request, connection: str, kind: str) -> Response:
        self.strangers.hold_up(request, connection)
        door = await self._door(connection, kind)
        if door is None:
            self.strangers.missed(request)
            raise Unknown
        self.strangers.found(connection)
        request.scope["connection"] = connection
        connector = connectors.door(door.slug, _texts(door))
        received = await self._received(request, connector, kind)
        if handshake := _bare_handshake(connector, received):
            return _response(handshake)
        if request.method != "POST":
            raise Refusal(405, "method not allowed", {"Allow": "POST"})
        verified = _verified(connector, received, self._secrets(door))
        answer = connector.respond(received)
        if answer and answer.ask and (made := await self._ask(connection, received)):
            return _response(made)
        if answer is None or answer.store:
            key = self.settings.seal_public
            await self.database.store(arrivals.webhook(key, connection, received, verified))
        return _response(answer)

    async def _received(self, request: Request, connector: Connector, kind: str) -> WebhookRequest:
        seconds = self.settings.gateway_deadline_seconds
        if kind not in connector.mails:
            body = await read_body(request, limit=LIMIT, seconds=seconds)
            return _received(request, self.settings.public_url, body, kind)
        body, content_type = await read_words(request, limit=LIMIT, seconds=MAIL_SECONDS)
        whole = _received(request, self.settings.public_url, body, kind)
        return replace(whole, headers={**whole.headers, "content-type": content_type})

    async def _ask(self, connection: str, received: WebhookRequest) -> Answer | None:
        """What a worker answers while the vendor waits; None where none does in time."""
        question = asks.question(self.settings.seal_public, connection, received)
        sealed = await self.database.ask(question)
        return asks.answer(question, sealed) if sealed else None

    async def _door(self, connection: str, kind: str) -> Door | None:
        named = NAME.fullmatch(connection) and (not kind or NAME.fullmatch(kind))
        door = await self.database.door(connection) if named else None
        return door if door and door.slug in connectors.REGISTRY else None

    def _secrets(self, door: Door) -> list[bytes]:
        """None at all for a connection that has none: then nothing verifies."""
        if not door.secrets:
            return []
        opened = Fernet(self.settings.door_key.get_secret_value()).decrypt(bytes(door.secrets))
        return [secret.encode() for secret in json.loads(opened)["secrets"]]


def _received(request: Request, public_url: str, body: bytes, kind: str) -> WebhookRequest:
    """The URL is ours by configuration: vendors sign it, and headers could lie about it."""
    query = request.scope["query_string"].decode("latin-1")
    if len(query) > LONGEST_QUERY:
        raise Refusal(414, "the address is too long")
    path = request.scope["raw_path"].decode("latin-1")
    url = f"{public_url}{path}" + (f"?{query}" if query else "")
    headers = {name: ", ".join(request.headers.getlist(name)) for name in request.headers}
    return WebhookRequest(request.method, url, headers, body, kind)


def _bare_handshake(connector: Connector, request: WebhookRequest) -> Answer | None:
    """A bodiless request that only wants its challenge back changes nothing: Graph signs none."""
    answer = None if request.body else connector.respond(request)
    return answer if answer and answer.body and not answer.store else None


def _verified(connector: Connector, request: WebhookRequest, secrets: list[bytes]) -> Verified:
    try:
        return connector.verify(request, secrets)
    except BadSignature:
        raise Refusal(401, "not verified") from None


def _texts(door: Door) -> dict[str, str]:
    return {name: str(value) for name, value in door.settings.items()}


def _response(answer: Answer | None) -> Response:
    if answer is None:
        return Response(status_code=200)
    return Response(answer.body, answer.status, media_type=answer.content_type)


def router(hooks: Hooks) -> APIRouter:
    routes = APIRouter()

    @routes.api_route("/hooks/{connection}", methods=["GET", "POST"])
    async def hook(request: Request, connection: str) -> Response:
        return await hooks.take(request, connection, "")

    @routes.api_route("/hooks/{connection}/{kind}", methods=["GET", "POST"])
    async def hook_of_kind(request: Request, connection: str, kind: str) -> Response:
        return await hooks.take(request, connection, kind)

    return routes
