"""One file that holds the ledger: written by `pg_dump`, brought back whole or not at all.

The keys are not in it; Prefect's database is not needed, since the ledger rebuilds it.
"""

import os
import tempfile
from pathlib import Path

from rebook import keyring
from rebook.db.session import ledger
from rebook.services import anchors, restoring
from runtime.ledger_access import data_folder
from runtime.postgres_tools import ToolFailed, run

PLAIN = ("--no-owner", "--no-privileges", "--no-comments")

EMPTY = """
DO $$
DECLARE
    statement text;
BEGIN
    FOREACH statement IN ARRAY (
        SELECT coalesce(array_agg(format('DROP %s IF EXISTS %s CASCADE',
            CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
            pg_class.oid::regclass)), '{}')
        FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
            AND NOT EXISTS (SELECT FROM pg_depend
                WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')
    ) LOOP
        EXECUTE statement;
    END LOOP;
END $$
"""


class NotOurBackup(Exception):
    """The file is no ledger's backup, or was made under other keys."""


def keys_beside(archive: Path) -> Path:
    return archive.with_name(f"{archive.name}.keys")


def anchors_beside(archive: Path) -> Path:
    return archive.with_name(f"{archive.name}.anchors")


def dump(archive: Path, *, with_keys: bool) -> None:
    """Anchors are copied first, so that the copy names nothing the backup lacks."""
    with ledger() as session:
        restoring.mark_backup(session)
    kept = anchors.read()
    part = archive.with_name(f"{archive.name}.part")
    try:
        _private(part, b"")
        run("pg_dump", "--format=custom", *PLAIN, "--file", str(part))
        part.replace(archive)
    finally:
        part.unlink(missing_ok=True)
    _private(anchors_beside(archive), "".join(f"{n} {h}\n" for n, h in kept.items()).encode())
    if with_keys:
        _private(keys_beside(archive), (data_folder() / keyring.FILE).read_bytes())


def _private(path: Path, content: bytes) -> None:
    """Written anew for our eyes only, whatever was there before."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def adopt_keys(archive: Path) -> bool:
    """On a new machine: the keyring that lies beside the backup becomes this folder's."""
    own = data_folder() / keyring.FILE
    if own.exists() or not keys_beside(archive).exists():
        return False
    own.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _private(own, keys_beside(archive).read_bytes())
    return True


def check(archive: Path) -> str:
    """When it was made. Raises `NotOurBackup` before anything is changed."""
    try:
        marks = _marks(run("pg_restore", "--data-only", "--table=mark", "--file=-", str(archive)))
    except ToolFailed:
        raise NotOurBackup(f"{archive} is not a backup of a ledger") from None
    if restoring.KEYS not in marks:
        raise NotOurBackup(f"{archive} is not a backup that `rebook backup` made")
    if marks[restoring.KEYS] != restoring.fingerprint():
        raise NotOurBackup(
            f"{archive} was made under another keyring than {data_folder() / keyring.FILE}: it could"
            " not be read. Put the keyring of that time into an empty data folder and restore there"
        )
    return marks.get(restoring.BACKED_UP, "")


def _marks(script: str) -> dict[str, str]:
    rows = (line.split("\t") for line in script.splitlines())
    return {row[0]: row[1] for row in rows if len(row) == 3}


def load(archive: Path) -> None:
    """In one transaction: afterwards the ledger is the backup's, or what it was before."""
    descriptor, name = tempfile.mkstemp(prefix="restore-", dir=data_folder())
    os.close(descriptor)
    try:
        run("pg_restore", *PLAIN, "--file", name, str(archive))
        quiet = ("--no-psqlrc", "--quiet", "--single-transaction")
        strict = ("--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse")
        run("psql", *quiet, *strict, "--command", EMPTY, "--file", name)
    finally:
        Path(name).unlink()
