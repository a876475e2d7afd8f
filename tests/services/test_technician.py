"""What a technician reports from the doorstep: counted once, judged where it must be, told to all."""

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rebook.db.field_tables import TechnicianPage, VisitReport
from rebook.db.session import ledger
from rebook.db.tables import Appointment, Audit, Case, ExpectedEcho, Intent, SyncTarget
from rebook.domain import clock
from rebook.domain.appointments import Status
from rebook.domain.decisions import Choice
from rebook.domain.pageview import open_view, token_hash
from rebook.domain.policy import Policy
from rebook.domain.verdicts import Verdict
from rebook.domain.visits import Reported
from rebook.services import rounds, story, sync_back, visit_reports
from rebook.services.visit_reports import Said
from tests.services import office
from tests.services.office import LEILANI, NOON, Clock

pytestmark = pytest.mark.usefixtures("business")
AN_HOUR_AGO = NOON - timedelta(hours=1)


def link(calendar: str = "chair-1") -> str:
    with ledger() as session:
        day = rounds.today(session, "acuity", calendar)
        return rounds.link(session, "acuity", calendar, day).rpartition("/")[2]


def day(token: str) -> list[dict[str, Any]]:
    with ledger() as session:
        view = open_view(token, session.get_one(TechnicianPage, token_hash(token)).view)
    found: list[dict[str, Any]] = view["visits"]
    return found


def report(token: str, kind: Reported, visit: str = "", **more: str) -> tuple[str, str | None]:
    key = more.pop("key", secrets.token_hex(16))
    said = Said(token, visit or day(token)[0]["ref"], kind, key, **more)
    with ledger() as session:
        return visit_reports.receive(session, said, clock.now())


def visited(**changes: Any) -> str:
    """One visit an hour ago and the page that shows it."""
    office.see(office.appointment(starts_at=AN_HOUR_AGO, **changes))
    return link()


def opened(token: str, kind: Reported = Reported.NO_ONE_HOME, **more: str) -> str:
    verdict, case_id = report(token, kind, **more)
    assert verdict == Verdict.OPENED
    assert case_id is not None
    return case_id


def test_the_page_shows_the_visits_of_this_calendar_on_this_day_and_no_surname() -> None:
    office.see(office.appointment("late", starts_at=NOON + timedelta(hours=3)))
    office.see(office.appointment("tomorrow"))
    office.see(office.appointment("elsewhere", starts_at=AN_HOUR_AGO, calendar="chair-2"))
    shown = day(visited())
    assert [one["time"] for one in shown] == ["11:00 am", "3:00 pm"]
    assert {one["client"] for one in shown} == {f"Leilani {LEILANI.family_name[0]}"}
    assert LEILANI.phone not in str(shown)


def test_the_page_follows_the_platform() -> None:
    token = visited()
    office.see(office.appointment(starts_at=AN_HOUR_AGO, status=Status.CANCELLED))
    with ledger() as session:
        rounds.refresh(session, "acuity")
    assert [one["status"] for one in day(token)] == ["cancelled"]


def test_no_one_home_is_a_missed_visit_that_gets_new_times_after_the_grace(at_noon: Clock) -> None:
    token = visited()
    case_id = opened(token, note="the dog is loose")
    case = office.case_of(case_id)
    assert (case.state, case.cause) == ("open", "noshow")
    assert case.grace_until > clock.now() + timedelta(minutes=9)
    at_noon.forward(minutes=11)
    run = office.Run(office.act(case_id), office.times(30))
    run.until_it_waits()
    assert "we missed you on" in run.sent[0].text
    assert day(token)[0]["reported"] == [{"kind": "no_one_home", "outcome": "opened"}]


def test_no_access_is_told_as_such_and_another_day_writes_at_once() -> None:
    office.see(office.appointment("2", starts_at=NOON + timedelta(hours=2)))
    token = visited()
    first, second = (one["ref"] for one in day(token))
    no_access = opened(token, Reported.NO_ACCESS, visit=first)
    another = opened(token, Reported.ANOTHER_DAY, visit=second)
    assert office.case_of(no_access).cause == "failed_access"
    asked = office.case_of(another)
    assert (asked.cause, asked.old_stands) == ("client_cancelled", True)
    assert asked.grace_until <= clock.now()


