"""How our runs are called and tagged in Prefect: ids and fixed words only."""

CASE_FLOW = "reschedule_case/rebook"
INBOX_FLOW = "handle_inbox/rebook"
CATCH_UP_FLOW = "catch_up/rebook"
MARKER = "rebook_installation"

INBOX_RUN = "read the inbox"
CATCH_UP_RUN = "catch up on {connection}"
BY_HAND_RUN = "start {appointment_id} on {connection} by hand"


def case_key(case_id: str, epoch: int) -> str:
    """The idempotency key of a case's run: creating it twice gives one run."""
    return f"{case_id}:{epoch}"


def case_tags(case_id: str, platform: str, batch: str = "") -> list[str]:
    tags = [f"case:{case_id}", f"platform:{platform}"]
    return [*tags, f"batch:{batch}"] if batch else tags
