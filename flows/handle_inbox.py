"""Read what platforms and clients sent, and start a run for every case it opened.

One run drains everything that waits: a burst of a thousand webhooks is one run.
"""

from prefect import flow

from tasks.case_runs import start_case_runs
from tasks.changes import drain_inbox, store_changes
from tasks.names import INBOX_RUN
from tasks.unattended import attend_to_unattended


@flow(name="handle_inbox", flow_run_name=INBOX_RUN)
def handle_inbox() -> list[str]:
    """Handle the inbox. Returns the cases opened."""
    cases, to_poll = drain_inbox()
    for connection in to_poll:
        cases += store_changes(connection)
    start_case_runs(cases)
    attend_to_unattended()
    return cases
