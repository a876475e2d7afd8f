"""`rebook audit`: check the trail, and hand it to a stranger who can check it without us."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

import typer

from rebook.db.session import ledger
from rebook.services import anchors
from rebook.services import audit as trail
from runtime.commands.house import err, fail
from runtime.commands.terminal import AsJson, at_work, out, print_json

app = typer.Typer(help="The audit trail: check it, export it.", no_args_is_help=True)


@app.command()
def verify(as_json: AsJson = False) -> None:
    """Walk the whole chain; name the first entry that was removed, moved or altered."""
    with at_work("checking every entry"), ledger() as session:
        kept = anchors.read()
        verdict = trail.verify(session, kept)
    if as_json:
        print_json({"holds": verdict.holds, "anchors": len(kept), **asdict(verdict)})
    elif verdict.holds:
        out.print(
            f"the chain holds: {verdict.sealed} entries, checked against {len(kept)} anchors;"
            f" {verdict.unsealed} not sealed yet",
            soft_wrap=True,
        )
    if not verdict.holds:
        fail(f"the chain does not hold at entry {verdict.bad_seq}: {verdict.why}")


@app.command()
def export(file: str = typer.Argument("-", help="Where to; - for stdout.")) -> None:
    """Every sealed entry with its digest, one JSON object a line."""
    with at_work("reading every entry"):
        count = _write(sys.stdout) if file == "-" else _write_file(Path(file))
    err.print(f"{count} entries; docs/audit.md says how to check them")


def _write_file(path: Path) -> int:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        return _write(file)


def _write(file: TextIO) -> int:
    count = 0
    with ledger() as session:
        for entry in trail.entries(session):
            body = trail.body_of(entry, entry.seq or 0) | {"hash": entry.hash}
            file.write(json.dumps(body, ensure_ascii=False) + "\n")
            count += 1
    return count
