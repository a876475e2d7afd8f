"""`rebook up` and `rebook down`: the whole house on one machine."""

import sys
from typing import NoReturn

import typer
from rich.console import Console

from rebook import keyring as keys
from rebook.settings import settings
from runtime import ports as port_choice
from runtime.down import down as stop_house
from runtime.folder_lock import AlreadyRunning
from runtime.processes import House, SettingMissing
from runtime.up import StartFailed, Supervisor

err = Console(stderr=True, highlight=False)


def up(
    sandbox: bool = typer.Option(False, "--sandbox", help="With the five platforms emulated."),
) -> None:
    """Start everything and keep it running until Ctrl-C."""
    house = build(sandbox=sandbox)
    run(house)


def build(*, sandbox: bool) -> House:
    """The house of this data folder, on the ports its settings name or on free ones."""
    chosen = settings()
    ports = port_choice.choose(
        gateway=chosen.gateway_port,
        prefect=chosen.prefect_port,
        sandbox=chosen.sandbox_port,
        office=chosen.office_port,
    )
    return House(chosen, keys.create(chosen.data_dir), ports, sandbox=sandbox)


def run(house: House) -> None:
    supervisor = Supervisor(
        house.specs(),
        house.data,
        addresses=house.addresses,
        when_ready=lambda: show_addresses(house),
    )
    try:
        supervisor.run()
    except (AlreadyRunning, SettingMissing) as error:
        fail(str(error))
    except StartFailed as error:
        fail("\n".join([str(error), *error.lines]))


def show_addresses(house: House) -> None:
    """Where to look, once all is ready."""
    err.print("\n[bold]Rebook is up.[/bold] Ctrl-C stops it.")
    for name, address in house.addresses.items():
        err.print(f"  {WHAT[name]:<42} {address}")


WHAT = {
    "gateway": "Clients and webhooks (gateway)",
    "prefect": "Operators (Prefect UI)",
    "office": "The office (staff page)",
    "sandbox": "Play the client (sandbox)",
}


def down() -> None:
    """Stop the Rebook that runs in this data folder."""
    stopped = stop_house(settings().data_dir)
    err.print("stopped" if stopped else "nothing was running")


def fail(message: str) -> NoReturn:
    """Say what is wrong and what to do; end with 1."""
    err.print(message, style="red", markup=False, soft_wrap=True)
    sys.exit(1)
