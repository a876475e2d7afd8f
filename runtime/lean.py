"""What Prefect's processes are told, so that they cost little and a year of work stays quick."""

YOUNG_OBJECTS = 20_000
"""How many new objects there are before Python looks for cycles among them; by itself it does after 700."""
A_DAY = 24 * 3600
POOL = "PREFECT_SERVER_DATABASE_SQLALCHEMY"


def of_services(keep_runs_days: int) -> dict[str, str]:
    """Settings of the server, by the names of the environment.

    Steps and events are written in batches: one by one, each costs the building of a statement.
    It asks in more than the hundred different statements that a connection keeps prepared, and in a
    storm on more than the five connections that it keeps: a new one learns types and statements anew.
    To mark a run Late is a change of state more for each run of a storm, and it starts no sooner.
    Suspended runs of ours have no end that Prefect should look for. Ended runs are deleted in time,
    with their logs and artifacts; one that waits has not ended.
    """
    services = {
        "PAUSE_EXPIRATIONS_LOOP_SECONDS": 600,
        "LATE_RUNS_AFTER_SECONDS": 60,
        "LATE_RUNS_LOOP_SECONDS": 15,
        "CLEANUP_RECONCILER_LOOP_SECONDS": 60,
        "REPOSSESSOR_LOOP_SECONDS": 60,
        "FOREMAN_LOOP_SECONDS": 30,
        "TASK_RUN_RECORDER_BATCH_SIZE": 200,
        "TASK_RUN_RECORDER_FLUSH_INTERVAL": 1,
        "EVENT_PERSISTER_BATCH_SIZE": 500,
        "EVENT_PERSISTER_FLUSH_INTERVAL": 2,
        "DB_VACUUM_ENABLED": "events,flow_runs",
        "DB_VACUUM_RETENTION_PERIOD": keep_runs_days * A_DAY,
    }
    told = {f"PREFECT_SERVER_SERVICES_{name}": str(value) for name, value in services.items()}
    pool = {"POOL_SIZE": "15", "CONNECT_ARGS_PREPARED_STATEMENT_CACHE_SIZE": "500"}
    return told | {f"{POOL}_{name}": value for name, value in pool.items()}
