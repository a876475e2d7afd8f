"""Starts the run that opens a case by hand, through Prefect's API as any operator would."""

import httpx
from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound, PrefectException
from prefect.settings import PREFECT_API_URL, temporary_settings

from runtime.prefect_place import api_url, run_link
from tasks.names import BY_HAND_RUN

FLOW = "start_reschedule/rebook"


class PrefectAway(Exception):
    """No run could be created. Says what to do."""


def start_case(connection: str, appointment_id: str, *, cause: str, by: str) -> str:
    """The link to the run. Raises `PrefectAway`."""
    api = api_url()
    if api is None:
        raise PrefectAway("Prefect does not run here: `rebook up`, or name it in PREFECT_API_URL")
    parameters = {
        "connection": connection,
        "appointment_id": appointment_id,
        "cause": cause,
        "by": by,
    }
    try:
        return run_link(api, _create(api, parameters))
    except ObjectNotFound:
        raise PrefectAway(
            f"Prefect at {api} has no deployment {FLOW}: `rebook up` registers it"
        ) from None
    except (httpx.HTTPError, PrefectException) as error:
        raise PrefectAway(f"Prefect at {api} did not do it ({type(error).__name__})") from None


def _create(api: str, parameters: dict[str, str]) -> str:
    with temporary_settings({PREFECT_API_URL: api}), get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name(FLOW)
        run = client.create_flow_run_from_deployment(
            deployment.id,
            name=BY_HAND_RUN.format(**parameters),
            parameters=parameters,
            tags=["by-hand"],
        )
    return str(run.id)
