"""Twenty vendors behind one contract. Importable and testable with no Prefect and no database."""

from collections.abc import Mapping
from importlib import import_module

from connectors.contract import Capability, Connector
from connectors.tokens import TokenStore

REGISTRY: dict[str, str] = {
    "activecampaign": "ActiveCampaign",
    "acuity": "Acuity",
    "calendly": "Calendly",
    "freshdesk": "Freshdesk",
    "google_calendar": "GoogleCalendar",
    "google_sheets": "GoogleSheets",
    "hubspot": "HubSpot",
    "jobber": "Jobber",
    "mailchimp": "Mailchimp",
    "outlook": "Outlook",
    "pipedrive": "Pipedrive",
    "quickbooks": "QuickBooks",
    "salesforce": "Salesforce",
    "sendgrid": "SendGrid",
    "servicetitan": "ServiceTitan",
    "slack": "Slack",
    "square": "Square",
    "twilio": "Twilio",
    "zendesk": "Zendesk",
    "zoho_crm": "ZohoCrm",
}


def connector_class(slug: str) -> type[Connector]:
    """The vendor's class by its slug. Raises `KeyError` for a platform we do not know."""
    name = REGISTRY[slug]
    found: type[Connector] = getattr(import_module(f"connectors.{slug}"), name)
    return found


def capabilities_of(slug: str) -> frozenset[Capability]:
    """What a platform can do; nothing where somebody entered one that we do not know."""
    return connector_class(slug).capabilities() if slug in REGISTRY else frozenset()


def connect(
    slug: str,
    base_url: str,
    settings: Mapping[str, str],
    credentials: Mapping[str, str],
    *,
    tokens: TokenStore | None = None,
) -> Connector:
    """A connector that can call its platform."""
    return connector_class(slug).connect(base_url, settings, credentials, tokens=tokens)


def door(slug: str, settings: Mapping[str, str]) -> Connector:
    """A connector for the web door: it verifies, answers and translates, and has no credentials."""
    return connector_class(slug).at_the_door(settings)
