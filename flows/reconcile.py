"""Once a day: compare every platform with the ledger, repair what was missed, report what needs a person."""

from prefect import flow

from tasks.case_runs import start_case_runs
from tasks.reconciling import compare, connections_to_compare, report


@flow(name="reconcile", flow_run_name="compare every platform with the ledger")
def reconcile() -> list[str]:
    """Compare all connections. Returns the cases opened."""
    found = [compare(connection) for connection in connections_to_compare()]
    opened = [case_id for comparison in found for case_id in comparison.opened]
    start_case_runs(opened)
    report(found)
    return opened
