"""Square's JSON: refusals and times."""

from datetime import UTC, datetime

from sandbox.wire import Json, Refusal

CATEGORIES = {
    401: "AUTHENTICATION_ERROR",
    403: "AUTHENTICATION_ERROR",
    429: "RATE_LIMIT_ERROR",
    500: "API_ERROR",
}


def refusal(status: int, code: str, detail: str, field: str = "") -> Refusal:
    category = CATEGORIES.get(min(status, 500), "INVALID_REQUEST_ERROR")
    error: Json = {"category": category, "code": code, "detail": detail}
    return Refusal(status, {"errors": [error | ({"field": field} if field else {})]})


def not_found(what: str) -> Refusal:
    return refusal(404, "NOT_FOUND", f"The {what} was not found.")


def invalid(field: str, code: str = "INVALID_VALUE") -> Refusal:
    return refusal(400, code, "The value cannot be used.", field)


def read_time(value: object, field: str) -> datetime:
    try:
        parsed = datetime.fromisoformat(str(value))
    except ValueError:
        raise invalid(field, "INVALID_TIME") from None
    if parsed.tzinfo is None:
        raise invalid(field, "INVALID_TIME")
    return parsed.astimezone(UTC)


def stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
