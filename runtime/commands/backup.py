"""`rebook backup` and `rebook restore`: the ledger in one file, and back."""

from pathlib import Path

import typer

from rebook import keyring
from runtime import backup as archives
from runtime import restore as restoring
from runtime.backup import NotOurBackup
from runtime.commands.house import err, fail
from runtime.commands.terminal import at_work
from runtime.ledger_access import data_folder
from runtime.restore import Outcome, Refused

FILE = typer.Argument(help="The backup.", dir_okay=False)
WITH_KEYS = typer.Option(False, "--with-keys", help="Write FILE.keys too: guard it well.")
REPLACE = typer.Option(False, "--replace", help="Lose the cases this ledger has.")


def backup(file: Path = FILE, with_keys: bool = WITH_KEYS) -> None:
    """Write the ledger to FILE. Prefect's database is rebuilt from it and not in it."""
    if not file.parent.is_dir():
        fail(f"there is no folder {file.parent}")
    with at_work("writing the backup"):
        try:
            archives.dump(file, with_keys=with_keys)
        except OSError as error:
            fail(f"{file} cannot be written: {error.strerror}")
    err.print(f"the ledger is in {file} ({file.stat().st_size / 1e6:.1f} MB)", soft_wrap=True)
    _say_where_keys_are(file, with_keys=with_keys)


def _say_where_keys_are(file: Path, *, with_keys: bool) -> None:
    keys = data_folder() / keyring.FILE
    if with_keys:
        err.print(f"its keys are in {archives.keys_beside(file)}: keep them apart", soft_wrap=True)
        return
    err.print(
        f"[bold]The keys are not in it.[/bold] They are in {keys}. Without them nobody can read"
        " this backup, you included: keep a copy of that file in another safe place.",
        soft_wrap=True,
    )


def restore(
    file: Path = typer.Argument(help="What `rebook backup` wrote.", exists=True, dir_okay=False),
    replace: bool = REPLACE,
) -> None:
    """Bring a backup back. What may have been sent since is looked up before anything is sent."""
    try:
        restoring.refuse_while_up()
        if archives.adopt_keys(file):
            err.print(f"keys taken from {archives.keys_beside(file)}", soft_wrap=True)
        with at_work("restoring", make=True):
            outcome = restoring.restore(file, replace=replace, say=err.print)
    except (Refused, NotOurBackup) as error:
        fail(str(error))
    _tell(outcome)


def _tell(outcome: Outcome) -> None:
    done = outcome.restored
    err.print(
        f"restored: {done.cases} cases at work, {done.doubtful} sendings and bookings in doubt"
        f" (looked up at their platforms first), {done.given_to_staff} cases given to staff",
        soft_wrap=True,
    )
    if not outcome.chain.holds:
        fail(f"the audit chain does not hold at entry {outcome.chain.bad_seq}: {outcome.chain.why}")
    err.print(f"the audit chain holds ({outcome.chain.sealed} entries). Now: `rebook up`")
