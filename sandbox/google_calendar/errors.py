"""Google's error body."""

from sandbox.wire import Json, Refusal


def refusal(
    status: int, reason: str, message: str, *, domain: str = "global", location: str = ""
) -> Refusal:
    error: Json = {"domain": domain, "reason": reason, "message": message}
    if location:
        error |= {"locationType": "parameter", "location": location}
    return Refusal(status, {"error": {"errors": [error], "code": status, "message": message}})


def not_found() -> Refusal:
    return refusal(404, "notFound", "Not Found")


def invalid(message: str, location: str = "") -> Refusal:
    return refusal(400, "invalid", message, location=location)
