"""Keep the platforms' subscriptions alive, and say so when a source has been silent too long."""

from prefect import flow

from tasks.watches import connections_to_watch, renew_all, report_silence


@flow(name="renew_watches", flow_run_name="renew the subscriptions")
def renew_watches() -> list[str]:
    """Renew every subscription. Returns the connections that have been silent too long."""
    renew_all(connections_to_watch())
    return report_silence()
