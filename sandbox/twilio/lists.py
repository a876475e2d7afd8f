"""Twilio's list of messages: newest first, filtered, page by page."""

from datetime import date
from urllib.parse import urlencode

from sandbox.twilio.errors import refusal
from sandbox.twilio.phone import Phone
from sandbox.twilio.sms import Sms
from sandbox.wire import Json

FILTERS = ["To", "From", "DateSent", "DateSent<", "DateSent>"]


def messages_page(phone: Phone, query: dict[str, str]) -> Json:
    """A page token names the last message shown, so that new ones do not shift the pages."""
    size = _number(query.get("PageSize"), 50, most=1000)
    page = _number(query.get("Page"), 0, most=10**6)
    found = [one for one in reversed(phone.messages) if _wanted(one, query)]
    start = _after(found, query["PageToken"]) if query.get("PageToken") else page * size
    shown = found[start : start + size]
    kept = {name: query[name] for name in FILTERS if query.get(name)} | {"PageSize": size}
    path = f"/2010-04-01/Accounts/{phone.kit.secrets.twilio_sid}/Messages.json"
    more = start + size < len(found)
    following = {**kept, "Page": page + 1, "PageToken": f"PA{shown[-1].sid}"} if more else None
    previous = {**kept, "Page": page - 1} if page else None
    return {
        "messages": [phone.shown(one) for one in shown],
        "page": page,
        "page_size": size,
        "start": start,
        "end": start + max(len(shown) - 1, 0),
        "uri": f"{path}?{urlencode({**kept, 'Page': page})}",
        "first_page_uri": f"{path}?{urlencode({**kept, 'Page': 0})}",
        "next_page_uri": f"{path}?{urlencode(following)}" if following else None,
        "previous_page_uri": f"{path}?{urlencode(previous)}" if previous else None,
    }


def _wanted(one: Sms, query: dict[str, str]) -> bool:
    return (
        query.get("To") in (None, "", one.to)
        and query.get("From") in (None, "", one.sender)
        and all(_sent_when(one, name, query[name]) for name in FILTERS[2:] if query.get(name))
    )


def _sent_when(one: Sms, name: str, text: str) -> bool:
    """Messages not yet sent have no date and match no date filter."""
    try:
        wanted = date.fromisoformat(text[:10])
    except ValueError:
        raise refusal(400, 20001, f"Invalid value for {name}.") from None
    if one.sent is None:
        return False
    day = one.sent.date()
    return {"DateSent": day == wanted, "DateSent<": day <= wanted, "DateSent>": day >= wanted}[name]


def _after(found: list[Sms], token: str) -> int:
    sids = [f"PA{one.sid}" for one in found]
    if token not in sids:
        raise refusal(400, 20006, "The page token is not valid.")
    return sids.index(token) + 1


def _number(text: str | None, default: int, *, most: int) -> int:
    if not text:
        return default
    if not (text.isascii() and text.isdigit()):
        raise refusal(400, 20006, "The page or page size is not valid.")
    return min(int(text), most)
