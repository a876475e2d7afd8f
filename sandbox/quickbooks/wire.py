"""QuickBooks' faults and times: Pacific time with its offset."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sandbox.wire import Json, Refusal

PACIFIC = ZoneInfo("America/Los_Angeles")


def refusal(status: int, code: str, message: str, kind: str = "ValidationFault") -> Refusal:
    error = {"Message": message, "Detail": message, "code": code, "element": ""}
    return Refusal(status, {"Fault": {"Error": [error], "type": kind}})


def gateway(status: int, code: str, message: str) -> Refusal:
    """The gateway before the books answers in lower case."""
    error: Json = {"message": message, "detail": None, "code": code, "element": None}
    return Refusal(status, {"fault": {"error": [error], "type": "SERVICE"}})


def stamp(moment: datetime) -> str:
    return moment.astimezone(PACIFIC).isoformat(timespec="seconds")
