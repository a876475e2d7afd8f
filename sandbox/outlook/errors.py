"""Graph's error body."""

from sandbox.wire import Refusal


def refusal(status: int, code: str, message: str) -> Refusal:
    inner = {"request-id": "sandbox", "client-request-id": "sandbox"}
    return Refusal(status, {"error": {"code": code, "message": message, "innerError": inner}})


def not_found() -> Refusal:
    return refusal(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def invalid(message: str) -> Refusal:
    return refusal(400, "ErrorInvalidRequest", message)
