"""A whole house with its sandbox, shared by the tests that need one, and a client's hands in it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from sqlmodel import Session, col, select

from rebook.db.session import ledger
from rebook.db.tables import Appointment, Booking, Case, Intent, SyncTarget

ROOT = Path(__file__).resolve().parents[2]
PAGE = 200
PATIENCE = float(os.environ.get("REBOOK_TEST_PATIENCE", "300"))

QUICK = {
    "REBOOK_LEASE_SECONDS": "20",
    "REBOOK_EVIDENCE_SECONDS": "6",
    "REBOOK_POLL_SECONDS": "86400",
    "REBOOK_BLOCK_SYNC_SECONDS": "2",
    "REBOOK_SANDBOX_CLIENTS": "80",
}
"""Shorter leases and waits for evidence than in a real house; polls only when a test asks."""


def until(what: str, found: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """The first true answer of `found`; fails the test with `what` when there is none in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if result := found():
            return result
        time.sleep(0.2)
    raise AssertionError(f"did not happen within {seconds:.0f} s: {what}")


@dataclass
class House:
    """A running house. `folder` is its data folder; times of the story are measured from outside."""

    folder: Path
    extra: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    used: int = 0

    def start(self) -> None:
        self.failpoints.mkdir(parents=True, exist_ok=True)
        environment = os.environ | QUICK | self.extra
        environment |= {
            "REBOOK_DATA_DIR": str(self.folder),
            "REBOOK_FAILPOINTS": str(self.failpoints),
        }
        environment.pop("REBOOK_DATABASE_URL", None)
        with (self.folder / "up.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "runtime.cli", "up", "--sandbox"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
            )
        until("the house is up", self._is_up, 240)

    def _is_up(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "up.log").read_text()[-3000:]
        return (self.folder / "up.json").exists()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)

    @property
    def failpoints(self) -> Path:
        return self.folder / "failpoints"

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "up.json").read_text())
        return found

    @property
    def addresses(self) -> dict[str, str]:
        found: dict[str, str] = self.state["addresses"]
        return found

    @property
    def town(self) -> httpx.Client:
        return httpx.Client(base_url=self.addresses["sandbox"], timeout=30, verify=False)

    @property
    def prefect(self) -> httpx.Client:
        return httpx.Client(base_url=self.addresses["prefect"] + "/api", timeout=30, verify=False)

    def platform(self, name: str) -> Any:
        with self.town as town:
            return town.get("/_control/state").json()[name]

    def control(self, path: str, body: dict[str, Any] | None = None) -> Any:
        with self.town as town:
            answer = town.post(f"/_control/{path}", json=body or {})
            answer.raise_for_status()
            return answer.json()

    def fault(self, platform: str, kind: str, **rest: Any) -> None:
        self.control("faults", {"platform": platform, "kind": kind, **rest})

    def client(self) -> "Client":
        """Somebody with an appointment whom no other test has used."""
        until("the appointments were read", self._was_read)
        booked = [a for a in self.platform("acuity")["appointments"] if not a["canceled"]]
        booked.sort(key=lambda appointment: int(appointment["id"]))
        found = next(a for a in booked if int(a["id"]) > self.used)
        self.used = int(found["id"])
        return Client(self, found)

    def _was_read(self) -> bool:
        """Both calendars are in the ledger and every initial poll has ended."""
        with ledger() as session:
            seen = set(session.exec(select(Appointment.connection).distinct()))
        return {"acuity", "google"} <= seen and not self.runs(
            name={"like_": "catch up on"}, state={"type": {"any_": ["PENDING", "RUNNING"]}}
        )

    def runs(self, **wanted: Any) -> list[dict[str, Any]]:
        """All of them: Prefect answers with 200 at most, and a house that told many stories has more."""
        found: list[dict[str, Any]] = []
        body = {"flow_runs": wanted, "limit": PAGE, "sort": "ID_DESC"}
        with self.prefect as prefect:
            while True:
                answer = prefect.post("/flow_runs/filter", json=body | {"offset": len(found)})
                found += answer.json()
                if len(answer.json()) < PAGE:
                    return found

    def start_flow(self, name: str, parameters: dict[str, Any]) -> str:
        """Run a deployment by hand, as from the UI. Returns the run's id."""
        with self.prefect as prefect:
            deployment = prefect.get(f"/deployments/name/{name}/rebook").json()
            answer = prefect.post(
                f"/deployments/{deployment['id']}/create_flow_run", json={"parameters": parameters}
            )
            return str(answer.json()["id"])


