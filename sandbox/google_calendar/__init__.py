"""Google Calendar v3, emulated: https://developers.google.com/workspace/calendar/api"""

from fastapi import APIRouter

from sandbox.acuity.book import Book
from sandbox.google_calendar.errors import refusal
from sandbox.google_calendar.mirror import mirrored
from sandbox.google_calendar.oauth import Tokens
from sandbox.google_calendar.routes import routers
from sandbox.google_calendar.store import Store
from sandbox.kit import Kit
from sandbox.wire import Json, Refusal


class GoogleCalendar:
    slug = "google_calendar"

    def __init__(self, kit: Kit, book: Book) -> None:
        self.kit = kit
        self.tokens = Tokens(kit)
        self.store = Store(kit, [(c.email, c.name) for c in book.calendars.values()])
        for one in book.appointments.values():
            self.store.insert(one.calendar.email, mirrored(one))

    def router(self) -> APIRouter:
        return routers(self.store, self.tokens)

    def fault(self, status: int, _wait: int) -> Refusal:
        """Over quota is 403 or 429 at Google, without a promised Retry-After."""
        reasons = {
            401: ("global", "authError", "Invalid Credentials"),
            403: ("usageLimits", "rateLimitExceeded", "Rate Limit Exceeded"),
            410: ("calendar", "fullSyncRequired", "Sync token is no longer valid."),
            429: ("usageLimits", "rateLimitExceeded", "Rate Limit Exceeded"),
        }
        domain, reason, message = reasons.get(status, ("global", "backendError", "Backend Error"))
        return refusal(status, reason, message, domain=domain)

    def state(self) -> Json:
        return {
            "events": [
                {"calendar": calendar.id, **event}
                for calendar in self.store.calendars.values()
                for event in calendar.events.values()
            ],
            "channels": [channel.shown() for channel in self.store.push.channels.values()],
        }
