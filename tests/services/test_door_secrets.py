"""What webhooks are verified with: what an operator entered, and what nobody had to enter."""

import json

import pytest
from sqlmodel import Session

from rebook.db.session import ledger
from rebook.db.tables import Audit, Connection
from rebook.keyring import keyring
from rebook.services import connections, door_secrets
from rebook.services.connections import Account
from tests.services import office

pytestmark = pytest.mark.usefixtures("business")


def save(*secrets: str) -> bool:
    with ledger() as session:
        return connections.store(session, Account("square", "square", "", {}), door_secrets=secrets)


def row(session: Session) -> Connection:
    return session.get_one(Connection, "square")


def learn(secret: str) -> None:
    with ledger() as session:
        door_secrets.learn(session, row(session), secret)


def at_the_door() -> list[str]:
    """What the gateway finds: it knows no more of the shape than this."""
    with ledger() as session:
        opened = json.loads(keyring().door_decrypt(row(session).door_secrets))
    return list(opened["secrets"])


def test_what_a_platform_made_up_is_believed_beside_what_was_entered() -> None:
    save("entered")
    learn("made up")
    assert at_the_door() == ["entered", "made up"]


def test_saving_the_block_again_forgets_nothing_that_was_learned() -> None:
    save("entered")
    learn("made up")
    assert save("entered") is False
    assert save("entered anew") is True
    assert at_the_door() == ["entered anew", "made up"]


def test_the_block_that_is_made_again_holds_what_was_entered_alone() -> None:
    save("entered")
    learn("made up")
    with ledger() as session:
        assert connections.door_secrets(row(session)) == {"key0": "entered"}


def test_the_newest_two_are_believed_and_no_older_one() -> None:
    save()
    for secret in ("first", "second", "second", "third"):
        learn(secret)
    assert at_the_door() == ["third", "second"]


def test_what_was_entered_is_not_learned_and_nothing_is_no_secret() -> None:
    save("entered")
    learn("entered")
    learn("")
    assert at_the_door() == ["entered"]


def test_secrets_of_before_there_were_learned_ones_are_taken_as_entered() -> None:
    save()
    with ledger() as session:
        old = row(session)
        old.door_secrets = keyring().door_encrypt(json.dumps({"secrets": ["old"]}))
        session.add(old)
    learn("made up")
    assert at_the_door() == ["old", "made up"]


def test_no_secret_stands_in_the_ledger_or_its_audit_in_clear(business: str) -> None:
    save("entered-canary")
    learn("learned-canary")
    with ledger() as session:
        stored = row(session)
        kept = f"{stored.door_secrets!r} {stored.watch} {stored.settings}"
    told = [entry.detail for entry in office.rows(Audit)]
    assert "canary" not in f"{kept} {told}"


def test_where_none_was_entered_ours_is_made_up_and_stays() -> None:
    save()
    with ledger() as session:
        made = door_secrets.make_up(session, row(session))
    with ledger() as session:
        assert len(made) >= 32
        assert door_secrets.ours(row(session)) == made
    assert at_the_door() == [made]
