"""`rebook connect` where a person signs in: tried against the sandbox over real HTTP."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from rebook.db.session import ledger
from rebook.db.tables import Connection
from rebook.services import connections
from rebook.settings import settings
from tasks.accounts import connector_of
from tests.runtime.browser import Follow, opened, rebook
from tests.runtime.desk import Typed
from tests.sandbox.conftest import Gateway, Running, Town

pytestmark = pytest.mark.usefixtures("ledger_db")
PUBLIC = "https://book.example.com"
NEAR = "http://localhost:8765/connected"
ELSEWHERE = ("quickbooks", "jobber", "zoho_crm", "pipedrive", "google_sheets")
NAMES = {"google_calendar": "google", "google_sheets": "google-sheets", "zoho_crm": "zoho-crm"}
PICKED = {"google_sheets": "2", "pipedrive": "2"}
"""Which number signing in has where more than a refresh token stands beside it."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    nobody = Gateway("http://127.0.0.1:9")
    made = Town(nobody, tmp_path_factory.mktemp("sandbox"))
    yield made.start(platforms=ELSEWHERE)
    made.stop()


@pytest.fixture(autouse=True)
def reached(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("REBOOK_PUBLIC_URL", PUBLIC)
    settings.cache_clear()
    yield
    settings.cache_clear()


class Admin:
    """Connects one platform of the town, as its documentation says."""

    def __init__(self, town: Running, slug: str) -> None:
        self.slug = slug
        self.entry = town.connection(NAMES.get(slug, slug))
        self.addresses: list[str] = []
        self.pasted: list[str] = []

    def walks(self, *follow: Follow | str, **changes: str) -> Typed:
        settings = {**self.entry["settings"], **changes}
        settings.pop("realm_id", "")
        given = [word for name in settings for word in ("--set", f"{name}={settings[name]}")]
        words = ["connect", self.slug, "--base-url", self.entry["base_url"], *given]
        credentials = self.entry["credentials"]
        lines = [PICKED.get(self.slug, "1"), credentials["client_id"], credentials["client_secret"]]
        if self.slug == "quickbooks":
            lines.append("a-verifier-canary")
        steps = [one if isinstance(one, str) else self._kept(one) for one in follow]
        done, self.pasted = rebook(words, [*lines, *steps])
        return done

    def _kept(self, follow: Follow) -> Follow:
        def opens(address: str) -> str:
            self.addresses.append(address)
            return follow(address)

        return opens

    @property
    def name(self) -> str:
        return self.slug.replace("_", "-")


def saved(name: str) -> Connection | None:
    with ledger() as session:
        return session.get(Connection, name)


def said(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def changed(follow: Follow, **fields: str | None) -> Follow:
    """The address the browser was sent to, with something in it changed or taken out."""

    def follows(address: str) -> str:
        back = follow(address)
        told = {**said(back), **fields}
        kept = {name: value for name, value in told.items() if value is not None}
        return f"{back.partition('?')[0]}?{urlencode(kept)}"

    return follows


@pytest.mark.parametrize("slug", ["google_calendar", *ELSEWHERE])
def test_a_walk_ends_with_a_connection_that_works_and_whose_token_refreshes(
    town: Running, slug: str
) -> None:
    admin = Admin(town, slug)
    done = admin.walks(opened)
    assert (done.code, "connected as" in done.err) == (0, True), done.err
    first = connections.LedgerTokens(admin.name).read()
    assert first["access_token"]
    assert first["refresh_token"]
    with ledger() as session:
        row = session.get_one(Connection, admin.name)
        row.tokens = {**row.tokens, "access_token": "lapsed"}
        session.add(row)
    assert connector_of(admin.name).check()
    assert connections.LedgerTokens(admin.name).read()["access_token"] not in ("", "lapsed")
