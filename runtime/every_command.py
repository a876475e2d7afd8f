"""Every command of `rebook`, under its name."""

import typer

from runtime.commands import (
    audit,
    backup,
    calls,
    case,
    connect,
    demo,
    doctor,
    house,
    interpret,
    link,
    preview,
    sandbox,
    staff,
)

app = typer.Typer(
    name="rebook",
    help="Gets lost appointments back on the calendar.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(house.up)
app.command()(house.down)
app.command()(demo.demo)
app.command()(doctor.doctor)
app.command()(connect.connect)
app.add_typer(case.app, name="case")
app.add_typer(staff.app, name="staff")
app.add_typer(calls.app, name="calls")
app.add_typer(link.app, name="link")
app.add_typer(audit.app, name="audit")
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(interpret.interpret)
app.command()(preview.preview)
app.add_typer(sandbox.app, name="sandbox")
