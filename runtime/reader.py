"""Reads what people say and what vendors report as soon as it is there: a thread beside the dispatcher."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from rebook.db.session import AWAY, ledger_url
from tasks.letters import read_what_was_said

NEWS = "rebook_inbox"
LOOK_SECONDS = 1.0
log = logging.getLogger("rebook.reader")


@contextmanager
def reading(stopped: threading.Event) -> Iterator[None]:
    """While the block lasts. Rows are locked one by one: a second reader elsewhere does no harm."""
    ended = threading.Event()
    thread = threading.Thread(target=_read_until, args=(stopped, ended), name="reader", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(LOOK_SECONDS * 3)


def _read_until(*ends: threading.Event) -> None:
    while not any(end.is_set() for end in ends):
        try:
            _listen_until(*ends)
        except (psycopg.Error, *AWAY) as error:
            log.warning("starting over: %s", type(error).__name__)
            ends[-1].wait(1)


def _listen_until(*ends: threading.Event) -> None:
    url = ledger_url().set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as ears:
        ears.execute(f"LISTEN {NEWS}")
        while not any(end.is_set() for end in ends):
            read_what_was_said()
            for _ in ears.notifies(timeout=LOOK_SECONDS, stop_after=1):
                pass
