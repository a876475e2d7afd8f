"""The supervisor: starts a list of processes in order, keeps them running, ends them all.

Nothing it started outlives it, not even when it is killed with -9.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

from runtime import sweep
from runtime.folder_lock import FolderLock
from runtime.orphans import adopt_orphans, reap_orphans
from runtime.process import Child, Fare, ProcessSpec
from runtime.state import LOCK, forget_state, write_state

TICK_SECONDS = 0.05
TRIES_TO_START = 5


class StartFailed(Exception):
    """A process did not become ready. `log` is where it wrote, `lines` the end of that."""

    def __init__(self, child: Child, reason: str) -> None:
        super().__init__(f"{child.spec.name} {reason}; its log is {child.log}")
        self.log = child.log
        self.lines = child.last_lines()


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


class Supervisor:
    """Use `run` from the main thread; children die when the thread that started them ends."""

    def __init__(
        self,
        specs: Sequence[ProcessSpec],
        data_dir: Path,
        *,
        addresses: Mapping[str, str] | None = None,
        report: Callable[[str], None] = say,
        when_ready: Callable[[], None] = lambda: None,
    ) -> None:
        self.folder = data_dir.resolve()
        self.children = {spec.name: Child(spec, self.folder) for spec in specs}
        self._addresses = dict(addresses or {})
        self._report = report
        self._when_ready = when_ready
        self._lock = FolderLock(self.folder / LOCK)
        self._sentinel: subprocess.Popen[bytes] | None = None
        self._stops_asked = 0
        self._stop_signal = ""
        self._up = False

    def run(self) -> None:
        """Until SIGTERM, SIGINT or SIGHUP. Raises AlreadyRunning, StartFailed."""
        self._begin()
        try:
            while not self._stops_asked:
                self.tick()
                time.sleep(TICK_SECONDS)
            self._report(f"stopping ({self._stop_signal})")
        finally:
            self.stop()

    def tick(self) -> None:
        """One look at every child."""
        for child in self.children.values():
            self._tend(child)
        reap_orphans(self._own_pids())
        if not self._up and all(child.settled for child in self.children.values()):
            self._up = True
            write_state(self.folder, self._addresses, self.children.values())
            self._when_ready()

    def stop(self) -> None:
        """Those that need others first, each level at once; then whatever is still marked."""
        for level in reversed(self._levels()):
            self._stop_all(level)
        sweep.sweep(self.folder)
        forget_state(self.folder)
        self._dismiss_sentinel()
        self._lock.release()

    def _begin(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock.acquire()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)
        sweep.sweep(self.folder)
        adopt_orphans()
        self._post_sentinel()

    def _asked_to_stop(self, number: int, _frame: FrameType | None) -> None:
        self._stops_asked += 1
        self._stop_signal = signal.Signals(number).name

    def _tend(self, child: Child) -> None:
        code = child.bury()
        if code is not None:
            self._ended(child, code)
        elif child.fare is Fare.WAITING and self._may_start(child):
            self._start(child)
        elif child.fare is Fare.STARTING:
            self._look(child)

    def _may_start(self, child: Child) -> bool:
        needs = (self.children[name] for name in child.spec.after)
        return time.monotonic() >= child.not_before and all(need.settled for need in needs)

    def _start(self, child: Child) -> None:
        try:
            child.start()
        except Exception as error:
            self._stumbled(child, error)

    def _look(self, child: Child) -> None:
        try:
            child.look()
        except Exception as error:
            self._stumbled(child, error)
        if child.fare is Fare.READY:
            self._settled(child)
        elif time.monotonic() - child.started_at > child.spec.ready_seconds:
            self._overdue(child)

    def _stumbled(self, child: Child, error: Exception) -> None:
        """Its own preparation failed: reported to whoever starts us, tried again once we are up."""
        if not self._up:
            raise error
        child.end_group()
        child.start_again_later()

    def _overdue(self, child: Child) -> None:
        if not self._up:
            raise StartFailed(child, f"was not ready after {child.spec.ready_seconds:.0f} s")
        child.end_group()

    def _settled(self, child: Child) -> None:
        self._report(f"ready: {child.spec.name} ({time.monotonic() - child.started_at:.1f} s)")
        if self._up:
            write_state(self.folder, self._addresses, self.children.values())

    def _ended(self, child: Child, code: int) -> None:
        if child.spec.once and code == 0:
            child.fare = Fare.DONE
            self._settled(child)
            return
        if not self._up and (child.spec.once or child.restarts >= TRIES_TO_START):
            raise StartFailed(child, f"ended with code {code}")
        child.start_again_later()
        self._report(f"ended: {child.spec.name} (code {code}), starting it again")

    def _levels(self) -> list[list[Child]]:
        """Children by how many others must be there before them."""
        depths: dict[str, int] = {}
        for name, child in self.children.items():
            depths[name] = 1 + max((depths[need] for need in child.spec.after), default=0)
        highest = max(depths.values(), default=0)
        return [
            [self.children[name] for name, depth in depths.items() if depth == wanted]
            for wanted in range(1, highest + 1)
        ]

    def _stop_all(self, level: list[Child]) -> None:
        asked_at = time.monotonic()
        for child in level:
            child.ask_to_stop()
        while running := [child for child in level if child.running]:
            for child in running:
                if self._stops_asked > 1 or _is_late(child, asked_at):
                    child.end_group()
            time.sleep(TICK_SECONDS / 2)
        for child in level:
            child.bury()
            child.spec.after_end()

    def _own_pids(self) -> set[int]:
        processes = [child.process for child in self.children.values()] + [self._sentinel]
        return {process.pid for process in processes if process is not None}

    def _post_sentinel(self) -> None:
        """It sweeps when its standard input closes: at the latest when we die."""
        self._sentinel = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", sweep.__file__, str(self.folder)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    def _dismiss_sentinel(self) -> None:
        if self._sentinel is not None:
            self._sentinel.communicate()


def _is_late(child: Child, asked_at: float) -> bool:
    return time.monotonic() - asked_at > child.spec.stop_seconds
