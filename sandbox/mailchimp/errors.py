"""Mailchimp's errors: RFC 7807, with a type, a title and a detail."""

from sandbox.wire import Refusal

ABOUT = "https://mailchimp.com/developer/marketing/docs/errors/"


def problem(status: int, title: str, detail: str = "The request was not served.") -> Refusal:
    told = {
        "type": ABOUT,
        "title": title,
        "status": status,
        "detail": detail,
        "instance": "sandbox",
    }
    return Refusal(status, told, {"Content-Type": "application/problem+json"})


def not_found() -> Refusal:
    return problem(404, "Resource Not Found", "The requested resource could not be found.")


def invalid(detail: str) -> Refusal:
    return problem(400, "Invalid Resource", detail)
