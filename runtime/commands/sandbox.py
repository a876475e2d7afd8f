"""`rebook sandbox`: how to point any client at the emulated platforms."""

from typing import Any

import httpx
import typer

from runtime.commands.house import fail
from runtime.commands.terminal import AsJson, out, print_json
from runtime.ledger_access import house_state

app = typer.Typer(help="The emulated platforms.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The emulated platforms."""


@app.command("list")
def list_platforms(as_json: AsJson = False) -> None:
    """Each platform's address, its (fake) credentials, and what it signs webhooks with."""
    found = _listed()
    if as_json:
        print_json(found)
        return
    for entry in found:
        out.print(f"[bold]{entry['slug']}[/bold] (connection {entry['connection']})")
        for name in ("base_url", "webhook_url"):
            out.print(f"  {name:<16} {entry[name]}", soft_wrap=True)
        for name, value in {**entry["credentials"], **entry["settings"]}.items():
            out.print(f"  {name:<16} {value}", soft_wrap=True, markup=False)
        for secret in entry["webhook_secrets"]:
            out.print(f"  {'webhook secret':<16} {secret}", soft_wrap=True, markup=False)


def _listed() -> list[dict[str, Any]]:
    state = house_state()
    if state is None or "sandbox" not in state.addresses:
        fail("no sandbox runs in this data folder: start one with `rebook up --sandbox`")
    base = state.addresses["sandbox"]
    try:
        found: list[dict[str, Any]] = httpx.get(f"{base}/_control/connections", timeout=10).json()
    except (httpx.HTTPError, ValueError):
        fail(f"the sandbox at {base} does not answer: its log is in the data folder under logs")
    return found
