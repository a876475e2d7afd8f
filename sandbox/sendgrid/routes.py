"""SendGrid's HTTP surface, behind the API key."""

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from sandbox.sendgrid.activity import detail, search
from sandbox.sendgrid.mail import refusal
from sandbox.sendgrid.mailbox import Mailbox
from sandbox.wire import BadBody, Json, read_json

SCOPES = ["mail.send", "messages.read", "user.webhooks.event.settings.read"]


def router(mailbox: Mailbox) -> APIRouter:
    routes = APIRouter(prefix="/sendgrid/v3", dependencies=[Depends(_guard(mailbox))])
    _sending(routes, mailbox)
    _suppressions(routes, mailbox)
    return routes


async def _body(request: Request) -> Json:
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise refusal("Content-Type should be application/json.", status=415)
    try:
        return await read_json(request)
    except BadBody:
        raise refusal("Bad Request") from None


def _sending(routes: APIRouter, mailbox: Mailbox) -> None:
    @routes.post("/mail/send")
    async def send(request: Request) -> Response:
        """In sandbox mode the vendor checks, sends nothing and answers 200."""
        body = await _body(request)
        before = len(mailbox.mails)
        message_id = mailbox.send(body)
        status = 202 if len(mailbox.mails) > before else 200
        return Response(status_code=status, headers={"X-Message-Id": message_id})

    @routes.get("/scopes")
    async def scopes() -> Json:
        return {"scopes": SCOPES}

    @routes.get("/messages")
    async def messages(query: str = "", limit: str = "10") -> Json:
        return search(mailbox, query, limit)

    @routes.get("/messages/{message_id}")
    async def message(message_id: str) -> Json:
        return detail(mailbox.find(message_id))


def _suppressions(routes: APIRouter, mailbox: Mailbox) -> None:
    @routes.get("/asm/suppressions/global/{email}")
    async def suppressed(email: str) -> Json:
        return {"recipient_email": email} if email.lower() in mailbox.suppressed else {}

    @routes.post("/asm/suppressions/global", status_code=201)
    async def suppress(request: Request) -> Json:
        emails = (await _body(request)).get("recipient_emails") or []
        mailbox.suppressed |= {str(email).lower() for email in emails}
        return {"recipient_emails": emails}


def _guard(mailbox: Mailbox) -> Any:
    async def guard(request: Request) -> None:
        wanted = f"Bearer {mailbox.kit.secrets.sendgrid_key}"
        if request.headers.get("authorization") != wanted:
            raise refusal(
                "The provided authorization grant is invalid, expired, or revoked", status=401
            )

    return guard
