"""The platforms that stand beside the five of the first story. They are built when asked for by name."""

from importlib import import_module
from typing import Any, ClassVar, Protocol

from fastapi import APIRouter

from sandbox.kit import Kit
from sandbox.limits import Limit
from sandbox.wire import Json, Refusal

REGISTRY: dict[str, str] = {
    "activecampaign": "ActiveCampaign",
    "calendly": "Calendly",
    "freshdesk": "Freshdesk",
    "google_sheets": "GoogleSheets",
    "hubspot": "HubSpot",
    "jobber": "Jobber",
    "mailchimp": "Mailchimp",
    "outlook": "Outlook",
    "pipedrive": "Pipedrive",
    "quickbooks": "QuickBooks",
    "salesforce": "Salesforce",
    "servicetitan": "ServiceTitan",
    "square": "Square",
    "zendesk": "Zendesk",
    "zoho_crm": "ZohoCrm",
}
"""A folder here and the class in it."""


class Platform(Protocol):
    slug: ClassVar[str]
    limits: ClassVar[list[Limit]]
    """The vendor's documented rates."""

    def router(self) -> APIRouter:
        """What it serves, below `/<slug>`."""
        ...

    def controls(self) -> APIRouter:
        """What its people do, below `/_control/<slug>`."""
        ...

    def fault(self, status: int, wait: int, /) -> Refusal:
        """What it answers with such a status."""
        ...

    def state(self) -> Json:
        """What stands in it, for tests to look at."""
        ...

    def entry(self, base: str) -> Json:
        """How it is reached: connection, base_url, credentials, webhook_secrets, settings."""
        ...


def build(kit: Kit) -> dict[str, Platform]:
    """Those that were asked for. Raises `KeyError` for one that is not emulated."""
    return {slug: _class(slug)(kit) for slug in kit.config.platforms}


def limits() -> list[Limit]:
    return [limit for slug in REGISTRY for limit in _class(slug).limits]


def _class(slug: str) -> Any:
    return getattr(import_module(f"sandbox.{slug}"), REGISTRY[slug])
