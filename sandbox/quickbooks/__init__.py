"""QuickBooks Online, emulated: https://developer.intuit.com/app/developer/qbo/docs/api/accounting"""

from typing import ClassVar

from fastapi import APIRouter

from sandbox.kit import Kit
from sandbox.limits import Limit
from sandbox.quickbooks.books import LINK, REALM, Books
from sandbox.quickbooks.oauth import Tokens
from sandbox.quickbooks.routes import routers
from sandbox.quickbooks.wire import gateway, refusal
from sandbox.wire import Json, Refusal


class QuickBooks:
    slug = "quickbooks"
    limits: ClassVar[list[Limit]] = [
        Limit("quickbooks", "/v3/company/", 500, 60.0),
        Limit("quickbooks", "/v3/company/", 10, 1.0),
    ]

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.tokens = Tokens(kit)
        self.books = Books(kit)

    def router(self) -> APIRouter:
        return routers(self.books, self.tokens)

    def controls(self) -> APIRouter:
        """What the bookkeeper does, and what Intuit does to tokens and webhooks."""
        routes = APIRouter(prefix="/_control/quickbooks")

        @routes.post("/{number}/cancel")
        async def cancel(number: str) -> Json:
            self.books.void(number)
            return {"cancelled": number}

        @routes.post("/{number}/missed")
        async def missed(number: str) -> Json:
            self.books.charge_noshow(number)
            return {"missed": number}

        @routes.post("/{number}/delete")
        async def delete(number: str) -> Json:
            self.books.delete(number)
            return {"deleted": number}

        @routes.post("/{number}/note/{text}")
        async def note(number: str, text: str) -> Json:
            self.books.change(number, {"PrivateNote": text})
            return {"noted": number}

        @routes.post("/legacy_webhooks")
        async def legacy() -> Json:
            self.books.legacy = True
            return {"legacy": True}

        @routes.post("/expire_tokens")
        async def expire() -> Json:
            self.tokens.expire_all()
            return {"expired": True}

        @routes.post("/revoke")
        async def revoke() -> Json:
            self.tokens.revoke()
            return {"revoked": True}

        return routes

    def fault(self, status: int, _wait: int) -> Refusal:
        """Over the limit is 429 without a Retry-After."""
        if status == 429:
            return gateway(429, "003001", "message=ThrottleExceeded; errorCode=003001")
        if status == 401:
            return gateway(401, "3200", "message=AuthenticationFailed; statusCode=401")
        return refusal(status, "10000", "An application error has occurred", "SystemFault")

    def state(self) -> Json:
        return {
            "invoices": list(self.books.invoices.values()),
            "deleted": list(self.books.deleted),
        }

    def entry(self, base: str) -> Json:
        client, secret = self.tokens.client
        return {
            "slug": self.slug,
            "connection": self.slug,
            "base_url": f"{base}/quickbooks",
            "credentials": {
                "client_id": client,
                "client_secret": secret,
                "refresh_token": self.tokens.refresh,
                "access_token": self.tokens.access,
            },
            "webhook_secrets": [self.books.verifier],
            "settings": {
                "realm_id": REALM,
                "token_url": f"{base}/quickbooks/oauth2/v1/tokens/bearer",
                "authorize_url": f"{base}/quickbooks/connect/oauth2",
                "link_fields": f"{LINK}=acuity",
                "zone": self.kit.zone_name,
            },
        }
