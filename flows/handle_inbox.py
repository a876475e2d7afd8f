"""Read what platforms sent about appointments, and start a run for every case it opened.

One run drains everything that waits: a burst of a thousand webhooks is one run. What people say, and
what vendors report of our messages, was read before, by the reader: nobody waits for a run.
"""

from prefect import flow

from tasks.case_runs import start_case_runs
from tasks.changes import store_changes
from tasks.letters import drain_inbox
from tasks.names import INBOX_RUN
from tasks.unattended import attend_to_unattended, somebody_waits


@flow(name="handle_inbox", flow_run_name=INBOX_RUN)
def handle_inbox() -> list[str]:
    """Handle the inbox. Returns the cases opened."""
    cases, to_poll = drain_inbox()
    for connection in to_poll:
        cases += store_changes(connection)
    if cases:
        start_case_runs(cases)
    if somebody_waits():
        attend_to_unattended()
    return cases
