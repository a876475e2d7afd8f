"""The command line: `rebook`."""

import typer

from runtime.commands import house

app = typer.Typer(
    name="rebook",
    help="Gets lost appointments back on the calendar.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(house.up)
app.command()(house.down)


def main() -> None:
    app()
