"""Graph's subscriptions: one for each mailbox, renewed before it lapses, made anew where it is gone."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from connectors.contract import Watch
from connectors.errors import NotFound
from connectors.http import Http
from connectors.parsing import documented, instant
from rebook.domain import clock

# 10,080 minutes is the most for Outlook by the page of 2026, 4,230 by older ones.
LIFETIME = timedelta(minutes=4200)


def keep(
    http: Http, mailboxes: Sequence[str], callback_url: str, secret: str, current: Watch | None
) -> Watch:
    """What still fits is renewed; the rest is made first and only then the old is removed."""
    mark = hashlib.sha256(f"{callback_url} {secret}".encode()).hexdigest()[:12]
    wanted = [f"{mailbox}#{mark}" for mailbox in mailboxes]
    standing = _pairs(current)
    made = [
        _renewed(http, standing.get(one, "")) or _opened(http, box, callback_url, secret)
        for one, box in zip(wanted, mailboxes, strict=True)
    ]
    for one, old in standing.items():
        if one not in wanted:
            with suppress(NotFound):
                http.delete(f"subscriptions/{quote(old, safe='')}")
    return Watch(
        id=",".join(number for number, _ends in made),
        resource=",".join(wanted),
        expires_at=min(ends for _number, ends in made),
    )


def _pairs(current: Watch | None) -> dict[str, str]:
    if current is None:
        return {}
    pairs = zip(current.resource.split(","), current.id.split(","), strict=False)
    return {resource: number for resource, number in pairs if number}


def _ends() -> str:
    return f"{clock.now() + LIFETIME:%Y-%m-%dT%H:%M:%SZ}"


def _renewed(http: Http, number: str) -> tuple[str, datetime] | None:
    if not number:
        return None
    try:
        path = f"subscriptions/{quote(number, safe='')}"
        return _read(http.patch(path, {"expirationDateTime": _ends()}))
    except NotFound:
        return None


def _opened(http: Http, mailbox: str, callback_url: str, secret: str) -> tuple[str, datetime]:
    body = {
        "changeType": "created,updated,deleted",
        "notificationUrl": callback_url,
        "lifecycleNotificationUrl": f"{callback_url}/lifecycle",
        "resource": f"/users/{mailbox}/events",
        "expirationDateTime": _ends(),
        "clientState": secret,
    }
    return _read(http.post("subscriptions", body))


def _read(made: Any) -> tuple[str, datetime]:
    with documented():
        return str(made["id"]), instant(made["expirationDateTime"])
