"""`rebook demo`: one story played on the sandbox, from a cancelled appointment to a booked one.

Each line is something that really happened; a step that does not happen in time ends the demo.
"""

import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from rich.console import Console

from rebook.db.session import ledger
from rebook.services import anchors, audit
from rebook.settings import settings
from runtime.commands.house import WHAT, build, fail
from runtime.folder_lock import AlreadyRunning
from runtime.rehearsal import Rehearsal, StoryStuck
from runtime.up import StartFailed, Supervisor

out = Console(highlight=False, soft_wrap=True)


def demo() -> None:
    """Play one story on the sandbox, show it as a timeline, and stop everything again."""
    with tempfile.TemporaryDirectory(prefix="rebook-demo-") as folder:
        os.environ["REBOOK_DATA_DIR"] = folder
        settings.cache_clear()
        sys.exit(Demo().run())


class Demo:
    """The house runs in the main thread, the story beside it."""

    def __init__(self) -> None:
        self.house = build(sandbox=True)
        self.started = time.monotonic()
        self.outcome = 1
        self.supervisor = Supervisor(
            self.house.specs(),
            self.house.data,
            addresses=self.house.addresses,
            report=lambda line: self.tell(line, dim=True),
            when_ready=lambda: threading.Thread(target=self._play, daemon=True).start(),
        )

    def run(self) -> int:
        self.tell("Starting PostgreSQL, Prefect, the gateway, the worker and a rehearsal town")
        try:
            self.supervisor.run()
        except AlreadyRunning as error:
            fail(str(error))
        except StartFailed as error:
            fail("\n".join([str(error), *error.lines]))
        return self.outcome

    def tell(self, line: str, *, dim: bool = False) -> None:
        seconds = time.monotonic() - self.started
        out.print(f"[cyan]{seconds:6.1f} s[/cyan]  {line}", style="dim" if dim else None)

    def _play(self) -> None:
        try:
            self._show_addresses()
            Rehearsal(self.house.addresses, self.tell).play()
            self._check_audit()
            self.outcome = 0
            self.tell("[green]The story ended well.[/green] `make up` lets you play it yourself.")
        except StoryStuck as error:
            self.tell(f"[red]{error}[/red]")
            self._show_logs()
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    def _show_addresses(self) -> None:
        for name, address in self.house.addresses.items():
            self.tell(f"{WHAT[name]:<36} {address}", dim=True)

    def _check_audit(self) -> None:
        """Everything is sealed and the chain holds."""
        end = time.monotonic() + 15
        while True:
            with ledger() as session:
                verdict = audit.verify(session, anchors.read())
            if verdict.holds and verdict.unsealed == 0:
                self.tell(f"the audit chain holds: {verdict.sealed} entries")
                return
            if not verdict.holds or time.monotonic() > end:
                raise StoryStuck(f"the audit chain does not hold: {verdict.why or 'not sealed'}")
            time.sleep(0.2)

    def _show_logs(self) -> None:
        for log in sorted(Path(self.house.data, "logs").glob("*.log")):
            lines = log.read_text(errors="replace").splitlines()[-15:]
            if lines:
                out.print(f"\n[bold]{log.name}[/bold]")
                out.print("\n".join(lines), markup=False)
