"""A morning in the office: cases in every position a button can be pressed in, and the presses.

All of them are prepared and pressed together, since a house does many things at once.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from rebook.db.session import ledger
from rebook.services import audit
from tests.flows.house import Client, House, until
from tests.flows.killing import arm, held, let_go
from tests.flows.ui import UI

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


def suspend(ui: UI, client: Client) -> Any:
    return ui.suspend(client.run()["id"])


def suspend_briefly(ui: UI, client: Client) -> Any:
    return ui.suspend(client.run()["id"], BRIEFLY)


RUNNING: dict[str, tuple[str, Press]] = {
    "cancel, running": ("case.begun", cancel),
    "suspend": ("offer.after_commit", suspend),
    "suspend briefly": ("wait.opened", suspend_briefly),
}
"""Where a run is held up while its button is pressed; it goes on afterwards."""


def open_office(house: House) -> Office:
    office = Office(UI(house))
    office.clients = {name: house.client() for name in ("by hand", "pool")}
    catch_running(office)
    delete_running(office)
    let_crash(office)
    let_wait(office)
    press_all(office, WAITING)
    return office


def catch_running(office: Office) -> None:
    """Each of these runs is held up in the midst of its work while its button is pressed."""
    house = office.ui.house
    for position, (place, press) in RUNNING.items():
        client = house.client()
        arm(house, [place], "hold")
        client.cancels()
        until(f"a run is at {place}", partial(held, house, [place]))
        run = client.run()["id"]
        assert office.ui.read(run)["state"]["type"] == "RUNNING"
        office.clients[position], office.runs[position] = client, run
        office.answers[position] = press(office.ui, client)
        pressed = office.ui.read(run)["state"]
        until("the feed tells of it", partial(office.ui.has_told, run, pressed))
        let_go(house, [place])


def delete_running(office: Office) -> None:
    """Deleted while it is about to wait: nothing of it is left in Prefect that could be asked."""
    house, client = office.ui.house, office.ui.house.client()
    arm(house, ["wait.opened"], "hold")
    client.cancels()
    until("a run is about to wait", partial(held, house, ["wait.opened"]))
    office.clients["delete, running"] = client
    office.runs["delete, running"] = client.run()["id"]
    office.answers["delete, running"] = delete(office.ui, client)
    let_go(house, ["wait.opened"])


def let_crash(office: Office) -> None:
    """Its worker dies with it; the case gets another run, and the first is retried by hand."""
    house, client = office.ui.house, office.ui.house.client()
    arm(house, ["case.begun"])
    client.cancels()
    run = until("a run crashes", partial(office.ui.crashed, client))
    office.clients["crash"], office.runs["crash"] = client, run
    office.answers["crash"] = office.ui.retry_in_the_older_pages(run)
    client.waits()


def let_wait(office: Office) -> None:
    """All the others get there while their deployments are paused."""
    paused = ("reschedule_case", "handle_inbox")
    office.answers["pause"] = [office.ui.pause_deployment(name, paused=True) for name in paused]
    clients = [office.ui.house.client() for _ in WAITING]
    for client in clients:
        client.cancels()
    for client in clients:
        client.waits()
    office.clients |= dict(zip(WAITING, clients, strict=True))
    office.answers["unpause"] = [office.ui.pause_deployment(name, paused=False) for name in paused]


def press_all(office: Office, presses: dict[str, Press]) -> None:
    def press(position: str) -> None:
        client = office.clients[position]
        office.runs[position] = client.run()["id"]
        office.answers[position] = presses[position](office.ui, client)

    with ThreadPoolExecutor(len(presses)) as hands:
        list(hands.map(press, presses))


def outcomes(case_id: str) -> list[str]:
    """What became of everything that was said and decided about a case."""
    with ledger() as session:
        story = audit.story(session, case_id)
        return [entry.detail["outcome"] for entry in story if "outcome" in entry.detail]


def in_slack(house: House, case_id: str) -> str:
    """Everything the office's channel says of a case."""
    messages = house.platform("slack")["messages"]
    return "\n".join(m["text"] for m in messages if case_id in m["text"])
