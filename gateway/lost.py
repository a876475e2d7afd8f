"""A client without their link asks for a new one. The answer is the same whether we know them or not:
this process cannot know, and a worker sends the link by message."""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import timedelta

from fastapi import APIRouter, Request, Response

from gateway import arrivals, language, render
from gateway.site import OWN_PAGES_ONLY, READING, Site
from gateway.throttle import Throttle
from gateway.visitors import block_of

ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,180}\.[^@\s]{1,60}")
NUMBER = re.compile(r"\+?[0-9]{6,15}")
SPACING = re.compile(r"[\s().\-/]+")


@dataclass
class LostLinks:
    """One request a contact in ten minutes is passed on, and so many from an address and from all."""

    site: Site
    each: Throttle = field(default_factory=lambda: Throttle(1, timedelta(minutes=10)))
    address: Throttle = field(default_factory=lambda: Throttle(10, timedelta(minutes=10)))
    all: Throttle = field(default_factory=lambda: Throttle(60, timedelta(minutes=1)))

    async def show(self, request: Request) -> Response:
        return self._page(request, "lost")

    async def ask(self, request: Request) -> Response:
        form = await self.site.form(request)
        contact = contact_of(form.get("contact", ""))
        if not contact or form.get("website"):
            return self._page(request, "lost", 422, alert="lost_bad")
        settings = self.site.settings
        who = block_of(request.scope, settings.proxies, settings.gateway_address_header)
        if (who and not self.address.lets_pass(who)) or not self.all.lets_pass():
            busy = self._page(request, "busy", 429, what="lost_busy", back="/lost")
            busy.headers["Retry-After"] = "60"
            return busy
        mark = self._mark(contact)
        if self.each.lets_pass(mark):
            key = self.site.settings.seal_public
            await self.site.store(arrivals.own(key, "lost", mark, {"contact": contact}))
        return self._page(request, "sent")

    def _mark(self, contact: str) -> str:
        """A plain digest of a phone number could be undone by trying them all."""
        key = self.site.settings.door_key.get_secret_value().encode()
        return hmac.new(key, f"lost {contact}".encode(), hashlib.sha256).hexdigest()

    def _page(self, request: Request, template: str, status: int = 200, **values: str) -> Response:
        words = language.of(request, self.site.settings)
        shown = {"alert": "", **values}
        response = render.page(template, words, status, here="/lost", **shown)
        response.headers.update(OWN_PAGES_ONLY)
        language.remember(request, response, self.site.settings)
        return response


def contact_of(text: str) -> str:
    """An address in lower case, or a number without its spacing; empty for what is neither."""
    text = text.strip()
    if ADDRESS.fullmatch(text):
        return text.lower()
    number = SPACING.sub("", text)
    return number if number.isascii() and NUMBER.fullmatch(number) else ""


def router(site: Site) -> APIRouter:
    routes, lost = APIRouter(), LostLinks(site)

    @routes.api_route("/lost", methods=READING)
    async def show(request: Request) -> Response:
        return await lost.show(request)

    @routes.post("/lost")
    async def ask(request: Request) -> Response:
        return await lost.ask(request)

    return routes
