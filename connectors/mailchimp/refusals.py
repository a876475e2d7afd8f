"""Who unsubscribed since the last look: webhooks get lost, and Mailchimp gives them up after a while.

The cursor is `{"since": instant}`; it never holds a person.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from connectors.contract import Page
from connectors.http import Http
from connectors.mailchimp.client import rows
from connectors.parsing import documented, instant
from rebook.domain import clock
from rebook.domain.messages import Channel, OptOut

OVERLAP = timedelta(minutes=10)
AT_ONCE = 200


def pages(http: Http, list_id: str, cursor: str | None, days_back: int) -> Iterator[Page]:
    """Each is told in one poll, or in a few close together: who agrees again later must stay heard."""
    began = clock.now()
    since = _load(cursor) or began - timedelta(days=days_back)
    listed = rows(
        http,
        f"lists/{list_id}/members",
        "members",
        status="unsubscribed",
        since_last_changed=since.isoformat(timespec="seconds"),
        fields="members.email_address",
    )
    found: list[OptOut] = []
    for row in listed:
        with documented():
            found.append(OptOut(Channel.EMAIL, str(row["email_address"])))
        if len(found) == AT_ONCE:
            yield Page([], _dump(since), opt_outs=found)
            found = []
    yield Page([], _dump(began - OVERLAP), opt_outs=found, last=True)


def _dump(since: datetime) -> str:
    return json.dumps({"since": since.isoformat()})


def _load(cursor: str | None) -> datetime | None:
    """A cursor we cannot read is none: the last weeks are read again."""
    try:
        return instant(json.loads(cursor or "{}")["since"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
