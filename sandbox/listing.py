"""How to reach each emulated platform: addresses, fake credentials, webhook secrets, settings."""

from sandbox import people
from sandbox.acuity.book import calendar_email
from sandbox.acuity.model import FIRST_CALENDAR, REFERENCE_FIELD
from sandbox.credentials import (
    BUSINESS_EMAIL,
    BUSINESS_PHONE,
    INBOUND_DOMAIN,
    SLACK_CHANNEL,
    Credentials,
)
from sandbox.town import Town
from sandbox.wire import Json


def connections(base_url: str, town: Town) -> list[Json]:
    """One entry per platform, as seen from where the sandbox is reached by this address."""
    base, kit = base_url.rstrip("/"), town.kit
    entries = [
        _acuity(base, kit.secrets, kit.zone_name, limits=kit.config.limits),
        _google(base, kit.secrets, kit.zone_name, kit.config.clients),
        _twilio(base, kit.secrets),
        _sendgrid(base, kit.secrets),
        _slack(base, kit.secrets),
        *(platform.entry(base) for platform in town.others.values()),
    ]
    return [{**entry, "webhook_url": kit.config.hook(entry["connection"])} for entry in entries]


def _acuity(base: str, secrets: Credentials, zone: str, *, limits: bool) -> Json:
    return {
        "slug": "acuity",
        "connection": "acuity",
        "base_url": f"{base}/acuity/api/v1",
        "credentials": {"user_id": secrets.acuity_user, "api_key": secrets.acuity_key},
        "webhook_secrets": [secrets.acuity_key],
        "settings": {
            "zone": zone,
            "ref_field": str(REFERENCE_FIELD),
            **({} if limits else {"per_second": "1000"}),
        },
    }


def _google(base: str, secrets: Credentials, zone: str, clients: int) -> Json:
    calendars = [calendar_email(name) for name in people.practitioners(clients)]
    return {
        "slug": "google_calendar",
        "connection": "google",
        "base_url": f"{base}/google_calendar/calendar/v3",
        "credentials": {
            "client_id": secrets.google_client_id,
            "client_secret": secrets.google_client_secret,
            "refresh_token": secrets.google_refresh_token,
            "access_token": secrets.google_access_token,
        },
        "webhook_secrets": [secrets.google_channel_token],
        "settings": {
            "calendars": ",".join(calendars),
            "calendar_map": ",".join(
                f"{FIRST_CALENDAR + at}={calendar}" for at, calendar in enumerate(calendars)
            ),
            "token_url": f"{base}/google_calendar/token",
            "authorize_url": f"{base}/google_calendar/o/oauth2/v2/auth",
            "zone": zone,
            "link_fields": "acuity_id=acuity",
        },
    }


def _twilio(base: str, secrets: Credentials) -> Json:
    return {
        "slug": "twilio",
        "connection": "twilio",
        "base_url": f"{base}/twilio",
        "credentials": {"account_sid": secrets.twilio_sid, "auth_token": secrets.twilio_token},
        "webhook_secrets": [secrets.twilio_token],
        "settings": {"from": BUSINESS_PHONE},
    }


def _sendgrid(base: str, secrets: Credentials) -> Json:
    return {
        "slug": "sendgrid",
        "connection": "sendgrid",
        "base_url": f"{base}/sendgrid",
        "credentials": {"api_key": secrets.sendgrid_key},
        "webhook_secrets": [secrets.sendgrid_public_key, f"key:{secrets.inbound_key}"],
        "settings": {
            "from": BUSINESS_EMAIL,
            "from_name": "Harbour Street Studio",
            "inbound_domain": INBOUND_DOMAIN,
            "activity_api": "true",
        },
    }


def _slack(base: str, secrets: Credentials) -> Json:
    return {
        "slug": "slack",
        "connection": "slack",
        "base_url": f"{base}/slack/api/",
        "credentials": {"bot_token": secrets.slack_bot_token},
        "webhook_secrets": [secrets.slack_signing_secret],
        "settings": {"channel": SLACK_CHANNEL},
    }
