"""Our own connector on a running sandbox, and what arrived at the gateway as our door would take it."""

from datetime import UTC, datetime

from connectors import connect, connector_class
from connectors.contract import Connector, StoredWebhook, Translated, WebhookRequest
from rebook.domain.appointments import Appointment
from tests.sandbox.conftest import Received, Running


def reach(running: Running, name: str, **settings: str) -> Connector:
    entry = running.connection(name)
    return connect(
        entry["slug"],
        entry["base_url"],
        {**entry["settings"], **settings},
        entry["credentials"],
    )


def polled(one: Connector, cursor: str | None = None) -> tuple[list[Appointment], list[str], str]:
    """What one poll tells, what is gone, and the cursor that follows."""
    pages = list(one.poll_changes(cursor))
    assert pages[-1].last
    found = [found for page in pages for found in page.appointments]
    return found, [one for page in pages for one in page.gone], pages[-1].cursor


def heard(running: Running, name: str, arrived: Received, *known: str) -> list[Translated]:
    """Verified with the secrets given or those of the address book. Raises `BadSignature`."""
    entry = running.connection(name)
    door = connector_class(entry["slug"]).at_the_door(entry["settings"])
    secrets = [secret.encode() for secret in known or entry["webhook_secrets"]]
    url = entry["webhook_url"].partition("/hooks/")[0] + arrived.path
    door.verify(WebhookRequest("POST", url, arrived.headers, arrived.body), secrets)
    now = datetime.now(UTC)
    return door.translate(StoredWebhook("", url, arrived.headers, arrived.body, now))
