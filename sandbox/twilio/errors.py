"""Twilio's error body."""

from sandbox.wire import Refusal


def refusal(status: int, code: int, message: str) -> Refusal:
    return Refusal(
        status,
        {
            "code": code,
            "message": message,
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": status,
        },
    )