def test_a_form_sent_twice_is_one_report_and_one_case() -> None:
    token = visited()
    key = secrets.token_hex(16)
    opened(token, key=key)
    assert report(token, Reported.NO_ONE_HOME, key=key) == ("seen before", None)
    assert (len(office.rows(VisitReport)), len(office.rows(Case))) == (1, 1)


def test_a_second_report_of_the_same_visit_joins_its_case_and_the_office_hears_of_it() -> None:
    token = visited()
    case_id = opened(token)
    assert report(token, Reported.NO_ACCESS) == ("amended", None)
    assert {one.case_id for one in office.rows(VisitReport)} == {case_id}
    assert len(office.rows(Intent, case_id=case_id, kind="staff")) == 1


def test_a_visit_of_another_day_or_calendar_cannot_be_reported_by_this_link() -> None:
    office.see(office.appointment("tomorrow"))
    office.see(office.appointment("else", starts_at=AN_HOUR_AGO, calendar="chair-2"))
    token = visited()
    known = {one["ref"] for one in day(token)}
    everything = {row.id for row in office.rows(Appointment)}
    for other in everything - known:
        assert report(token, Reported.NO_ONE_HOME, visit=other)[1] is None
    assert report("a" * 32, Reported.NO_ONE_HOME, visit=known.pop())[1] is None
    assert office.rows(Case) == []


def test_a_no_show_waits_for_a_person_where_the_policy_says_so(at_noon: Clock) -> None:
    office.configure(Policy(confirm_noshow=True))
    case_id = opened(visited())
    case = office.case_of(case_id)
    assert (case.state, case.reason) == ("handed_over", visit_reports.TO_CONFIRM)
    run = office.Run(office.act(case_id), office.times(30))
    at_noon.forward(hours=2)
    run.until_it_waits()
    assert (run.sent, run.told) == ([], [])
    office.wake(run.actor, office.decision(Choice.OFFER_NEW_TIMES))
    run.until_it_waits()
    assert len(run.sent) == 1
    assert "acuity" in run.told


def test_no_access_needs_no_confirmation_but_a_visit_far_ahead_does() -> None:
    office.configure(Policy(confirm_noshow=True))
    office.see(office.appointment("2", starts_at=NOON + timedelta(hours=5)))
    token = visited()
    first, second = (one["ref"] for one in day(token))
    assert office.case_of(opened(token, Reported.NO_ACCESS, visit=first)).state == "open"
    early = office.case_of(opened(token, Reported.NO_ACCESS, visit=second))
    assert (early.state, early.reason) == ("handed_over", visit_reports.TOO_EARLY)


@pytest.mark.parametrize(
    ("kind", "status"), [(Reported.NO_ONE_HOME, "noshow"), (Reported.NO_ACCESS, "cancelled")]
)
def test_the_record_is_told_when_the_client_is_written_to_and_the_new_time_is_booked_anew(
    at_noon: Clock, kind: Reported, status: str
) -> None:
    case_id = opened(visited(), kind)
    assert office.rows(SyncTarget, connection="acuity") == []
    at_noon.forward(minutes=11)
    run = office.Run(office.act(case_id), office.times(30))
    run.until_it_waits()
    (target,) = office.rows(SyncTarget, connection="acuity")
    assert (target.wanted["status"], target.state) == (status, "done")
    assert office.case_of(case_id).old_stands is False
    verdict, again = office.see(
        office.appointment(starts_at=AN_HOUR_AGO, status=Status(status)), "acuity"
    )
    assert (verdict, again) == (Verdict.SAME, None)
    office.say("1")
    office.wake(run.actor)
    run.until_it_waits()
    assert office.case_of(case_id).state == "rebooked"


def test_a_record_that_has_no_word_for_it_is_left_as_it_is_and_moved_later(at_noon: Clock) -> None:
    case_id = opened(visited())
    at_noon.forward(minutes=11)
    actor = office.act(case_id)
    office.offer(actor, office.times(30))
    with ledger() as session:
        (target,) = [one for one in sync_back.due(session, actor) if one.status]
        sync_back.done(session, actor, target, target.external_id, left="no word for it")
    assert office.case_of(case_id).old_stands is True
    assert office.rows(ExpectedEcho) == []
    assert [row.detail["why"] for row in office.rows(Audit, action="synced")] == ["no word for it"]


