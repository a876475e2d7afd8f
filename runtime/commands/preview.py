"""`rebook preview`: what clients are sent, before anybody is sent anything."""

from typing import Annotated

import typer
from rich.markup import escape

from rebook.db.session import ledger
from rebook.services import configuration
from rebook.services.preview import Sample, samples
from runtime.commands.terminal import AsJson, at_work, out, print_json


def preview(
    name: Annotated[
        str, typer.Argument(help="One text: `offer_sms`, `es.offer_sms`; empty: all of them.")
    ] = "",
    ours: Annotated[
        bool, typer.Option("--ours", help="Rebook's own texts; asks no ledger for yours.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print each text per cause, channel and language, and into how many parts it is cut."""
    found = [one for one in samples({} if ours else _changed()) if name in ("", one.name)]
    if not found:
        raise typer.BadParameter(f"there is no text {name}: `rebook preview` shows them all")
    if as_json:
        print_json(found)
        return
    for one in found:
        _tell(one)


def _changed() -> dict[str, str]:
    with at_work("reading your texts"), ledger() as session:
        return configuration.templates(session).texts


def _tell(one: Sample) -> None:
    cause = f", {one.cause}" if one.cause else ""
    out.print(f"[bold]{one.name}[/bold]{cause}, {one.language}{_cost(one)}")
    for line in [one.subject, *one.text.splitlines()] if one.subject else one.text.splitlines():
        out.print(f"    | {escape(line)}", soft_wrap=True)


def _cost(one: Sample) -> str:
    if one.channel == "email":
        return ""
    parts = "1 segment" if one.segments == 1 else f"{one.segments} segments"
    return f": {parts} of {one.encoding}, {len(one.text)} characters"
