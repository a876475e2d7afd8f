"""Square's webhook subscription: made by an admin, who gets its signing key; checked and mended here."""

from connectors.contract import Watch
from connectors.errors import Refused
from connectors.http import Http, after
from connectors.parsing import documented

EVENTS = {"booking.created", "booking.updated"}


def checked(http: Http, callback_url: str) -> Watch:
    """Square invents the signing key itself, so a subscription made here could not be verified."""
    listed = http.pages("v2/webhooks/subscriptions", after("cursor"), include_disabled=True)
    for page in listed:
        with documented():
            rows = [dict(row) for row in page.get("subscriptions") or []]
            own = [row for row in rows if row["notification_url"] == callback_url]
            told = [
                (str(row["id"]), bool(row.get("enabled")), set(row["event_types"])) for row in own
            ]
        for number, enabled, events in told:
            if not enabled or not events >= EVENTS:
                mended = {"enabled": True, "event_types": sorted(events | EVENTS)}
                http.put(f"v2/webhooks/subscriptions/{number}", {"subscription": mended})
            return Watch(id=number, resource=callback_url)
    raise Refused("the developer console has no subscription of this address", code="no_webhook")
