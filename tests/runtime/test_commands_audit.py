"""The trail checked by us, and by a stranger with the program printed in the handbook."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from rebook.db.session import ledger
from rebook.services import anchors, audit
from rebook.settings import settings
from tests.runtime.desk import rebook

HANDBOOK = Path(__file__).resolve().parents[2] / "docs" / "audit.md"


@pytest.fixture
def trail(ledger_db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Five sealed entries with their anchor, in a data folder of the test's own."""
    keys = Path(os.environ["REBOOK_DATA_DIR"]) / "keyring.json"
    (tmp_path / "keyring.json").write_bytes(keys.read_bytes())
    monkeypatch.setenv("REBOOK_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    with ledger() as session:
        for number in range(5):
            audit.record(session, "tried", case_id=f"case-{number}", note="café", times=number)
    with ledger() as session:
        head = audit.seal(session)
    assert head is not None
    anchors.append(*head)
    return tmp_path


def spoil(statement: str) -> None:
    with ledger() as session:
        session.connection().execute(text(statement))


@pytest.fixture
def stranger(tmp_path: Path) -> Path:
    (program,) = re.findall(r"```python\n(.*?)```", HANDBOOK.read_text(), re.DOTALL)
    assert len(program.strip().splitlines()) <= 15
    path = tmp_path / "check.py"
    path.write_text(program)
    return path


def asked(stranger: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(stranger), *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_whole_chain_holds(trail: Path) -> None:
    said = rebook("audit", "verify")
    assert (said.code, "5 entries" in said.out, "1 anchors" in said.out) == (0, True, True)


def test_entries_not_sealed_yet_are_counted(trail: Path) -> None:
    with ledger() as session:
        audit.record(session, "late")
    found = rebook("audit", "verify", "--json").value
    assert (found["holds"], found["sealed"], found["unsealed"]) == (True, 5, 1)


@pytest.mark.parametrize(
    ("change", "first_bad"),
    [
        ("UPDATE audit SET action = 'other' WHERE seq = 3", 3),
        ("DELETE FROM audit WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 5", 5),
        ("UPDATE audit SET detail = '{}' WHERE seq = 4", 4),
    ],
)
def test_the_first_bad_entry_is_named(trail: Path, change: str, first_bad: int) -> None:
    spoil(change)
    said = rebook("audit", "verify", "--json")
    assert (said.code, said.value["bad_seq"]) == (1, first_bad)
    assert f"entry {first_bad}" in said.err


def test_a_stranger_comes_to_the_same_verdict(trail: Path, stranger: Path) -> None:
    assert rebook("audit", "export", str(trail / "trail.jsonl")).code == 0
    whole = asked(stranger, trail / "trail.jsonl", trail / anchors.FILE)
    head = rebook("audit", "verify", "--json").value["head"]
    assert (whole.returncode, whole.stdout) == (0, f"5 entries, head {head}\n")


@pytest.mark.parametrize("line", [0, 2, 4])
def test_a_stranger_finds_a_missing_entry(trail: Path, stranger: Path, line: int) -> None:
    lines = rebook("audit", "export").out.splitlines()
    del lines[line]
    (trail / "cut.jsonl").write_text("\n".join(lines))
    found = asked(stranger, trail / "cut.jsonl", trail / anchors.FILE)
    assert found.returncode == 1
    assert f"entry {line + 1}" in found.stderr or f"after entry {line}" in found.stderr


def test_a_stranger_finds_an_edited_entry(trail: Path, stranger: Path) -> None:
    edited = rebook("audit", "export").out.replace("case-1", "case-9")
    (trail / "edited.jsonl").write_text(edited)
    assert "entry 2" in asked(stranger, trail / "edited.jsonl").stderr


def test_the_export_is_for_our_eyes_only(trail: Path) -> None:
    rebook("audit", "export", str(trail / "trail.jsonl"))
    assert stat.S_IMODE((trail / "trail.jsonl").stat().st_mode) == 0o600


def test_a_file_that_cannot_be_written_is_a_plain_error(trail: Path) -> None:
    said = rebook("audit", "export", str(trail / "no" / "where"))
    assert (said.code, "cannot be written" in said.err) == (1, True)
