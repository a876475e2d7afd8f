"""Where Prefect's API and pages are: as the environment says, else as the running house says."""

import base64
import os

from runtime.ledger_access import house_state


def api_url() -> str | None:
    """Without a slash at its end. None where nothing says."""
    named = os.environ.get("PREFECT_API_URL", "").rstrip("/")
    if named:
        return named
    state = house_state()
    return f"{state.addresses['prefect']}/api" if state else None


def run_link(api: str, run_id: str) -> str:
    pages = os.environ.get("PREFECT_UI_URL", "").rstrip("/") or api.removesuffix("/api")
    return f"{pages}/runs/flow-run/{run_id}"


def sign_in() -> dict[str, str]:
    """The header that a server with `PREFECT_SERVER_API_AUTH_STRING` wants."""
    given = os.environ.get("PREFECT_API_AUTH_STRING", "")
    if not given:
        return {}
    return {"Authorization": f"Basic {base64.b64encode(given.encode()).decode()}"}
