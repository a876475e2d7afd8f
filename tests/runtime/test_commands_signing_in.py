"""`rebook connect` where a person signs in: tried against the sandbox over real HTTP."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from rebook.db.session import ledger
from rebook.db.tables import Connection
from rebook.services import connections
from rebook.settings import settings
from tasks.accounts import connector_of
from tests.runtime.browser import Follow, at_a_terminal, opened, rebook
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


def test_addresses_are_shown_whole_and_the_browser_goes_where_the_platform_may_send_it(
    town: Running,
) -> None:
    near, https = Admin(town, "jobber"), Admin(town, "quickbooks")
    near.walks(opened)
    https.walks(opened)
    assert said(near.addresses[0])["redirect_uri"] == NEAR
    assert near.pasted[0].startswith(f"{NEAR}?")
    assert said(https.addresses[0])["redirect_uri"] == f"{PUBLIC}/connected"
    assert https.pasted[0].startswith(f"{PUBLIC}/connected?")


def test_what_the_platform_tells_is_saved_and_not_asked(town: Running) -> None:
    admin = Admin(town, "quickbooks")
    realm = admin.entry["settings"]["realm_id"]
    done = admin.walks(opened)
    row = saved("quickbooks")
    assert row
    assert (row.settings["realm_id"], "realm_id" in done.err) == (realm, False)


@pytest.mark.parametrize("slug", ["google_calendar", "quickbooks"])
def test_nothing_of_code_token_or_secret_reaches_output_log_or_the_ledger_in_clear(
    town: Running, slug: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    admin = Admin(town, slug)
    done = admin.walks(opened)
    tokens = connections.LedgerTokens(admin.name).read()
    with ledger() as session:
        raw = session.connection().exec_driver_sql("SELECT * FROM connection").fetchall()
        trail = session.connection().exec_driver_sql("SELECT * FROM audit").fetchall()
    secrets = [
        said(admin.pasted[0])["code"],
        admin.entry["credentials"]["client_secret"],
        tokens["access_token"],
        tokens["refresh_token"],
    ]
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith("uvicorn")]
    for place in (done.out, done.err, str(raw), str(trail), "\n".join(ours)):
        assert not [one for one in secrets if one in place]


def test_a_wrong_paste_costs_nothing_and_three_of_them_end_the_walk(town: Running) -> None:
    admin = Admin(town, "jobber")
    done = admin.walks(
        "https://elsewhere.example/?code=code-canary&state=state-canary",
        changed(opened, state=None),
        opened,
    )
    assert (done.code, done.err.count("try again")) == (0, 2), done.err
    assert "canary" not in done.err
    other = Admin(town, "zoho_crm")
    ended = other.walks(*[changed(opened, state="another")] * 3)
    assert (ended.code, "nothing was saved" in ended.err) == (1, True)
    assert saved("zoho-crm") is None


def test_a_sign_in_that_was_declined_saves_nothing(town: Running) -> None:
    declined = changed(opened, code=None, error="access_denied")
    done = Admin(town, "google_calendar").walks(declined)
    assert (done.code, "declined at the platform" in done.err) == (1, True)
    assert saved("google-calendar") is None


@pytest.mark.parametrize("slug", ["google_calendar", "quickbooks", "jobber", "zoho_crm"])
def test_a_code_used_twice_is_told_plainly(town: Running, slug: str) -> None:
    """Somebody else was faster with it: the exchange is made once before ours."""
    admin = Admin(town, slug)

    def spent(address: str) -> str:
        back = opened(address)
        code, state = said(back)["code"], said(back)["state"]
        again = urlencode({"code": code, "state": state})
        httpx.post(
            admin.entry["settings"]["token_url"],
            data=_exchange(admin, code, back),
            params=_exchange(admin, code, back) if slug == "zoho_crm" else {},
            auth=_basic(admin) if slug == "quickbooks" else None,
            timeout=60,
        )
        return f"{back.partition('?')[0]}?{again}"

    done = admin.walks(spent)
    assert (done.code, "was used already" in done.err) == (1, True), done.err
    assert "nothing was saved" in done.err
    assert saved(admin.name) is None


def _exchange(admin: Admin, code: str, back: str) -> dict[str, str]:
    credentials = admin.entry["credentials"]
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back.partition("?")[0],
        "client_id": credentials["client_id"],
        "client_secret": credentials["client_secret"],
    }


def _basic(admin: Admin) -> tuple[str, str]:
    credentials = admin.entry["credentials"]
    return credentials["client_id"], credentials["client_secret"]


def test_what_cannot_be_saved_is_told_before_anybody_signs_in(town: Running) -> None:
    done = Admin(town, "jobber").walks("nothing is pasted", regoin="US")
    assert (done.code, "no such setting: regoin" in done.err) == (1, True)
    assert "Open this" not in done.err


def test_a_platform_that_wants_https_is_not_begun_without_an_address_of_ours(
    town: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REBOOK_PUBLIC_URL")
    settings.cache_clear()
    done = Admin(town, "quickbooks").walks("nothing is pasted")
    assert (done.code, "set REBOOK_PUBLIC_URL" in done.err) == (1, True)


def test_a_refresh_token_that_is_at_hand_may_still_be_entered(town: Running) -> None:
    entry = town.connection("zoho-crm")
    given = entry["credentials"]
    words = ["connect", "zoho_crm", "--base-url", entry["base_url"], "--set",
             f"token_url={entry['settings']['token_url']}"]  # fmt: skip
    lines = ["0", "7", "2", given["client_id"], given["client_secret"], given["refresh_token"]]
    done, _ = rebook(words, lines)
    assert (done.code, "Open this" in done.err) == (0, False), done.err


def test_at_a_real_terminal_nothing_that_was_pasted_is_seen(town: Running) -> None:
    """The real program: it is the terminal that echoes, unless it is told not to."""
    entry = town.connection("jobber")
    given = entry["credentials"]
    places = [f"{name}={entry['settings'][name]}" for name in ("token_url", "authorize_url")]
    words = ["connect", "jobber", "--base-url", entry["base_url"],
             "--set", places[0], "--set", places[1]]  # fmt: skip
    came: list[str] = []

    def long(address: str) -> str:
        """Some platforms' codes are long: a terminal takes 4095 letters a line."""
        came.append(f"{opened(address)}&session_state={'x' * 3500}")
        return came[0]

    code, seen = at_a_terminal(words, ["1", given["client_id"], given["client_secret"], long])
    assert (code, "connected as" in seen) == (0, True), seen
    secrets = [said(came[0])["code"], given["client_secret"], "xxxx"]
    assert not [one for one in secrets if one in seen]
    assert given["client_id"] in seen
