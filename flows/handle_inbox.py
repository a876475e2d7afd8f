"""Read what platforms and clients sent, and start a run for every case it opened.

One run drains everything that waits: a burst of a thousand webhooks is one run.
"""

from prefect import flow

from tasks.case_runs import start_case_runs
from tasks.changes import drain_inbox, store_changes
from tasks.unattended import tell_office_of_unattended


@flow(name="handle_inbox")
def handle_inbox() -> list[str]:
    """Handle the inbox. Returns the cases opened."""
    cases, to_poll = drain_inbox()
    for connection in to_poll:
        cases += store_changes(connection)
    start_case_runs(cases)
    tell_office_of_unattended()
    return cases