@dataclass
class Client:
    """One person in the town, with their appointment, phone and case."""

    house: House
    appointment: dict[str, Any]

    @property
    def appointment_id(self) -> str:
        return str(self.appointment["id"])

    @property
    def phone(self) -> str:
        return str(self.appointment["phone"])

    def cancels(self) -> None:
        self.house.control(f"acuity/{self.appointment_id}/cancel", {"by": "client"})

    def replies(self, text: str) -> None:
        self.house.control("phone/reply", {"from": self.phone, "body": text})

    def texts(self, containing: str = "") -> list[str]:
        """Texts this client got, oldest first."""
        sent = [m for m in self.house.platform("twilio")["messages"] if m["direction"] != "inbound"]
        mine = sorted((m for m in sent if m["to"] == self.phone), key=lambda m: str(m["sid"]))
        return [m["body"] for m in mine if containing in m["body"]]

    def gets_offer(self) -> str:
        return str(until("an offer by text", lambda: self.texts("New times"))[0])

    def gets_confirmation(self) -> str:
        return str(until("a confirmation by text", lambda: self.texts("booked"))[0])

    def link(self) -> str:
        found = re.search(r"https?://\S+/o/\w+", self.gets_offer())
        assert found is not None
        return found.group()

    def bookings(self) -> list[dict[str, Any]]:
        """Appointments of this client that stand in Acuity."""
        found = self.house.platform("acuity")["appointments"]
        return [a for a in found if a["phone"] == self.phone and not a["canceled"]]

    def mirror_starts(self) -> set[str]:
        """Where Google Calendar shows this client's original event."""
        return {
            event["start"]["dateTime"]
            for event in self.house.platform("google_calendar")["events"]
            if self.appointment_id in str(event.get("extendedProperties"))
        }

    def cases(self) -> list[Case]:
        with ledger() as session:
            return list(
                session.exec(
                    select(Case)
                    .join(Appointment, col(Appointment.id) == col(Case.appointment_id))
                    .where(Appointment.external_id == self.appointment_id)
                )
            )

    def case(self) -> Case:
        until("a case", self.cases)
        (case,) = self.cases()
        return case

    def case_in(self, *states: str) -> Case:
        def there() -> Case | None:
            case = self.case()
            return case if case.state in states else None

        found: Case = until(f"the case is {' or '.join(states)}", there)
        return found

    def run(self) -> dict[str, Any]:
        """The case's latest run in Prefect."""
        case: Case = until("a run", lambda: next((c for c in self.cases() if c.run_id), None))
        with self.house.prefect as prefect:
            found: dict[str, Any] = prefect.get(f"/flow_runs/{case.run_id}").json()
            return found

    def waits(self) -> dict[str, Any]:
        """The run, once it is suspended with its form and a reply may be given in the UI."""
        found: dict[str, Any] = until("the run waits with its form", self._waiting)
        return found

    def _waiting(self) -> dict[str, Any] | None:
        """Not the rest of a case in its grace, before anything was offered."""
        run = self.run()
        if run["state"]["name"] != "Suspended" or self.case().state == "open":
            return None
        keyset = run["state"]["state_details"].get("run_input_keyset")
        with self.house.prefect as prefect:
            form = (
                prefect.get(f"/flow_runs/{run['id']}/input/{keyset['schema']}") if keyset else None
            )
        return run if form is not None and form.status_code == 200 else None

    def decides(self, **form: str) -> dict[str, Any]:
        """An operator fills in the form of this client's case in the Prefect UI."""
        run = self.waits()
        with self.house.prefect as prefect:
            answer = prefect.post(f"/flow_runs/{run['id']}/resume", json={"run_input": form})
            found: dict[str, Any] = answer.json()
            return found

    def ends_well(self) -> None:
        """One case, one invitation, one booking, told to everybody, and nothing left to do."""
        case = self.case_in("rebooked")
        self.gets_confirmation()
        until("nothing is left to do", lambda: self.case().next_action_at is None)
        assert len(self.cases()) == 1
        assert len(self.texts("New times")) == 1
        assert len(self.texts("booked")) == 1
        (booking,) = self.bookings()
        with ledger() as session:
            self._everybody_agrees(session, case, booking)

    def _everybody_agrees(self, session: Session, case: Case, booking: dict[str, Any]) -> None:
        ours = session.exec(select(Booking).where(Booking.case_id == case.id)).one()
        assert ours.external_id == str(booking["id"])
        targets = session.exec(select(SyncTarget).where(SyncTarget.case_id == case.id)).all()
        assert {t.state for t in targets} == {"done"}, [(t.connection, t.fault) for t in targets]
        assert {t.connection for t in targets} == {"google", "slack"}
        doubtful = session.exec(
            select(Intent).where(
                Intent.case_id == case.id, col(Intent.state).in_(["sending", "unknown"])
            )
        ).all()
        assert not doubtful
        (mirror,) = self.mirror_starts()
        assert _same_instant(mirror, booking["datetime"])


def _same_instant(one: str, other: str) -> bool:
    return datetime.fromisoformat(one) == datetime.fromisoformat(other)
