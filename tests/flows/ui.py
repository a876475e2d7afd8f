"""The hands of an operator: the HTTP calls Prefect's own pages make when a button is pressed.

Read from the pages that Prefect 3.8.8 ships: `UI` is what the newer ones send, which come up by
default; where the older ones send something else it has a name of its own.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.flows.house import Client, House, until

HOLD = timedelta(seconds=300)
"""What the dialogue of the Suspend button offers."""


@dataclass(frozen=True)
class UI:
    house: House

    def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        with self.house.prefect as prefect:
            return prefect.request(method, path, json=body)

    def read(self, run_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.send("GET", f"/flow_runs/{run_id}").json()
        return found

    def resume(self, run_id: str, **form: str) -> dict[str, Any]:
        """The answer says `status`, and under `details` the reason for a refusal."""
        body = {"run_input": form} if form else None
        found: dict[str, Any] = self.send("POST", f"/flow_runs/{run_id}/resume", body).json()
        return found

    def _set(self, run_id: str, state: dict[str, Any], *, force: bool) -> dict[str, Any]:
        body = {"state": state, "force": force}
        found: dict[str, Any] = self.send("POST", f"/flow_runs/{run_id}/set_state", body).json()
        return found

    def cancel(self, run_id: str) -> dict[str, Any]:
        return self._set(run_id, {"type": "CANCELLING", "name": "Cancelling"}, force=True)

    def retry(self, run_id: str) -> dict[str, Any]:
        return self._set(run_id, RETRY, force=True)

    def retry_in_the_older_pages(self, run_id: str) -> dict[str, Any]:
        return self._set(run_id, RETRY, force=False)

    def change_state(self, run_id: str, kind: str) -> dict[str, Any]:
        return self._set(run_id, {"type": kind, "name": kind.capitalize()}, force=True)

    def suspend(self, run_id: str, hold: timedelta = HOLD) -> dict[str, Any]:
        details = {
            "pause_timeout": (datetime.now(UTC) + hold).isoformat(),
            "pause_reschedule": True,
            "deferred": False,
            "untrackable_result": False,
        }
        state = {"type": "PAUSED", "name": "Suspended", "state_details": details}
        return self._set(run_id, state, force=True)

    def delete(self, run_id: str) -> int:
        return self.send("DELETE", f"/flow_runs/{run_id}").status_code

    def custom_run(self, deployment: str, **parameters: str) -> httpx.Response:
        """The form of a deployment's Run button, and Duplicate of a run."""
        body = {
            "parameters": parameters,
            "enforce_parameter_schema": True,
            "state": {"type": "SCHEDULED", "message": "Run from the Prefect UI"},
        }
        path = f"/deployments/{self._deployment(deployment)}/create_flow_run"
        return self.send("POST", path, body)

    def pause_deployment(self, name: str, *, paused: bool) -> int:
        path = f"/deployments/{self._deployment(name)}"
        return self.send("PATCH", path, {"paused": paused}).status_code

    def pause_pool(self, *, paused: bool) -> int:
        return self.send("PATCH", "/work_pools/rebook", {"is_paused": paused}).status_code

    def _deployment(self, name: str) -> str:
        return str(self.send("GET", f"/deployments/name/{name}/rebook").json()["id"])

    def ends(self, run_id: str) -> dict[str, Any]:
        """The run, once it has ended."""
        ended = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}

        def over() -> dict[str, Any] | None:
            run = self.read(run_id)
            return run if run["state"]["type"] in ended else None

        found: dict[str, Any] = until("the run ends", over)
        return found

    def runs_of(self, case_id: str) -> list[dict[str, Any]]:
        """The runs Rebook made for a case."""
        return self.house.runs(tags={"all_": [f"case:{case_id}"]})

    def crashed(self, client: Client) -> str:
        """A run of this client's case that Prefect shows as crashed; empty where none is."""
        runs = [run for case in client.cases() for run in self.runs_of(case.id)]
        return next((str(run["id"]) for run in runs if run["state"]["type"] == "CRASHED"), "")

    def has_told(self, run_id: str, state: dict[str, Any]) -> bool:
        """Is the run's entering this very state in the feed, where workers hear of it?"""
        about = {"resource": {"id": [f"prefect.flow-run.{run_id}"]}}
        answer = self.send("POST", "/events/filter", {"filter": about, "limit": 50}).json()
        return any(one["id"] == state["id"] for one in answer["events"])

    def has_ended(self, run_id: str) -> bool:
        """Does nobody execute it any more? The engine has a last word for each of its starts."""
        wanted = {"logs": {"flow_run_id": {"any_": [run_id]}}, "sort": "TIMESTAMP_DESC"}
        lines = self.send("POST", "/logs/filter", wanted).json()
        ended = sum(line["message"].startswith("Finished in state") for line in lines)
        return bool(ended >= self.read(run_id)["run_count"])


RETRY = {"type": "SCHEDULED", "name": "AwaitingRetry", "message": "Retry from the UI"}
