"""Freshdesk's errors and times."""

from datetime import UTC, datetime

from sandbox.wire import Refusal


def invalid(field: str, code: str = "invalid_value") -> Refusal:
    error = {"field": field, "message": "It is not as it should be.", "code": code}
    return Refusal(400, {"description": "Validation failed", "errors": [error]})


def coded(status: int, code: str) -> Refusal:
    return Refusal(status, {"code": code, "message": "The request could not be served."})


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
