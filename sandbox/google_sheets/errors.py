"""The error body of Google's newer APIs: a code, a message and a status word."""

from sandbox.wire import Refusal

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}


def refusal(status: int, word: str, message: str) -> Refusal:
    return Refusal(status, {"error": {"code": status, "message": message, "status": word}})


def invalid(message: str) -> Refusal:
    return refusal(400, "INVALID_ARGUMENT", message)


def not_found() -> Refusal:
    return refusal(404, "NOT_FOUND", "Requested entity was not found.")
