"""Named places where a test may kill the process, to prove that nothing is lost or done twice.

Armed by a file of the same name in the folder `REBOOK_FAILPOINTS`; the first to pass takes it, writes
its process id there and dies. Where the file says "hold" it is only held up until that is removed.
"""

import os
import signal
import time
from pathlib import Path

NAMES = (
    "gateway.before_commit",
    "gateway.after_commit",
    "inbox.before_commit",
    "inbox.after_commit",
    "catch_up.before_commit",
    "catch_up.after_commit",
    "case.run_wanted",
    "case.run_created",
    "case.begun",
    "offer.before_commit",
    "offer.after_commit",
    "send.claimed",
    "send.called",
    "send.settled",
    "wait.opened",
    "wait.woken",
    "answers.before_commit",
    "answers.after_commit",
    "book.claimed",
    "book.called",
    "book.confirmed",
    "sync.called",
    "sync.done",
    "staff.called",
    "case.finished",
    "dispatcher.before_create",
    "dispatcher.after_create",
    "dispatcher.before_resume",
    "dispatcher.after_resume",
)

BESIDE = ("campaign.claimed", "campaign.called")
"""Where a platform's own sequence is begun: the story of a house does not come by."""


def fp(name: str) -> None:
    """Die here by SIGKILL, or be held up, if a test armed this place."""
    folder = os.environ.get("REBOOK_FAILPOINTS")
    if folder is None:
        return
    if name not in NAMES + BESIDE:
        raise ValueError(f"{name} is no failpoint")
    taken = Path(folder, f"{name}.fired")
    try:
        Path(folder, name).rename(taken)
    except FileNotFoundError:
        return
    held = taken.read_text() == "hold"
    taken.write_text(str(os.getpid()))
    if not held:
        os.kill(os.getpid(), signal.SIGKILL)
    while taken.exists():
        time.sleep(0.05)
