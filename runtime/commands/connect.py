"""`rebook connect`: an admin enters a platform's account, and everything else is done."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click
import typer

from connectors import REGISTRY, connector_class
from connectors.forms import Form, Secret, form_of
from runtime.commands.house import err, fail
from runtime.commands.terminal import at_work

if TYPE_CHECKING:
    from runtime.connecting import Entered

PLAIN = frozenset({"email", "user_id", "client_email", "account_sid", "client_id", "tenant_id"})
"""Credentials that are no secret: they are shown while they are typed."""


def connect(
    slug: Annotated[str, typer.Argument(metavar="PLATFORM", help="Its short name: `acuity`.")],
    name: Annotated[
        str, typer.Option(help="The connection's name, where not the platform's.")
    ] = "",
    file: Annotated[
        str, typer.Option("--file", help="JSON in place of questions; `-` reads stdin.")
    ] = "",
    options: Annotated[
        list[str] | None, typer.Option("--set", help="A further setting, name=value; repeatable.")
    ] = None,
) -> None:
    """Connect an account on a platform, or change one: asked, tried, saved, subscribed."""
    from runtime.connecting import CannotConnect, read, set_up

    if slug not in REGISTRY:
        fail(f"no such platform: {slug}. Known: {', '.join(sorted(REGISTRY))}")
    chosen = name or slug.replace("_", "-")
    try:
        entered = read(_text(file)) if file else _asked(slug, form_of(slug))
        entered.settings |= _pairs(options or [])
        with at_work(f"connecting {chosen}"):
            done = set_up(slug, chosen, entered)
    except CannotConnect as error:
        fail(f"{error}\nnothing was saved")
    err.print(f"connected as {done.account_name}", markup=False)
    if done.watching:
        err.print("the platform tells us of changes from now on")
    if done.watch_fault:
        err.print(f"subscribing failed, and is tried again daily: {done.watch_fault}", markup=False)
    if not done.in_prefect:
        err.print("Prefect does not run: `rebook up` brings the connection there")
    for number, step in enumerate(done.steps, start=1):
        err.print(f"left to you, {number}: {step}", markup=False, soft_wrap=True)
    err.print(f"name {chosen} in the block Rebook Topology, where it is not there yet")


def _text(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text()
    except (OSError, UnicodeDecodeError) as error:
        fail(f"cannot read {file}: {type(error).__name__}")


def _pairs(options: list[str]) -> dict[str, str]:
    if wrong := [one for one in options if "=" not in one]:
        fail(f"--set wants name=value, not {wrong[0]}")
    return {name.strip(): value for name, _, value in (one.partition("=") for one in options)}


def _asked(slug: str, form: Form) -> "Entered":
    """Questions on the terminal. Only what is needed; the rest has defaults."""
    from runtime.connecting import Entered

    err.print(f"[bold]{connector_class(slug).name}[/bold]: see docs/platforms/{slug}.md")
    base_url = typer.prompt(f"base URL, {form.base_url}", err=True) if form.base_url else ""
    way = _way(form)
    return Entered(
        base_url=base_url,
        credentials={one: _credential(one) for one in way},
        settings={one: typer.prompt(f"setting {one}", err=True) for one in form.needed},
        webhook_secrets=_secrets(form),
    )


def _credential(name: str) -> str:
    """A key that is pasted as it stands in a JSON file has its line ends written out."""
    given: str = typer.prompt(name, hide_input=name not in PLAIN, err=True)
    return given.replace("\\n", "\n")


def _way(form: Form) -> tuple[str, ...]:
    if len(form.ways) == 1:
        return form.ways[0]
    for number, way in enumerate(form.ways, start=1):
        err.print(f"  {number}  {', '.join(way)}")
    most = len(form.ways)
    picked: int = typer.prompt("which credentials", type=click.IntRange(1, most), err=True)
    return form.ways[picked - 1]


def _secrets(form: Form) -> dict[str, str]:
    if form.secret is not Secret.THEIRS:
        return {}
    return {
        one: typer.prompt(f"webhook secret {one}", hide_input=True, err=True)
        for one in form.secrets
    }
