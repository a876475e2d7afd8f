"""Zendesk's errors and times."""

from datetime import UTC, datetime

from sandbox.wire import Json, Refusal


def refusal(status: int, error: str, description: str) -> Refusal:
    return Refusal(status, {"error": error, "description": description})


def not_found() -> Refusal:
    return refusal(404, "RecordNotFound", "Not found")


def invalid(field: str, description: str) -> Refusal:
    details = {field: [{"description": description, "error": "InvalidValue"}]}
    body: Json = {"error": "RecordInvalid", "description": "Record validation errors"}
    return Refusal(422, {**body, "details": details})


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
