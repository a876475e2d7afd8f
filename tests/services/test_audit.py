"""The audit chain: every way to tamper with it shows, at the entry where it begins."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from rebook.db.session import ledger
from rebook.services import anchors, audit
from rebook.services.audit import Verdict
from rebook.settings import settings

pytestmark = pytest.mark.usefixtures("ledger_db")


@pytest.fixture
def chain(ledger_db: str) -> dict[int, str]:
    """Ten sealed entries in two sealings; their heads."""
    heads = {}
    for batch in (5, 5):
        write(batch)
        with ledger() as session:
            head = audit.seal(session)
        assert head is not None
        heads[head[0]] = head[1]
    return heads


def write(count: int) -> None:
    with ledger() as session:
        for number in range(count):
            audit.record(session, "noted", case_id="case-1", number=number, who="é", none=None)
            session.flush()


def verify(heads: dict[int, str] | None = None) -> Verdict:
    with ledger() as session:
        return audit.verify(session, heads)


def test_an_untouched_chain_holds(chain: dict[int, str]) -> None:
    verdict = verify(chain)
    assert (verdict.holds, verdict.sealed, verdict.unsealed) == (True, 10, 0)
    assert verdict.head == chain[10]


def test_an_empty_trail_holds() -> None:
    assert verify().holds
    with ledger() as session:
        assert audit.seal(session) is None


def test_what_is_not_sealed_yet_is_counted(chain: dict[int, str]) -> None:
    write(3)
    assert (verify(chain).holds, verify(chain).unsealed) == (True, 3)


@pytest.mark.parametrize(
    ("statement", "bad"),
    [
        ("UPDATE audit SET detail = '{\"number\": 99}' WHERE seq = 4", 4),
        ("UPDATE audit SET actor = 'staff:kim' WHERE seq = 7", 7),
        ("UPDATE audit SET at = at + interval '1 second' WHERE seq = 1", 1),
        ("UPDATE audit SET case_id = NULL WHERE seq = 10", 10),
        ("UPDATE audit SET action = 'other' WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 6", 6),
        ("DELETE FROM audit WHERE seq = 1", 1),
        ("DELETE FROM audit WHERE seq > 8", 9),
        ("DELETE FROM audit", 1),
        ("UPDATE audit SET seq = NULL WHERE seq = 3", 3),
        ("UPDATE audit SET hash = repeat('0', 64) WHERE seq = 5", 5),
        ("UPDATE audit SET detail = '{}', hash = 'f' WHERE seq = 9", 9),
    ],
)
def test_tampering_is_found_at_the_entry_where_it_begins(
    ledger_db: str, chain: dict[int, str], statement: str, bad: int
) -> None:
    with psycopg.connect(ledger_db) as owner:
        owner.execute(statement.encode())
    verdict = verify(chain)
    assert (verdict.holds, verdict.bad_seq) == (False, bad)
    assert verdict.why


def test_two_entries_that_changed_places_are_found(ledger_db: str, chain: dict[int, str]) -> None:
    with psycopg.connect(ledger_db) as owner:
        for was, becomes in ((3, 1003), (4, 3), (1003, 4)):
            owner.execute("UPDATE audit SET seq = %s WHERE seq = %s", [becomes, was])
    assert verify(chain).bad_seq == 3


def test_a_tail_that_was_cut_and_grown_again_differs_from_its_anchor(
    ledger_db: str, chain: dict[int, str]
) -> None:
    with psycopg.connect(ledger_db) as owner:
        owner.execute("DELETE FROM audit WHERE seq > 5")
    write(5)
    with ledger() as session:
        audit.seal(session)
    assert verify().holds
    assert verify(chain).bad_seq == 10


def test_a_cut_tail_is_seen_by_its_anchor_alone(ledger_db: str, chain: dict[int, str]) -> None:
    with psycopg.connect(ledger_db) as owner:
        owner.execute("DELETE FROM audit WHERE seq > 5")
    assert verify().holds
    assert verify(chain).bad_seq == 6


def test_sealers_at_the_same_moment_make_one_chain() -> None:
    def work(_: int) -> None:
        write(3)
        with ledger() as session:
            audit.seal(session)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(16)))
    with ledger() as session:
        audit.seal(session)
    verdict = verify()
    assert (verdict.holds, verdict.sealed, verdict.unsealed) == (True, 48, 0)


def test_a_long_trail_is_sealed_in_pieces() -> None:
    write(12)
    with ledger() as session:
        assert audit.seal(session, limit=10) is not None
    assert (verify().sealed, verify().unsealed) == (10, 2)


def test_the_story_of_a_case_is_its_entries_in_order() -> None:
    write(3)
    with ledger() as session:
        audit.record(session, "other", case_id="case-2")
        found = audit.story(session, "case-1")
        assert [entry.detail["number"] for entry in found] == [0, 1, 2]


def test_heads_are_kept_in_a_file_and_a_torn_line_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REBOOK_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    path = tmp_path / anchors.FILE
    anchors.append(5, "a" * 64)
    anchors.append(9, "b" * 64)
    with path.open("a") as file:
        file.write("12 cccc")
    assert anchors.read() == {5: "a" * 64, 9: "b" * 64}
    assert path.stat().st_mode & 0o077 == 0
