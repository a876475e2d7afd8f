"""Connecting a platform: what was entered is checked, tried with one call, saved and subscribed."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import PrefectException
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.types import SecretDict

from blocks import ledger_copy
from blocks.connection import Connection as Block
from connectors import connect, connector_class
from connectors.contract import Capability
from connectors.errors import ConnectorError
from connectors.forms import BadForm, Form, Secret, form_of
from connectors.oauth import MemoryTokens
from rebook.db.session import ledger
from rebook.db.tables import Connection as Row
from rebook.services import connections, door_secrets
from rebook.services.connections import Account
from rebook.settings import settings
from runtime import register
from runtime.prefect_place import api_url
from tasks.watches import subscribe

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
TOKENS = ("access_token", "refresh_token", "expires_at")
OUR_ADDRESS = "https://<your address>"
"""In the steps that are left, where `REBOOK_PUBLIC_URL` is not set and no house runs."""
PARTS = {"base_url", "settings", "credentials", "webhook_secrets"}


class CannotConnect(Exception):
    """Why nothing was saved. Quotes no value that was entered."""


@dataclass
class Entered:
    """What an admin gave. Lives in memory only."""

    base_url: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    credentials: dict[str, str] = field(default_factory=dict, repr=False)
    webhook_secrets: dict[str, str] = field(default_factory=dict, repr=False)
    tokens: dict[str, str] = field(default_factory=dict, repr=False)
    """What a sign-in gave."""


@dataclass(frozen=True)
class Connected:
    """What stands now, and what is left to the admin."""

    account_name: str
    steps: tuple[str, ...]
    watching: bool = False
    watch_fault: str = ""
    in_prefect: bool = True


def read(text: str) -> Entered:
    """The JSON of a file. Raises `CannotConnect`."""
    try:
        given = json.loads(text)
    except ValueError:
        raise CannotConnect("the input is not JSON") from None
    if not isinstance(given, dict) or not PARTS.issuperset(given):
        raise CannotConnect(f"the input must be an object with {', '.join(sorted(PARTS))} only")
    return Entered(
        str(given.get("base_url") or ""),
        *(_texts(given, part) for part in ("settings", "credentials", "webhook_secrets")),
    )


def _texts(given: Mapping[str, Any], part: str) -> dict[str, str]:
    found = given.get(part) or {}
    if not isinstance(found, dict):
        raise CannotConnect(f"{part} must be an object")
    if any(isinstance(value, dict | list) or value is None for value in found.values()):
        raise CannotConnect(f"{part} must hold plain values")
    return {name: _text(value) for name, value in found.items()}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def set_up(slug: str, name: str, entered: Entered) -> Connected:
    """Raises `CannotConnect`, and then nothing was changed."""
    form = _checked(slug, name, entered)
    tokens = MemoryTokens(_tokens(entered.credentials) | entered.tokens)
    told = _tried(slug, entered, tokens)
    secrets = _secrets(form, entered, name)
    account = Account(name, slug, entered.base_url, entered.settings, entered.credentials)
    in_prefect = _save(account, secrets, tokens.read())
    watching, fault = _subscribed(slug, name)
    hook = f"{settings().public_url.rstrip('/') or OUR_ADDRESS}/hooks/{name}"
    word = next(iter(secrets), "")
    steps = tuple(step.format(hook=hook, secret=word) for step in form.steps)
    return Connected(told, steps, watching, fault, in_prefect)


def _tokens(credentials: Mapping[str, str]) -> dict[str, str]:
    """What rotates from now on; a token without a refresh token never does."""
    if "refresh_token" not in credentials:
        return {}
    return {name: credentials[name] for name in TOKENS if name in credentials}


def _checked(slug: str, name: str, entered: Entered) -> Form:
    form = check_before(slug, name, entered, later=())
    try:
        form.check_credentials(entered.credentials)
    except BadForm as error:
        raise CannotConnect(str(error)) from None
    return form


def check_before(slug: str, name: str, entered: Entered, *, later: Collection[str]) -> Form:
    """What can be known before somebody signs in. Raises `CannotConnect`."""
    try:
        form = form_of(slug)
        form.check_address(entered.base_url)
        form.check_settings(entered.settings, later=later)
    except BadForm as error:
        raise CannotConnect(str(error)) from None
    if not NAME.fullmatch(name):
        raise CannotConnect("a connection's name is made of a-z, 0-9 and dashes, 40 at most")
    secret = form.secret_for(entered.credentials)
    if secret is Secret.THEIRS and not any(entered.webhook_secrets.values()):
        raise CannotConnect(f"webhook_secrets are missing: {secret}")
    with ledger() as session:
        known = session.get(Row, name)
    if known is not None and known.slug != slug:
        raise CannotConnect(f"the connection {name} is one to {known.slug}: choose another name")
    return form


def _tried(slug: str, entered: Entered, tokens: MemoryTokens) -> str:
    """One harmless call with what was entered."""
    try:
        connector = connect(
            slug, entered.base_url, entered.settings, entered.credentials, tokens=tokens
        )
        return connector.check()
    except ConnectorError as error:
        said = f"{type(error).__name__} ({error})"
        raise CannotConnect(f"the platform did not take it: {said}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise CannotConnect(f"the credentials cannot be used: {type(error).__name__}") from None


def _secrets(form: Form, entered: Entered, name: str) -> list[str]:
    """What the block holds. A word of ours that is in use already is kept: it stands at the vendor."""
    given = [value for value in entered.webhook_secrets.values() if value]
    if given or form.secret_for(entered.credentials) in (Secret.THEIRS, Secret.LEARNED):
        return given
    if form.secret is Secret.CREDENTIAL:
        return [entered.credentials[form.signs_with]]
    with ledger() as session:
        row = session.get(Row, name)
        return (door_secrets.entered(row) if row else []) or [token_urlsafe(32)]


def _save(account: Account, secrets: list[str], tokens: dict[str, str]) -> bool:
    """The block first, since it is copied over the ledger. True where Prefect has it."""
    block = Block(
        platform=account.slug,
        base_url=account.base_url,
        settings=account.settings,
        credentials=SecretDict(dict(account.credentials)),
        webhook_secrets=SecretDict({f"key{n}": secret for n, secret in enumerate(secrets)}),
        tokens=SecretDict(_tokens(account.credentials)),
    )
    api = api_url()
    with ledger() as session:
        known = session.get(Row, account.id) is not None
    if api is None and known:
        raise CannotConnect("Prefect must be up to change a connection that exists: `rebook up`")
    if api is not None:
        _in_prefect(api, block, account.id)
    with ledger() as session:
        connections.store(session, account, door_secrets=secrets, tokens=tokens)
    if api is not None:
        _with_prefect(api, register.schedule_polls)
    return api is not None


def _in_prefect(api: str, block: Block, name: str) -> None:
    def save(_: SyncPrefectClient) -> None:
        ledger_copy.register()
        ledger_copy.save(block, name, overwrite=True)

    _with_prefect(api, save)


def _with_prefect(api: str, act: Any) -> None:
    try:
        with temporary_settings({PREFECT_API_URL: api}), get_client(sync_client=True) as client:
            act(client)
    except (httpx.HTTPError, PrefectException) as error:
        raise CannotConnect(f"Prefect at {api} did not do it ({type(error).__name__})") from None


def _subscribed(slug: str, name: str) -> tuple[bool, str]:
    """The platform calls us from now on, where it lets us ask for that."""
    if Capability.WATCH not in connector_class(slug).capabilities():
        return False, ""
    if not settings().public_url:
        return False, "set REBOOK_PUBLIC_URL to the address the platform shall call"
    try:
        subscribe(name)
    except ConnectorError as error:
        return False, f"{type(error).__name__} ({error})"
    return True, ""
