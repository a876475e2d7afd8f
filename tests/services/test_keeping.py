"""What the ledger keeps and how: encrypted people, connections and tokens, versions, sealed letters."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest
from alembic import command
from cryptography.fernet import Fernet, InvalidToken
from nacl.public import PrivateKey
from psycopg import sql

from rebook.db.migrate import configuration as alembic
from rebook.db.migrate import upgrade
from rebook.db.session import ledger
from rebook.db.tables import Connection, ContactPoint, Inbox, SettingVersion
from rebook.db.tables import Person as Client
from rebook.domain import clock
from rebook.domain.appointments import Person
from rebook.domain.decisions import Choice
from rebook.domain.policy import Policy, Templates
from rebook.keyring import keyring, seal
from rebook.services import configuration, connections, inbox, installation, people
from rebook.services.connections import Account
from tests.services import office

pytestmark = pytest.mark.usefixtures("business")
CANARY = Person("Canarina", "Finchworth", "+18085550142", "canarina@example.test")
SAID = "canary words nobody else may read"
TOKEN = "canary-refresh-token"  # a value to look for


def dump(url: str) -> str:
    """Every column of every table as text, and its bytes as they lie there."""
    with psycopg.connect(url) as owner:
        tables = owner.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchall()
        found = []
        for (table,) in tables:
            query = sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))
            for row in owner.execute(query):
                found += [
                    value.decode("latin-1") if isinstance(value, bytes) else str(value)
                    for value in row
                ]
    return "\n".join(found).casefold()


def test_no_name_phone_address_word_or_token_lies_open_in_the_database(business: str) -> None:
    with ledger() as session:
        connections.store(
            session,
            Account("secretive", "acuity", "", {}, {"api_key": "canary-api-key"}),
            door_secrets=["canary-door-secret"],
            tokens={"refresh_token": TOKEN},
        )
    case_id, actor = office.offered(person=CANARY)
    office.say(SAID, sender=CANARY.phone)
    office.wake(actor)
    office.wake(actor, office.decision(Choice.BOOK_SLOT, "o1-1"))
    office.Run(actor, []).until_it_waits()
    text = dump(business)
    assert case_id in text
    for secret in (*vars(CANARY).values(), SAID, TOKEN, "canary", "8085550142"):
        assert secret.casefold() not in text
    with ledger() as session:
        assert session.get_one(Connection, "secretive").tokens == {"refresh_token": TOKEN}


def test_a_client_is_the_same_by_name_and_any_contact_in_common() -> None:
    seen = [CANARY, replace(CANARY, phone=""), replace(CANARY, email="new@example.test")]
    with ledger() as session:
        ids = [people.remember(session, person, "UTC") for person in seen]
    assert len(set(ids)) == 1
    assert len(office.rows(ContactPoint)) == 3


@pytest.mark.parametrize(
    "other", [replace(CANARY, given_name="Carl"), Person("Canarina", "Finchworth")]
)
def test_a_shared_phone_or_a_shared_name_alone_is_not_the_same_client(other: Person) -> None:
    with ledger() as session:
        assert people.remember(session, CANARY, "UTC") != people.remember(session, other, "UTC")


def test_nobody_is_nobody() -> None:
    with ledger() as session:
        assert people.remember(session, Person(), "UTC") is None
        assert people.described(session, None) == Person()
    assert office.rows(Client) == []


def test_a_client_is_found_however_the_address_is_written() -> None:
    with ledger() as session:
        known = people.remember(session, CANARY, "UTC")
        assert people.behind(session, f" {CANARY.email.upper()} ") == [known]


def store_half(cursor: str) -> None:
    with ledger() as session:
        connections.move_cursor(session, "acuity", cursor)
        raise RuntimeError("the page could not be stored")


def test_the_cursor_moves_with_what_it_brought_or_not_at_all() -> None:
    with ledger() as session:
        assert connections.cursor(session, "acuity") is None
        connections.move_cursor(session, "acuity", "c1")
    with pytest.raises(RuntimeError):
        store_half("c2")
    with ledger() as session:
        assert connections.cursor(session, "acuity") == "c1"


def test_every_version_of_a_setting_is_kept_and_the_newest_is_current() -> None:
    changes = [Policy(slots_per_offer=n) for n in (3, 4, 4, 3)]
    with ledger() as session:
        stored = [configuration.store(session, "policy", policy) for policy in changes]
        assert stored == [False, True, False, True]
        assert configuration.policy_version(session).body["slots_per_offer"] == 3
    assert len(office.rows(SettingVersion, kind="policy")) == 2


def test_what_is_not_configured_says_what_to_do(business: str) -> None:
    with psycopg.connect(business) as owner:
        owner.execute("DELETE FROM settingversion")
    with ledger() as session:
        assert configuration.templates(session) == Templates()
        with pytest.raises(configuration.NotConfigured, match="rebook up"):
            configuration.policy_version(session)
        with pytest.raises(configuration.NotConfigured, match="rebook up"):
            configuration.topology(session)


def test_the_installation_has_one_id_for_good() -> None:
    with ledger() as session:
        first = installation.installation_id(session)
    with ledger() as session:
        assert installation.installation_id(session) == first
        installation.remember(session, "note", "1")
        installation.remember(session, "note", "2")
        found = installation.recall(session, "note")
        assert found is not None
        assert found.value == "2"


def arrive(body: bytes = b'{"a": 1}', public: str = "", connection: str = "acuity") -> int:
    sealed = {"url": "https://x.test", "headers": {}, "body": base64.b64encode(body).decode()}
    row = Inbox(
        connection=connection,
        sealed=seal(public or keyring().seal_public, json.dumps(sealed).encode()),
        received_at=clock.now(),
        twin_key=str(len(office.rows(Inbox))),
    )
    with ledger() as session:
        session.add(row)
        session.flush()
        assert row.id is not None
        return row.id


def test_a_letter_is_opened_once_and_marked() -> None:
    number = arrive()
    with ledger() as session:
        letter = inbox.take(session, number)
        assert letter is not None
        assert (letter.body, letter.slug) == (b'{"a": 1}', "acuity")
        inbox.done(session, number, "opened")
    with ledger() as session:
        assert inbox.take(session, number) is None
        assert inbox.unread(session) == []


def test_a_letter_another_run_has_in_hand_is_left_to_it() -> None:
    number = arrive()
    with ledger() as first, ledger() as second:
        assert inbox.take(first, number) is not None
        assert inbox.take(second, number) is None


def test_letters_that_failed_come_after_those_that_did_not_and_at_last_are_set_aside() -> None:
    first, second = arrive(), arrive()
    with ledger() as session:
        inbox.leave_to_a_run(session, second)
        inbox.failed(session, first, "Unreachable", final=False)
        assert inbox.waiting(session) == [second, first]
        inbox.failed(session, first, "ValueError", final=True)
        assert inbox.waiting(session) == [second]


def test_a_letter_our_key_does_not_open_is_bad_input_and_not_a_crash() -> None:
    stranger = base64.b64encode(bytes(PrivateKey.generate().public_key)).decode()
    number = arrive(public=stranger)
    with ledger() as session, pytest.raises(ValueError, match="our key does not open"):
        inbox.take(session, number)


def test_the_newest_data_key_encrypts_and_older_ones_still_open() -> None:
    old = keyring()
    new = replace(old, data_keys=(Fernet.generate_key().decode(), *old.data_keys))
    assert new.decrypt(old.encrypt("x")) == "x"
    with pytest.raises(InvalidToken):
        replace(new, data_keys=new.data_keys[:1]).decrypt(old.encrypt("x"))


def test_the_migrations_make_exactly_the_tables_of_the_code() -> None:
    command.check(alembic())


def test_migrating_again_and_at_once_changes_nothing() -> None:
    case_id = office.lose()
    with ThreadPoolExecutor(1) as thread:
        thread.submit(upgrade).result()
    upgrade()
    assert office.case_of(case_id).state == "open"