def test_a_report_is_taken_back_before_the_client_has_heard_of_it_and_not_after(
    at_noon: Clock,
) -> None:
    token = visited()
    case_id = opened(token)
    assert report(token, Reported.MISTAKE) == ("taken back", None)
    assert office.case_of(case_id).state == "voided"
    again = opened(token)
    at_noon.forward(minutes=11)
    office.Run(office.act(again), office.times(30)).until_it_waits()
    assert report(token, Reported.MISTAKE) == ("told the office", None)
    assert office.case_of(again).state == "offered"


def test_running_late_tells_the_office_and_the_client_only_where_the_policy_says_so() -> None:
    office.see(office.appointment("2", starts_at=NOON + timedelta(minutes=30)))
    token = link()
    verdict, case_id = report(token, Reported.RUNNING_LATE)
    assert (verdict, case_id is not None) == ("told the office", True)
    assert office.rows(Intent, kind="message") == []
    assert len(office.rows(Intent, kind="staff")) == 1
    office.configure(Policy(text_when_late=True))
    _, case_id = report(token, Reported.RUNNING_LATE)
    assert case_id is not None
    run = office.Run(office.act(case_id), [])
    run.until_it_waits()
    assert [one.to for one in run.sent] == [LEILANI.phone]
    assert "running late" in run.sent[0].text
    assert office.case_of(case_id).state == "voided"


def test_word_of_a_delay_that_could_not_leave_in_time_never_leaves(at_noon: Clock) -> None:
    office.configure(Policy(text_when_late=True))
    office.see(office.appointment("2", starts_at=NOON + timedelta(minutes=30)))
    _, case_id = report(link(), Reported.RUNNING_LATE)
    assert case_id is not None
    at_noon.forward(hours=3)
    assert office.send(office.act(case_id)) == []
    (dropped,) = office.rows(Intent, case_id=case_id, kind="message")
    assert (dropped.state, dropped.reason) == ("dropped", "the visit is over")


def test_a_client_who_opted_out_hears_nothing_of_a_delay() -> None:
    office.configure(Policy(text_when_late=True))
    office.see(office.appointment("2", starts_at=NOON + timedelta(minutes=30)))
    office.say("STOP")
    _, case_id = report(link(), Reported.RUNNING_LATE)
    assert case_id is not None
    assert office.rows(Intent, kind="message") == []


def test_a_note_and_a_photo_are_kept_encrypted_and_reach_the_office_alone(business: str) -> None:
    token = visited()
    _, case_id = report(token, Reported.NOTE, note="gate code changed", photo="aGVsbG8=")
    (kept,) = office.rows(VisitReport)
    assert (kept.note, kept.photo, kept.case_id) == ("gate code changed", "aGVsbG8=", case_id)
    with ledger() as session:
        raw = session.connection().exec_driver_sql("SELECT note, photo FROM visit_report").one()
    assert b"gate" not in bytes(raw[0])
    assert "gate" not in str([entry.detail for entry in office.rows(Audit)])
    assert office.rows(Intent, kind="message") == []


def test_a_visit_lost_already_gets_no_second_case_by_a_report() -> None:
    token = visited()
    case_id = opened(token)
    actor = office.act(case_id)
    office.wake(actor, office.decision(Choice.CLOSE_DECLINED))
    office.see(office.appointment(starts_at=AN_HOUR_AGO, status=Status.NOSHOW))
    before = {row.id for row in office.rows(Case, state="open")}
    report(token, Reported.NO_ONE_HOME)
    assert {row.id for row in office.rows(Case, state="open")} == before


def test_a_client_without_a_reachable_contact_goes_to_a_person(at_noon: Clock) -> None:
    case_id = opened(visited(person=replace(LEILANI, phone="", email="")))
    at_noon.forward(minutes=11)
    actor = office.act(case_id)
    with ledger() as session:
        story.make_offer(session, actor, office.times())
    assert office.case_of(case_id).state == "handed_over"
