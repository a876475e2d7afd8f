"""What is said is read, and who calls is answered, as soon as it is there: threads beside the dispatcher."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from rebook.db.session import ledger_url
from runtime.hearing import hear
from tasks.calls import answer_callers, tell_the_office
from tasks.letters import read_what_was_said
from tasks.step import StepFault

WORK: dict[str, Callable[[], int]] = {
    "rebook_inbox": read_what_was_said,
    "rebook_asks": answer_callers,
    "rebook_call_backs": tell_the_office,
}
"""What is done at which news, each in a thread of its own: a slow vendor keeps no caller waiting."""
LOOK_SECONDS, GATHER_SECONDS = 1.0, 0.1
"""After a look that found something what follows close behind is gathered, and read together."""
log = logging.getLogger("rebook.reader")


@contextmanager
def reading(stopped: threading.Event) -> Iterator[None]:
    """While the block lasts. Rows are locked one by one: a second reader elsewhere does no harm."""
    ended = threading.Event()
    threads = [
        threading.Thread(target=_work_until, args=(news, stopped, ended), name=news, daemon=True)
        for news in WORK
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join(LOOK_SECONDS * 3)


def _work_until(news: str, *ends: threading.Event) -> None:
    while not any(end.is_set() for end in ends):
        try:
            _listen_until(news, *ends)
        except Exception as error:
            log.warning("starting over: %s", StepFault(error))
            ends[-1].wait(1)


def _listen_until(news: str, *ends: threading.Event) -> None:
    url = ledger_url().set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as ears:
        ears.execute(f"LISTEN {news}")
        while not any(end.is_set() for end in ends):
            if WORK[news]():
                ends[-1].wait(GATHER_SECONDS)
            hear(ears, LOOK_SECONDS)
