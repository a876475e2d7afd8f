"""Every button of the Prefect UI, pressed on a real server: the handbook's table, line by line."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from rebook.db.session import ledger
from rebook.services import audit
from tests.flows.conftest import pointed_at
from tests.flows.house import ROOT, Client, House, until
from tests.flows.office import WRONG_FORMS, Office, in_slack, open_office, outcomes

LINES: set[str] = set()
"""The first column of the handbook's table, as far as a test shows it."""


def line(*pressed: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    LINES.update(pressed)
    return lambda test: test


@pytest.fixture(scope="module")
def office(running_house: House) -> Iterator[Office]:
    for house in pointed_at(running_house):
        yield open_office(house)


@line("Resume, form filled in")
def test_a_form_filled_in_books_the_slot_it_names(office: Office) -> None:
    client, answer, _ = office.of("form")
    assert answer["status"] == "ACCEPT"
    client.ends_well()
    with ledger() as session:
        entries = audit.story(session, client.case().id)
    assert [e.actor for e in entries if e.action == "decision"] == ["staff:maria"]


@line("Resume, form empty or wrong")
def test_an_empty_or_wrong_form_is_refused_and_books_nothing(office: Office) -> None:
    client, answers, run = office.of("wrong form")
    assert [answer["status"] for answer in answers] == ["REJECT"] * len(WRONG_FORMS)
    assert all(answer["details"]["reason"] for answer in answers)
    assert client.case().state == "offered"
    assert client.waits()["id"] == run
    assert len(client.bookings()) == 0


@line("Resume, a second time", "Retry, of a completed run", "Change state, of an ended run")
def test_a_run_that_ended_well_can_be_pressed_again_without_effect(office: Office) -> None:
    client, _, run = office.of("wrong form")
    first = office.ui.resume(run, decision="close_declined", by="maria")
    second = office.ui.resume(run, decision="book_slot", by="maria", slot="o1-1")
    assert (first["status"], second["status"]) == ("ACCEPT", "ABORT")
    client.case_in("declined")
    assert office.ui.ends(run)["state"]["type"] == "COMPLETED"
    for press in (office.ui.retry, office.ui.retry_in_the_older_pages):
        office.ui.change_state(run, "FAILED")
        assert press(run)["status"] == "ACCEPT"
        assert office.ui.ends(run)["state"]["type"] == "COMPLETED"
    assert client.case().state == "declined"
    assert client.bookings() == []
    assert len(client.texts()) == 1
    assert len(office.ui.runs_of(client.case().id)) == 1


@line("Resume, with an old or unknown slot")
def test_an_old_or_unknown_slot_is_refused_with_the_reason(office: Office) -> None:
    client, answer, run = office.of("old slot")
    assert answer["status"] == "ACCEPT"
    until("a second offer", lambda: len(client.texts("New times")) == 2)
    refusals = {"o1-1": "that offer was replaced by a newer one", "o9-1": "no such slot"}
    for slot, reason in refusals.items():
        client.waits()
        assert office.ui.resume(run, decision="book_slot", by="maria", slot=slot)["status"]
        until(reason, partial(has_outcome, client, reason))
    client.waits()
    assert client.case().state == "offered"
    assert client.bookings() == []


def has_outcome(client: Client, words: str) -> bool:
    return any(words in outcome for outcome in outcomes(client.case().id))


@line("Cancel, of a waiting run", "Retry, of a cancelled run")
def test_cancelling_a_waiting_run_gives_the_case_to_staff_for_good(office: Office) -> None:
    client, _, run = office.of("cancel")
    case_id = given_to_staff(office, client, "an operator cancelled its run")
    client.replies("2")
    until("the office knows", lambda: "has written since" in in_slack(office.ui.house, case_id))
    for press in (office.ui.retry, office.ui.retry_in_the_older_pages):
        assert press(run)["status"] == "ACCEPT"
        assert office.ui.ends(run)["state"]["type"] == "COMPLETED"
    assert client.case().state == "handed_over"
    assert client.bookings() == []
    assert len(client.texts()) == 1
    assert len(office.ui.runs_of(case_id)) == 1


def given_to_staff(office: Office, client: Client, why: str) -> str:
    """The case, once it waits for a person who was told."""
    case = client.case_in("handed_over")
    assert case.reason == why
    assert case.owner
    until("the office was told", lambda: why in in_slack(office.ui.house, case.id))
    return case.id


@line("Cancel, of a running run")
def test_cancelling_a_running_run_gives_the_case_to_staff(office: Office) -> None:
    client, _, run = office.of("cancel, running")
    case_id = given_to_staff(office, client, "an operator cancelled its run")
    assert office.ui.ends(run)["state"]["type"] == "CANCELLED"
    assert client.texts() == []
    assert len(office.ui.runs_of(case_id)) == 1


@line("Delete, of a run")
def test_deleting_a_run_gives_the_case_to_staff(office: Office) -> None:
    client, status, _ = office.of("delete")
    assert status == 204
    case_id = given_to_staff(office, client, "an operator deleted its run")
    assert office.ui.runs_of(case_id) == []
    assert len(client.texts()) == 1


def test_deleting_a_run_that_is_about_to_wait_does_the_same(office: Office) -> None:
    client, status, _ = office.of("delete, running")
    assert status == 204
    case_id = given_to_staff(office, client, "an operator deleted its run")
    assert office.ui.runs_of(case_id) == []
    assert client.texts() == []


def test_staff_can_set_the_machine_on_such_a_case_again(office: Office) -> None:
    client, _, _ = office.of("delete")
    case_id = client.case_in("handed_over").id
    messages = office.ui.house.platform("slack")["messages"]
    ts = next(m["ts"] for m in messages if case_id in m["text"])
    office.ui.house.control("slack/click", {"ts": ts, "action_id": "new_times", "user": "U01"})
    until("a second offer", lambda: len(client.texts("New times")) == 2)
    assert len(office.ui.runs_of(case_id)) == 1


@line("Suspend, of a running run")
def test_a_suspended_run_stops_and_goes_on_at_resume(office: Office) -> None:
    client, answer, run = office.of("suspend")
    assert answer["status"] == "ACCEPT"
    until("it is worked on no more", partial(office.ui.has_ended, run))
    assert office.ui.read(run)["state"]["name"] == "Suspended"
    assert client.texts() == []
    assert office.ui.resume(run)["status"] == "ACCEPT"
    client.gets_offer()
    assert client.waits()["id"] == run
    assert len(client.texts()) == 1


def test_a_suspended_run_goes_on_by_itself_when_its_time_is_over(office: Office) -> None:
    client, _, run = office.of("suspend briefly")
    client.gets_offer()
    assert office.ui.read(run)["state"]["type"] == "FAILED"
    assert client.waits()["id"] != run
    assert len(client.texts()) == 1


@line("Retry, of a crashed or failed run")
def test_retrying_a_crashed_run_writes_to_the_client_once(office: Office) -> None:
    client, answer, _ = office.of("crash")
    assert answer["status"] == "ACCEPT"
    client.gets_offer()
    client.waits()
    assert len(client.texts()) == 1
    others = {found["id"] for found in office.ui.runs_of(client.case().id)} - {client.run()["id"]}
    assert {office.ui.ends(other)["state"]["type"] for other in others} <= {"COMPLETED"}


@line("Run or Duplicate, `reschedule_case`")
def test_a_second_run_for_a_case_has_no_effect(office: Office) -> None:
    client, second, run = office.of("second run")
    assert office.ui.ends(second)["state"]["type"] == "COMPLETED"
    assert client.waits()["id"] == run
    assert len(client.texts()) == 1
    unknown = office.ui.custom_run("reschedule_case", case_id="case-nobody").json()["id"]
    assert office.ui.ends(unknown)["state"]["type"] == "COMPLETED"
    assert office.ui.custom_run("reschedule_case").status_code == 409


@line("Resume, on a form from before an upgrade")
def test_a_case_suspended_by_an_older_version_of_the_form_resumes(office: Office) -> None:
    by_hand, answer, _ = office.of("older form")
    assert answer["status"] == "ACCEPT"
    by_hand.case_in("declined")
    woken, _, _ = office.of("older form, woken")
    woken.case_in("handed_over")


@line("Run, `start_reschedule`")
def test_starting_a_case_by_hand_twice_opens_one(office: Office) -> None:
    client = office.clients["by hand"]
    asked = {"connection": "acuity", "cause": "our_fault", "by": "maria"}
    mine = {**asked, "appointment_id": client.appointment_id}
    runs = [office.ui.custom_run("start_reschedule", **mine).json()["id"] for _ in range(2)]
    nobodys = office.ui.custom_run("start_reschedule", **asked, appointment_id="1").json()["id"]
    named = office.ui.custom_run("start_reschedule", **{**mine, "by": "Maria Lopez"})
    assert named.status_code == 409
    assert {office.ui.ends(run)["state"]["type"] for run in runs} == {"COMPLETED"}
    assert office.ui.ends(nobodys)["state"]["type"] == "FAILED"
    client.gets_offer()
    client.waits()
    assert len(client.cases()) == 1
    assert len(client.texts()) == 1


@line("Pause, of a deployment")
def test_cases_go_on_while_their_deployments_are_paused(office: Office) -> None:
    assert office.answers["pause"] == office.answers["unpause"] == [204, 204]
    assert all(office.clients[position].texts("New times") for position in ("form", "cancel"))


@line("Pause, of the work pool")
def test_a_paused_work_pool_keeps_everything_and_starts_it_once(office: Office) -> None:
    client = office.clients["pool"]
    until("the inbox is at rest", lambda: not inbox_runs(office, lambda r: waits(r) or is_read(r)))
    assert office.ui.pause_pool(paused=True) == 204
    try:
        until("nobody reads the inbox", lambda: not inbox_runs(office, is_read))
        client.cancels()
        until("the inbox waits to be read", lambda: inbox_runs(office, waits))
        office.ui.house.control("clock", {"advance_seconds": 300})
        until("Prefect calls it late", lambda: inbox_runs(office, is_late))
        assert len(inbox_runs(office, waits)) == 1
        assert client.cases() == []
    finally:
        assert office.ui.pause_pool(paused=False) == 204
    client.gets_offer()
    client.waits()
    assert len(client.texts()) == 1


def is_read(run: dict[str, Any]) -> bool:
    """Unless it died with its worker, and nobody has told Prefect."""
    return run["state"]["type"] in ("PENDING", "RUNNING") and run["end_time"] is None


def waits(run: dict[str, Any]) -> bool:
    return bool(run["state"]["type"] == "SCHEDULED")


def is_late(run: dict[str, Any]) -> bool:
    return bool(run["state"]["name"] == "Late")


def inbox_runs(office: Office, wanted: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    return [run for run in office.ui.house.runs(tags={"all_": ["inbox"]}) if wanted(run)]


def test_each_turn_of_a_case_is_one_event_in_prefects_feed_with_ids_only(office: Office) -> None:
    client, _, _ = office.of("form")
    case_id = client.case().id
    wanted = ["opened", "offered", "rebooked", "closed"]
    until(
        "the events",
        lambda: {f"rebook.case.{name}" for name in wanted} <= set(news(office, case_id)),
    )
    told = news(office, case_id)
    assert sorted(told) == sorted(f"rebook.case.{name}" for name in wanted)
    for position in ("cancel", "older form, woken"):
        assert "rebook.case.handed_over" in news(office, office.clients[position].case().id)
    replied = office.clients["older form, woken"].case().id
    assert "rebook.case.replied" in news(office, replied)


def news(office: Office, case_id: str) -> dict[str, Any]:
    """Our events about a case by name; fails where one came twice or says more than ids."""
    about = {"resource": {"id": [f"rebook.case.{case_id}"]}}
    found = office.ui.send("POST", "/events/filter", {"filter": about, "limit": 50}).json()
    events = found["events"]
    assert len({event["event"] for event in events}) == len(events), events
    for event in events:
        assert event["resource"] == {
            "prefect.resource.id": f"rebook.case.{case_id}",
            "rebook.case": case_id,
        }
        assert event["payload"] == {}
    return {event["event"]: event for event in events}


def test_the_handbook_lists_the_buttons_shown_here() -> None:
    page = (ROOT / "docs" / "handbook" / "buttons.md").read_text()
    rows = re.findall(r"^\| (?!you press|---)([^|]+) \|", page, re.MULTILINE)
    assert sorted(rows) == sorted(LINES)
