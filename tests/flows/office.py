"""A morning in the office: cases in every position a button can be pressed in, and the presses.

All of them are prepared and pressed together, since a house does many things at once.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from rebook.db.session import ledger
from rebook.services import audit
from tests.flows.house import Client, House, until
from tests.flows.ui import UI, kill_process_of

BRIEFLY = timedelta(seconds=3)
OLDER_FORM = {
    "title": "Decision",
    "type": "object",
    "required": ["decision", "by"],
    "properties": {
        "decision": {"type": "string", "enum": ["close_declined", "hand_over", "read_ledger"]},
        "by": {"type": "string"},
    },
}
"""Fewer fields and fewer choices, as an earlier version of ours might have had."""

Press = Callable[[UI, Client], Any]


@dataclass
class Office:
    """Who is in which position, and what Prefect answered when the button was pressed."""

    ui: UI
    clients: dict[str, Client] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)
    """The run that each client's case had when the button was pressed."""

    def of(self, position: str) -> tuple[Client, Any, str]:
        return self.clients[position], self.answers[position], self.runs[position]


def fill_in(ui: UI, client: Client) -> Any:
    return ui.resume(client.run()["id"], decision="book_slot", by="maria", slot="o1-2")


def fill_in_wrongly(ui: UI, client: Client) -> list[Any]:
    run = client.run()["id"]
    return [ui.resume(run, **form) for form in WRONG_FORMS]


WRONG_FORMS: list[dict[str, str]] = [
    {},
    {"by": "maria"},
    {"decision": "book_slot"},
    {"decision": "book_everything", "by": "maria"},
    {"decision": "close_declined", "by": "Maria Lopez"},
    {"decision": "book_slot", "by": "maria", "slot": "tomorrow"},
]


def ask_for_new_times(ui: UI, client: Client) -> Any:
    return ui.resume(client.run()["id"], decision="offer_new_times", by="maria")


def cancel(ui: UI, client: Client) -> Any:
    return ui.cancel(client.run()["id"])


def delete(ui: UI, client: Client) -> Any:
    return ui.delete(client.run()["id"])


def run_again_beside(ui: UI, client: Client) -> Any:
    return ui.custom_run("reschedule_case", case_id=client.case().id).json()["id"]


def fill_in_older_form(ui: UI, client: Client) -> Any:
    put_older_form(ui, client)
    return ui.resume(client.run()["id"], decision="close_declined", by="maria")


def put_older_form(ui: UI, client: Client) -> None:
    """As if the run had been suspended by an earlier version of ours."""
    run = client.waits()
    key = run["state"]["state_details"]["run_input_keyset"]["schema"]
    path = f"/flow_runs/{run['id']}/input"
    assert ui.send("DELETE", f"{path}/{key}").is_success
    assert ui.send("POST", path, {"key": key, "value": json.dumps(OLDER_FORM)}).is_success


def wake_on_older_form(ui: UI, client: Client) -> None:
    put_older_form(ui, client)
    client.replies("can I bring my dog?")


WAITING: dict[str, Press] = {
    "form": fill_in,
    "wrong form": fill_in_wrongly,
    "old slot": ask_for_new_times,
    "cancel": cancel,
    "delete": delete,
    "second run": run_again_beside,
    "older form": fill_in_older_form,
    "older form, woken": wake_on_older_form,
}


def suspend_briefly(ui: UI, client: Client) -> Any:
    return ui.suspend(client.run()["id"], BRIEFLY)


def crash(ui: UI, client: Client) -> Any:
    run = client.run()["id"]
    kill_process_of(run)
    assert ui.ends(run)["state"]["type"] == "CRASHED"
    return ui.retry_in_the_older_pages(run)


RUNNING: dict[str, Press] = {
    "cancel, running": cancel,
    "suspend": suspend_briefly,
    "crash": crash,
}


def open_office(house: House) -> Office:
    office = Office(UI(house))
    drawn = [house.client() for _ in range(len(WAITING) + len(RUNNING) + 2)]
    for position in RUNNING:
        taken = {service_of(client) for client in office.clients.values()}
        office.clients[position] = next(c for c in drawn if service_of(c) not in taken)
        drawn.remove(office.clients[position])
    office.clients |= dict(zip([*WAITING, "by hand", "pool"], drawn, strict=True))
    all_at_once(office, RUNNING, catch_running)
    wait_all(office)
    all_at_once(office, WAITING, lambda _office, _client: None)
    return office


def service_of(client: Client) -> int:
    return int(client.appointment["appointmentTypeID"])


def catch_running(office: Office, client: Client) -> None:
    """Its run asks Acuity for free times and waits for the answer."""
    match = f"appointmentTypeID={service_of(client)}"
    office.ui.house.fault("acuity", "delay", match=match, seconds=9)
    client.cancels()
    until("its run waits for Acuity", lambda: fired(office.ui.house, match))
    assert client.run()["state"]["type"] == "RUNNING"


def fired(house: House, match: str) -> bool:
    with house.town as town:
        ordered = town.get("/_control/faults").json()["faults"]
    return any(fault["match"] == match and fault["fired"] for fault in ordered)


def wait_all(office: Office) -> None:
    """The waiting ones get there while their deployments are paused."""
    paused = ("reschedule_case", "handle_inbox")
    office.answers["pause"] = [office.ui.pause_deployment(name, paused=True) for name in paused]
    for position in WAITING:
        office.clients[position].cancels()
    for position in WAITING:
        office.clients[position].waits()
    office.answers["unpause"] = [office.ui.pause_deployment(name, paused=False) for name in paused]


def all_at_once(
    office: Office, presses: dict[str, Press], before: Callable[[Office, Client], None]
) -> None:
    def one(position: str) -> None:
        client = office.clients[position]
        before(office, client)
        office.runs[position] = client.run()["id"]
        office.answers[position] = presses[position](office.ui, client)

    with ThreadPoolExecutor(len(presses)) as hands:
        list(hands.map(one, presses))


def outcomes(case_id: str) -> list[str]:
    """What became of everything that was said and decided about a case."""
    with ledger() as session:
        story = audit.story(session, case_id)
        return [entry.detail["outcome"] for entry in story if "outcome" in entry.detail]


def in_slack(house: House, case_id: str) -> str:
    """Everything the office's channel says of a case."""
    messages = house.platform("slack")["messages"]
    return "\n".join(m["text"] for m in messages if case_id in m["text"])
