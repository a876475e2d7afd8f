"""Accounts on platforms in the ledger: saved, paused, and their tokens renewed by one at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from connectors.oauth import token_source
from rebook.db.session import ledger
from rebook.services import connections
from rebook.services.connections import Account, LedgerTokens, NoSuchConnection
from tasks.accounts import Tokens

pytestmark = pytest.mark.usefixtures("business")


def save(door_secrets: tuple[str, ...] = ("s",), **changes: object) -> bool:
    account = Account("vendor", "acuity", "https://example.test", {}, {"key": "1"})
    with ledger() as session:
        return connections.store(
            session,
            replace(account, **changes),  # type: ignore[arg-type]  # given by name
            door_secrets=list(door_secrets),
            tokens={"access_token": "first"},
        )


def test_saving_a_connection_again_unchanged_changes_nothing() -> None:
    assert [save(), save(), save(base_url="https://example.com")] == [True, False, True]
    assert save(("s", "rotated")) is True


def test_a_connection_with_nothing_to_say_is_kept_all_the_same() -> None:
    with ledger() as session:
        assert connections.store(session, Account("bare", "acuity", "", {}), door_secrets=[])
        assert "bare" in connections.all_ids(session)


def test_rotated_tokens_survive_a_save_and_new_credentials_bring_new_ones() -> None:
    save()
    LedgerTokens("vendor").renew(lambda _: {"access_token": "rotated"})
    save(base_url="https://example.com")
    assert LedgerTokens("vendor").read() == {"access_token": "rotated"}
    save(credentials={"key": "2"})
    assert LedgerTokens("vendor").read() == {"access_token": "first"}


def test_a_paused_connection_is_taken_up_by_saving_it_again() -> None:
    save()
    with ledger() as session:
        connections.pause(session, "vendor", "the token was revoked")
        assert connections.load(session, "vendor").paused
    save(credentials={"key": "2"})
    with ledger() as session:
        assert connections.load(session, "vendor").paused == ""
        with pytest.raises(NoSuchConnection, match="no connection named nothing"):
            connections.load(session, "nothing")


def test_of_ten_threads_with_a_stale_token_one_renews_it() -> None:
    save()
    exchanges = []
    ready = threading.Barrier(8)

    def refresh(stored: dict[str, str]) -> dict[str, str]:
        exchanges.append(stored["access_token"])
        return {"access_token": f"fresh-{len(exchanges)}", "refresh_token": "rotated"}

    def use(_: int) -> str:
        tokens = LedgerTokens("vendor")
        tokens.read()
        ready.wait()
        return tokens.renew(refresh)["access_token"]

    with ThreadPoolExecutor(8) as threads:
        got = list(threads.map(use, range(8)))
    assert exchanges == ["first"]
    assert set(got) == {"fresh-1"}
    assert LedgerTokens("vendor").read()["refresh_token"] == "rotated"


def test_a_renewed_token_can_be_renewed_again_by_the_same_hand() -> None:
    save()
    tokens = LedgerTokens("vendor")
    tokens.read()
    seen = [tokens.renew(lambda _, n=n: {"access_token": n})["access_token"] for n in "ab"]  # type: ignore[misc]  # a default binds the loop's value
    assert seen == ["a", "b"]


def test_a_renewal_that_fails_leaves_the_tokens_as_they_were() -> None:
    save()

    def refuse(_: dict[str, str]) -> dict[str, str]:
        raise RuntimeError("away")

    with pytest.raises(RuntimeError):
        LedgerTokens("vendor").renew(refuse)
    assert LedgerTokens("vendor").read() == {"access_token": "first"}


def test_a_token_that_another_process_renewed_is_learnt_when_ours_is_refused() -> None:
    save()

    def once_too_often(_: dict[str, str]) -> dict[str, str]:
        raise AssertionError("the tokens were renewed already")

    token = token_source(Tokens("vendor"), once_too_often)
    assert token(False) == "first"
    Tokens("vendor").renew(lambda _: {"access_token": "theirs"})
    assert [token(False), token(True), token(False)] == ["first", "theirs", "theirs"]
