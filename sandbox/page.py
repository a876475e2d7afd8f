"""The page at the root, where a person plays the client. Everything shown is escaped."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader

from sandbox import views
from sandbox.text import linked, mrkdwn
from sandbox.town import Town
from sandbox.week import week

# Mails are shown in frames without scripts; styles stand inline in mails and in the week's blocks.
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
FAULT_KINDS = [
    ("drop", "lose the webhook"),
    ("duplicate", "deliver the webhook 5 times"),
    ("reorder", "deliver webhooks out of order"),
    ("429", "answer 429, too many requests"),
    ("500", "answer 500"),
    ("503", "answer 503"),
    ("acted_500", "act, then answer 500"),
    ("acted_timeout", "act, then never answer"),
    ("refused", "cut the connection before acting"),
    ("delay", "answer late"),
]


def router(town: Town) -> APIRouter:
    routes = APIRouter()
    templates = Environment(loader=PackageLoader("sandbox"), autoescape=True)
    templates.filters |= {"linked": linked, "mrkdwn": mrkdwn}

    @routes.get("/", response_class=HTMLResponse)
    async def home(thread: str = "") -> HTMLResponse:
        html = templates.get_template("home.html").render(_shown(town, thread))
        return HTMLResponse(html, headers={"Content-Security-Policy": POLICY})

    return routes


def _shown(town: Town, thread: str) -> dict[str, Any]:
    return {
        "now": town.clock.now().astimezone(town.kit.zone),
        "offset": views.moved(town.clock.offset()),
        "zone": town.kit.zone_name,
        "upcoming": views.upcoming(town),
        "threads": views.threads(town),
        "open_thread": views.open_thread(town, thread),
        "mails": views.mails(town),
        "slack": town.slack.channel.messages,
        "week": week(town),
        "faults": town.faults.ordered,
        "fault_kinds": FAULT_KINDS,
        "platforms": list(town.platforms()),
        "deliveries": views.deliveries(town),
    }
