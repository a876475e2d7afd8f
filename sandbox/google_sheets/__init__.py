"""Google Sheets v4, emulated: https://developers.google.com/workspace/sheets/api/reference/rest"""

from typing import ClassVar

from fastapi import APIRouter

from sandbox.google_calendar.oauth import Tokens
from sandbox.google_sheets.book import TAB, Book
from sandbox.google_sheets.controls import controls
from sandbox.google_sheets.errors import STATUSES, refusal
from sandbox.google_sheets.routes import routers
from sandbox.google_sheets.script import Script
from sandbox.kit import Kit
from sandbox.limits import Limit
from sandbox.wire import Json, Refusal


class GoogleSheets:
    slug: ClassVar[str] = "google_sheets"
    # 60 readings and 60 writings a minute for a user of a project: counted together here.
    limits: ClassVar[list[Limit]] = [Limit("google_sheets", "/v4/", 120, 60.0)]

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.tokens = Tokens(kit)
        self.book = Book(kit)
        self.script = Script(kit)

    def router(self) -> APIRouter:
        return routers(self.book, self.tokens)

    def controls(self) -> APIRouter:
        return controls(self.book, self.script)

    def fault(self, status: int, _wait: int) -> Refusal:
        """Google promises no Retry-After here."""
        return refusal(status, STATUSES.get(status, "INTERNAL"), "The request was not served.")

    def state(self) -> Json:
        return {"rows": self.book.shown()}

    def entry(self, base: str) -> Json:
        known = self.kit.secrets
        return {
            "slug": self.slug,
            "connection": "google-sheets",
            "base_url": f"{base}/{self.slug}",
            "credentials": {
                "client_id": known.google_client_id,
                "client_secret": known.google_client_secret,
                "refresh_token": known.google_refresh_token,
                "access_token": known.google_access_token,
            },
            "webhook_secrets": [self.script.secret],
            "settings": {
                "spreadsheet": self.book.id,
                "sheet": TAB,
                "token_url": f"{base}/{self.slug}/token",
                "authorize_url": f"{base}/{self.slug}/o/oauth2/v2/auth",
                "zone": self.kit.zone_name,
                "link_fields": "acuity_id=acuity",
            },
        }
