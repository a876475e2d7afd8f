"""The one webhook of ours in an account. What our own API calls change is not told to us: no echoes."""

from contextlib import suppress

from connectors.activecampaign.account import Account, Row, number
from connectors.contract import Watch
from connectors.errors import NotFound
from connectors.parsing import documented

NAME = "Rebook"
KEY = "key"
EVENTS = ["deal_add", "deal_update", "unsubscribe", "sms_unsub"]
SOURCES = ["public", "admin", "system"]


def renewed(account: Account, callback_url: str, address: str, current: Watch | None) -> Watch:
    """Keeps what calls this address for these events. An answered 410 switches one off for good."""
    with documented():
        ours = [
            row
            for row in account.rows("webhooks", "webhooks")
            if str(row["url"]).partition("?")[0] == callback_url
        ]
        kept = next((str(row["id"]) for row in ours if _is_as_wanted(row, address)), None)
        if kept is None:
            wanted = {"name": NAME, "url": address, "events": EVENTS, "sources": SOURCES}
            made = account.http.post("webhooks", {"webhook": wanted})
            kept = str(int(made["webhook"]["id"]))
        old = {str(row["id"]) for row in ours} | ({current.id} if current else set())
    for one in sorted(old - {kept}):
        with suppress(NotFound):
            account.http.delete(f"webhooks/{number(one)}")
    return Watch(kept, callback_url)


def _is_as_wanted(row: Row, address: str) -> bool:
    same = set(row["events"]) == set(EVENTS) and set(row["sources"]) == set(SOURCES)
    return same and str(row["url"]) == address and str(row.get("state", "1")) != "0"
