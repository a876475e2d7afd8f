"""Our own connectors on the running sandbox, built as production builds them."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from connectors import connect, door
from connectors.contract import Connector, Page, StoredWebhook, Translated, WebhookRequest
from rebook.domain.appointments import Appointment
from tests.sandbox.conftest import Received, Running


def connector(sandbox: Running, name: str, **settings: str) -> Connector:
    entry = sandbox.connection(name)
    told = {**entry["settings"], **settings}
    return connect(entry["slug"], entry["base_url"], told, entry["credentials"])


def polled(one: Connector, cursor: str | None = None) -> tuple[list[Appointment], str]:
    """All that a poll brings, and the cursor to go on from."""
    pages: list[Page] = list(one.poll_changes(cursor))
    return [found for page in pages for found in page.appointments], pages[-1].cursor


def heard(sandbox: Running, name: str, hook: Received) -> list[Translated]:
    """What our door makes of a delivery: it is verified first."""
    entry = sandbox.connection(name)
    ours = door(entry["slug"], entry["settings"])
    parts = urlsplit(entry["webhook_url"])
    url = f"{parts.scheme}://{parts.netloc}{hook.path}"
    secrets = [secret.encode() for secret in entry["webhook_secrets"]]
    ours.verify(WebhookRequest("POST", url, hook.headers, hook.body), secrets)
    return ours.translate(StoredWebhook("", url, hook.headers, hook.body, datetime.now(UTC)))
