"""Calendly's JSON: addresses, times, lists and refusals."""

from datetime import UTC, datetime

from sandbox.wire import Json, Refusal

API = "https://api.calendly.com"


def uri(kind: str, number: str) -> str:
    return f"{API}/{kind}/{number}"


def last(address: object) -> str:
    return str(address).rsplit("/", 1)[-1]


def stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def read_time(value: object, name: str) -> datetime:
    try:
        parsed = datetime.fromisoformat(str(value))
    except ValueError:
        raise invalid(name, "is not a time") from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def refusal(status: int, title: str, message: str) -> Refusal:
    return Refusal(status, {"title": title, "message": message})


def invalid(parameter: str, message: str) -> Refusal:
    details = [{"parameter": parameter, "message": message}]
    words = "The supplied parameters are invalid."
    return Refusal(400, {"title": "Invalid Argument", "message": words, "details": details})


def not_found() -> Refusal:
    return refusal(404, "Resource Not Found", "The server could not find the requested resource.")


def forbidden(message: str) -> Refusal:
    return refusal(403, "Permission Denied", message)


def listed(rows: list[Json], query: dict[str, str], path: str) -> Json:
    """A page of at most a hundred; the token is opaque to those who ask."""
    count = int(query["count"]) if query.get("count", "").isdigit() else 20
    token = query.get("page_token", "")
    offset = int(token.removeprefix("p")) if token.removeprefix("p").isdigit() else 0
    count = max(1, min(count, 100))
    more = offset + count < len(rows)
    following = f"p{offset + count}" if more else None
    link = f"{API}{path}?count={count}&page_token={following}" if more else None
    paging = {
        "count": len(rows[offset : offset + count]),
        "next_page": link,
        "previous_page": None,
        "next_page_token": following,
        "previous_page_token": None,
    }
    return {"collection": rows[offset : offset + count], "pagination": paging}
