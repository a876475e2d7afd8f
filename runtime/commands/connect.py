"""`rebook connect`: an admin enters a platform's account, and everything else is done."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connectors import REGISTRY, connector_class
from connectors.forms import Form, Secret, Way, form_of
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
    base: Annotated[
        str, typer.Option("--base-url", help="Where the platform is, if not where it usually is.")
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
        if file:
            entered = read(_text(file))
            entered.settings |= _pairs(options or [])
            entered.base_url = base or entered.base_url
        else:
            entered = _entered(slug, chosen, base, _pairs(options or []))
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


def _entered(slug: str, name: str, base_url: str, settings: dict[str, str]) -> "Entered":
    """By questions, and by signing in where that was chosen."""
    from runtime.commands.signing_in import sign_in
    from runtime.connecting import check_before

    form, vendor = form_of(slug), connector_class(slug).name
    err.print(f"[bold]{vendor}[/bold]: see docs/platforms/{slug}.md")
    if form.base_url and not base_url:
        base_url = typer.prompt(f"base URL, {form.base_url}", err=True)
    way = _way(form, vendor)
    entered = _asked(form, way, base_url, settings)
    if way.signs_in and form.sign_in:
        with at_work("looking"):
            check_before(slug, name, entered, later=form.learned)
        sign_in(vendor, form.sign_in, entered)
    return entered


def _asked(form: Form, way: Way, base_url: str, settings: dict[str, str]) -> "Entered":
    """Questions on the terminal. Only what is needed; the rest has defaults."""
    from runtime.connecting import Entered

    told = {*settings, *(form.learned if way.signs_in else ())}
    return Entered(
        base_url=base_url,
        credentials={one: _credential(one) for one in way.names},
        settings={
            one: typer.prompt(f"setting {one}", err=True) for one in form.needed if one not in told
        }
        | settings,
        webhook_secrets=_secrets(form, way),
    )


def _credential(name: str) -> str:
    """A key that is pasted as it stands in a JSON file has its line ends written out."""
    given: str = typer.prompt(name, hide_input=name not in PLAIN, err=True)
    return given.replace("\\n", "\n")


def _way(form: Form, vendor: str) -> Way:
    ways = form.choices
    if len(ways) == 1:
        return ways[0]
    for number, way in enumerate(ways, start=1):
        then = f", and signing in at {vendor}" if way.signs_in else ""
        err.print(f"  {number}  {', '.join(way.names)}{then}", markup=False)
    while True:
        picked: int = typer.prompt("which credentials", type=int, err=True)
        if 1 <= picked <= len(ways):
            return ways[picked - 1]


def _secrets(form: Form, way: Way) -> dict[str, str]:
    if form.secret_for(way.names) is not Secret.THEIRS:
        return {}
    return {
        one: typer.prompt(f"webhook secret {one}", hide_input=True, err=True)
        for one in form.secrets
    }
