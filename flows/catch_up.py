"""Poll one connection and open a case for every appointment it has lost.

Webhooks bring most changes within seconds; this flow, on a schedule, brings the ones they lost.
"""

from prefect import flow

from tasks.case_runs import start_case_runs
from tasks.changes import store_changes
from tasks.names import CATCH_UP_RUN


@flow(name="catch_up", flow_run_name=CATCH_UP_RUN)
def catch_up(connection: str) -> list[str]:
    """Read what changed on a connection since it was last read. Returns the cases opened."""
    cases = store_changes(connection)
    if cases:
        start_case_runs(cases)
    return cases
