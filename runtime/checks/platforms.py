"""Every connection asked one harmless question, all at once; and whether its platform still talks to us."""

import queue
import threading
import time
from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import col, select

from connectors import REGISTRY, capabilities_of, connect
from connectors.contract import Capability
from connectors.errors import ConnectorError
from connectors.tokens import TokenStore
from rebook.db.session import ledger
from rebook.db.tables import Connection
from rebook.domain import clock
from rebook.services import connections
from rebook.services.connections import Account, LedgerTokens
from runtime.checks import Finding, fail, ok, warn

SECONDS = 15.0
SILENCE = timedelta(days=2)


class Tokens(LedgerTokens, TokenStore):
    """The ledger's tokens, as connectors know them."""


def check(seconds: float = SECONDS) -> list[Finding]:
    with ledger() as session:
        rows = session.exec(select(Connection).order_by(col(Connection.id))).all()
        accounts = [connections.load(session, row.id) for row in rows]
    if not accounts:
        todo = "save Connection blocks in the Prefect UI; they reach the ledger within 30 s"
        return [warn("connections", "there are none", todo)]
    return [*asked(accounts, seconds), *(quiet for row in rows if (quiet := silence(row)))]


def asked(accounts: Sequence[Account], seconds: float) -> list[Finding]:
    """Each in its own thread; one that hangs is reported and left behind."""
    answers: queue.Queue[tuple[str, Finding]] = queue.Queue()
    for account in accounts:
        threading.Thread(target=lambda a=account: answers.put((a.id, ask(a))), daemon=True).start()
    found: dict[str, Finding] = {}
    end = time.monotonic() + seconds
    while len(found) < len(accounts) and (left := end - time.monotonic()) > 0:
        try:
            name, finding = answers.get(timeout=left)
        except queue.Empty:
            break
        found[name] = finding
    return [found.get(account.id) or too_slow(account, seconds) for account in accounts]


def ask(account: Account) -> Finding:
    """The name an account gives itself is personal enough not to be shown."""
    about = f"connection {account.id}"
    if account.paused:
        todo = "renew its credentials: save its Connection block again in the Prefect UI"
        return fail(about, "paused, since its platform refused us", todo)
    if account.slug not in REGISTRY:
        return fail(about, f"no platform is called {account.slug}", "see the handbook's list")
    began = time.monotonic()
    try:
        _call(account)
    except ConnectorError as error:
        todo = "credentials or base URL" if not error.retryable else "try again in a while"
        return fail(about, f"{account.slug} did not answer well: {type(error).__name__}", todo)
    except Exception as error:
        return fail(about, f"it cannot be used: {type(error).__name__}", "look at its settings")
    return ok(about, f"{account.slug} answered in {time.monotonic() - began:.1f} s")


def _call(account: Account) -> None:
    connect(
        account.slug,
        account.base_url,
        account.settings,
        account.credentials,
        tokens=Tokens(account.id),
    ).check()


def too_slow(account: Account, seconds: float) -> Finding:
    todo = "try again; is the platform reachable from here?"
    return fail(f"connection {account.id}", f"no answer within {seconds:.0f} s", todo)


def silence(row: Connection) -> Finding | None:
    """Nothing to say of a platform that is not polled and has had nothing to tell yet."""
    polled = Capability.POLL in capabilities_of(row.slug)
    about = f"hearing from {row.id}"
    if row.heard_at is None:
        todo = "`rebook up` polls it: look at the runs of `catch_up` in the Prefect UI"
        return warn(about, "never polled", todo) if polled else None
    days = (clock.now() - row.heard_at) / timedelta(days=1)
    if clock.now() - row.heard_at > SILENCE:
        return warn(about, f"silent for {days:.0f} days", "is its webhook still set up?")
    return ok(about, f"last {days * 24:.0f} h ago" if days * 24 >= 1 else "within the hour")
