"""Connecting a platform at the terminal: asked or read, tried, saved, subscribed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from rebook.db.session import ledger
from rebook.db.tables import Audit, Connection
from rebook.services import connections, door_secrets
from rebook.settings import settings
from runtime.cli import app
from tests.connectors.vendor import Received, Reply, Vendor
from tests.runtime import desk
from tests.runtime.desk import Typed, rebook

pytestmark = pytest.mark.usefixtures("ledger_db")
KEY = "an-api-key-canary"


@pytest.fixture(autouse=True)
def reached(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("REBOOK_PUBLIC_URL", "https://book.example.com")
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    server = Vendor()
    server.answer = acuity
    yield server
    server.close()


def acuity(request: Received) -> Reply:
    if not request.headers.get("authorization"):
        return Reply(401)
    if request.path.endswith("/me"):
        return Reply(200, {"name": "Windward Studio"})
    if request.method == "POST":
        return Reply(200, {"id": 7, **request.json})
    return Reply(200, [])


def entered(vendor: Vendor, **changes: Any) -> dict[str, Any]:
    return {
        "base_url": f"{vendor.url}/api/v1",
        "settings": {"region": "US"},
        "credentials": {"user_id": "1", "api_key": KEY},
        **changes,
    }


def connect(tmp_path: Path, given: Any, *words: str, slug: str = "acuity") -> Typed:
    file = tmp_path / "account.json"
    file.write_text(given if isinstance(given, str) else json.dumps(given))
    return rebook("connect", slug, "--file", str(file), *words)


def saved(name: str = "acuity") -> Connection | None:
    with ledger() as session:
        return session.get(Connection, name)


def test_an_account_is_tried_saved_and_subscribed(vendor: Vendor, tmp_path: Path) -> None:
    done = connect(tmp_path, entered(vendor))
    assert (done.code, "connected as Windward Studio" in done.err) == (0, True)
    assert "tells us of changes from now on" in done.err
    with ledger() as session:
        account = connections.load(session, "acuity")
        row = session.get_one(Connection, "acuity")
        assert account.credentials == {"user_id": "1", "api_key": KEY}
        assert (account.settings, row.watch["id"]) == ({"region": "US"}, "7,7,7")
        assert door_secrets.entered(row) == [KEY]
    assert [r.method for r in vendor.received if "webhooks" in r.path].count("POST") == 3


def test_no_secret_is_shown_or_kept_in_clear(vendor: Vendor, tmp_path: Path) -> None:
    done = connect(tmp_path, entered(vendor))
    with ledger() as session:
        raw = session.connection().exec_driver_sql("SELECT * FROM connection").fetchall()
        trail = session.connection().exec_driver_sql("SELECT * FROM audit").fetchall()
    assert KEY not in f"{done.out} {done.err} {raw} {trail}"


def test_what_the_platform_refuses_is_not_saved(vendor: Vendor, tmp_path: Path) -> None:
    vendor.answer = lambda _: Reply(401, {"error": f"bad key {KEY}"})
    done = connect(tmp_path, entered(vendor))
    assert (done.code, "nothing was saved" in done.err) == (1, True)
    assert "NotAllowed" in done.err
    assert KEY not in done.err
    assert saved() is None


def test_a_connection_that_works_is_not_replaced_by_one_that_does_not(
    vendor: Vendor, tmp_path: Path
) -> None:
    connect(tmp_path, entered(vendor))
    vendor.answer = lambda _: Reply(401)
    connect(tmp_path, entered(vendor, credentials={"user_id": "2", "api_key": "wrong"}))
    with ledger() as session:
        assert connections.load(session, "acuity").credentials["user_id"] == "1"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"credentials": {"user_id": "1"}}, "credentials are missing"),
        ({"credentials": {"user_id": "1", "api_key": KEY, "token": KEY}}, "no such credential"),
        ({"settings": {"regoin": "US"}}, "no such setting: regoin"),
        ({"base_url": "http://vendor.example"}, "must begin with https://"),
        ({"settings": []}, "connected"),
        ({"settings": ["x"]}, "settings must be an object"),
        ({"settings": {"region": {"a": 1}}}, "plain values"),
        ({"more": 1}, "only"),
    ],
)
def test_what_does_not_fit_is_named_before_anything_is_called(
    vendor: Vendor, tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    done = connect(tmp_path, entered(vendor) | change)
    assert said in done.err
    assert KEY not in done.err
    if said != "connected":
        assert (done.code, vendor.received, saved()) == (1, [], None)


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '"x"'])
def test_a_file_that_is_no_account_is_a_clear_error(
    vendor: Vendor, tmp_path: Path, text: str
) -> None:
    done = connect(tmp_path, text)
    assert (done.code, "Traceback" in done.err) == (1, False)


def test_an_unknown_platform_and_a_bad_name_are_refused(vendor: Vendor, tmp_path: Path) -> None:
    assert "no such platform" in rebook("connect", "examplecal").err
    assert "a-z, 0-9" in connect(tmp_path, entered(vendor), "--name", "Two Words").err
    assert "cannot read" in rebook("connect", "acuity", "--file", str(tmp_path / "no")).err


def test_a_name_that_another_platform_has_is_refused(vendor: Vendor, tmp_path: Path) -> None:
    desk.plant_business()
    done = connect(tmp_path, entered(vendor), "--name", "twilio")
    assert "choose another name" in done.err


def test_a_connection_that_exists_is_changed_only_while_prefect_can_be_told(
    vendor: Vendor, tmp_path: Path
) -> None:
    """Its old block would be copied over the new account."""
    connect(tmp_path, entered(vendor))
    done = connect(tmp_path, entered(vendor, settings={"region": "CA"}))
    assert (done.code, "Prefect must be up" in done.err) == (1, True)
    with ledger() as session:
        assert connections.load(session, "acuity").settings == {"region": "US"}


def test_a_subscription_that_fails_does_not_undo_the_connection(
    vendor: Vendor, tmp_path: Path
) -> None:
    vendor.answer = lambda r: acuity(r) if r.path.endswith("/me") else Reply(400)
    done = connect(tmp_path, entered(vendor))
    assert (done.code, "subscribing failed, and is tried again daily" in done.err) == (0, True)
    assert saved() is not None


def test_without_an_address_of_ours_no_platform_is_told_where_to_call(
    vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REBOOK_PUBLIC_URL")
    settings.cache_clear()
    done = connect(tmp_path, entered(vendor))
    assert (done.code, "set REBOOK_PUBLIC_URL" in done.err) == (0, True)
    assert [one.path for one in vendor.received if "webhooks" in one.path] == []


def test_on_a_terminal_it_asks_only_for_what_is_needed(vendor: Vendor) -> None:
    typed = CliRunner().invoke(
        app,
        ["connect", "freshdesk", "--set", "days_back=7"],
        input="an-api-key-canary\nwindward\n",
        env={"COLUMNS": "200"},
    )
    assert "api_key" in typed.stderr
    assert "setting domain" in typed.stderr
    assert "an-api-key-canary" not in typed.stdout + typed.stderr
    assert typed.exit_code == 1
    assert "the platform did not take it" in typed.stderr


def test_the_steps_that_are_left_name_our_address_and_the_word_for_the_vendor(
    vendor: Vendor, tmp_path: Path
) -> None:
    vendor.answer = lambda _: Reply(
        200, {"id": 1, "email": "x@example.com", "contact": {"name": "Desk"}}
    )
    given = entered(
        vendor, settings={"domain": "windward"}, credentials={"api_key": KEY}, base_url=vendor.url
    )
    done = connect(tmp_path, given, slug="freshdesk")
    with ledger() as session:
        [word] = door_secrets.entered(session.get_one(Connection, "freshdesk"))
    assert (done.code, word in done.err) == (0, True)
    assert "https://book.example.com/hooks/freshdesk" in done.err
    assert len(word) >= 32


def test_connecting_is_on_record(vendor: Vendor, tmp_path: Path) -> None:
    connect(tmp_path, entered(vendor))
    with ledger() as session:
        actions = list(session.exec(select(Audit.action)))
    assert {"connection_saved", "watch_renewed"} <= set(actions)


def test_an_application_at_calendly_needs_the_key_it_is_shown_and_a_token_needs_none(
    vendor: Vendor, tmp_path: Path
) -> None:
    of_app = {"client_id": "1", "client_secret": KEY, "refresh_token": "r"}
    given = entered(vendor, base_url=vendor.url, credentials=of_app)
    done = connect(tmp_path, given, slug="calendly")
    assert (done.code, "webhook_secrets are missing" in done.err) == (1, True)
    assert (saved("calendly"), vendor.received) == (None, [])

    def calendly(request: Received) -> Reply:
        me = {
            "uri": "https://api/users/1",
            "name": "Shore",
            "current_organization": "https://api/o/1",
        }
        return Reply(200, {"resource": me, "collection": [], "pagination": {}})

    vendor.answer = calendly
    done = connect(tmp_path, {**given, "credentials": {"token": KEY}}, slug="calendly")
    assert done.code == 0, done.err
    made = [request.json for request in vendor.received if request.method == "POST"]
    assert [len(body["signing_key"]) > 20 for body in made] == [True]
