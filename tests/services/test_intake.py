"""What platforms say, in whatever order and however often, becomes one case or none."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import count, permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rebook.db.session import ledger
from rebook.db.tables import Appointment as Row
from rebook.db.tables import Case
from rebook.db.tables import Person as Client
from rebook.domain.appointments import Person, Slot, Status
from rebook.domain.messages import Channel
from rebook.domain.policy import Policy
from rebook.domain.verdicts import Verdict
from rebook.services import echoes, intake, people
from tests.services import office
from tests.services.office import LEILANI, NOON, Clock, appointment, see

pytestmark = pytest.mark.usefixtures("business")
NUMBERS = count()
SAME_LEDGER = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
STATES = st.lists(st.sampled_from(list(Status)), min_size=1, max_size=8)


def gone(connection: str, external_id: str) -> tuple[Verdict, str | None]:
    with ledger() as session:
        return intake.vanished(session, connection, external_id)


@SAME_LEDGER
@given(states=STATES)
def test_any_sequence_of_observations_leaves_at_most_one_open_case_that_fits_the_last_one(
    states: list[Status],
) -> None:
    one = f"any-{next(NUMBERS)}"
    for state in states:
        see(appointment(one, status=state, person=Person()))
    row = office.rows(Row, external_id=one)[0]
    cases = office.rows(Case, group_id=row.group_id)
    still_open = [case for case in cases if case.closed_at is None]
    assert row.status == states[-1]
    assert len(still_open) <= 1
    if states[-1] is Status.BOOKED:
        assert still_open == []
    assert len(cases) == expected(states)


def expected(states: list[Status]) -> int:
    """A case for the first sight of a loss and for each fall from booked; being booked ends it."""
    lost = {Status.CANCELLED, Status.NOSHOW}
    opened, is_open, before = 0, False, Status.BOOKED
    for state in states:
        if state in lost and before is Status.BOOKED and not is_open:
            opened, is_open = opened + 1, True
        if state is Status.BOOKED and before is not Status.BOOKED:
            is_open = False
        before = state
    return opened


@SAME_LEDGER
@given(states=STATES, repeats=st.integers(1, 4))
def test_hearing_everything_several_times_changes_nothing(
    states: list[Status], repeats: int
) -> None:
    one, again = f"once-{next(NUMBERS)}", f"often-{next(NUMBERS)}"
    for state in states:
        see(appointment(one, status=state, person=Person()))
        for _ in range(repeats):
            see(appointment(again, status=state, person=Person()))
    groups = [office.rows(Row, external_id=key)[0].group_id for key in (one, again)]
    first, second = ([case.state for case in office.rows(Case, group_id=g)] for g in groups)
    assert sorted(first) == sorted(second)


@pytest.mark.parametrize("order", list(permutations(["webhook", "poll", "late"])), ids=str)
def test_webhook_poll_and_a_late_duplicate_meet_the_same_case(order: tuple[str, ...]) -> None:
    see(appointment())
    verdicts = [
        see(appointment(status=Status.CANCELLED, version=source), first_read=False)
        for source in order
    ]
    assert [verdict for verdict, _ in verdicts] == [Verdict.OPENED, Verdict.SAME, Verdict.SAME]
    assert len(office.rows(Case)) == 1


def test_twenty_deliveries_at_the_same_moment_open_one_case() -> None:
    see(appointment())
    lost = appointment(status=Status.CANCELLED)
    with ThreadPoolExecutor(8) as threads:
        verdicts = list(threads.map(lambda _: see(lost)[0], range(20)))
    assert sorted(verdicts) == [Verdict.OPENED] + [Verdict.SAME] * 19
    assert len(office.rows(Case)) == 1


def test_two_platforms_that_show_a_new_client_at_once_show_one_person_and_one_visit() -> None:
    def first_sight(number: int) -> None:
        person = Person("Keanu", f"Example{number // 2}", f"+180855501{number // 2:02}")
        connection = ("acuity", "google")[number % 2]
        see(appointment(f"new-{number}", person=person), connection)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(first_sight, range(20)))
    assert len(office.rows(Client)) == 10
    assert len({row.group_id for row in office.rows(Row)}) == 10


def test_what_is_lost_already_when_a_platform_is_first_read_opens_nothing() -> None:
    assert see(appointment(status=Status.CANCELLED), first_read=True) == (Verdict.NEW, None)
    assert see(appointment(status=Status.CANCELLED)) == (Verdict.SAME, None)
    assert office.rows(Case) == []


def test_a_loss_after_the_first_read_opens_a_case_even_in_a_later_first_read() -> None:
    see(appointment(), first_read=True)
    verdict, case_id = see(appointment(status=Status.NOSHOW), first_read=True)
    assert verdict is Verdict.OPENED
    assert office.case_of(str(case_id)).cause == "noshow"


def test_a_loss_never_seen_before_opens_a_case() -> None:
    assert see(appointment(status=Status.CANCELLED))[0] is Verdict.OPENED


def test_a_loss_of_long_ago_is_history() -> None:
    see(appointment(starts_at=NOON - timedelta(days=8)))
    lost = appointment(starts_at=NOON - timedelta(days=8), status=Status.NOSHOW)
    assert see(lost) == (Verdict.UPDATED, None)


@pytest.mark.parametrize(
    ("status", "by_client", "cause", "grace"),
    [
        (Status.CANCELLED, True, "client_cancelled", 0),
        (Status.CANCELLED, False, "cancelled", 10),
        (Status.CANCELLED, None, "cancelled", 10),
        (Status.NOSHOW, None, "noshow", 10),
    ],
)
def test_the_cause_decides_the_grace(
    status: Status, by_client: bool | None, cause: str, grace: int
) -> None:
    see(appointment())
    _, case_id = see(appointment(status=status, by_client=by_client))
    case = office.case_of(str(case_id))
    assert case.cause == cause
    assert case.grace_until - case.opened_at == timedelta(minutes=grace)
    assert case.next_action_at == case.grace_until


def test_an_undone_cancellation_voids_the_case() -> None:
    case_id = office.lose()
    assert see(appointment()) == (Verdict.RESTORED, case_id)
    assert office.case_of(case_id).state == "voided"


def test_a_cancelled_visit_booked_at_another_time_by_hand_is_booked_elsewhere() -> None:
    case_id, _ = office.offered()
    moved = appointment(starts_at=NOON + timedelta(days=9))
    assert see(moved) == (Verdict.RESTORED, case_id)
    assert office.case_of(case_id).state == "rebooked"
    assert office.held(case_id) == []


def test_cancelled_restored_and_cancelled_again_are_two_cases() -> None:
    first = office.lose()
    see(appointment())
    second = office.lose()
    assert first != second
    assert [office.case_of(one).state for one in (first, second)] == ["voided", "open"]


def test_a_move_of_a_visit_that_was_never_lost_opens_nothing() -> None:
    see(appointment())
    assert see(appointment(starts_at=NOON + timedelta(days=3))) == (Verdict.UPDATED, None)


def expect(start: Slot) -> None:
    case_id = office.rows(Case)[0].id
    with ledger() as session:
        echoes.expect(session, "google", "cal", case_id=case_id, slot=start)
        echoes.expect(session, "google", "cal", case_id=case_id, slot=start)


def test_our_own_write_is_recognised_when_it_comes_back_and_only_once() -> None:
    office.linked("field")
    see(appointment("cal", status=Status.CANCELLED), "google")
    slot = office.times(1)[0]
    expect(slot)
    moved = appointment("cal", starts_at=slot.starts_at)
    assert see(moved, "google") == (Verdict.ECHO, None)
    assert see(moved, "google") == (Verdict.SAME, None)
    see(appointment("cal", starts_at=slot.starts_at, status=Status.CANCELLED), "google")
    assert see(moved, "google")[0] is not Verdict.ECHO


def test_an_echo_of_what_we_know_already_does_not_hide_a_later_change() -> None:
    case_id = office.lose("cal", "google")
    start = NOON + timedelta(days=1)
    expect(Slot(start, start + timedelta(hours=1)))
    assert see(appointment("cal", status=Status.CANCELLED), "google") == (Verdict.SAME, None)
    assert see(appointment("cal"), "google") == (Verdict.ECHO, None)
    see(appointment("cal", status=Status.CANCELLED), "google")
    assert see(appointment("cal"), "google") == (Verdict.RESTORED, case_id)


def test_an_echo_is_known_by_its_state_never_by_its_id_alone() -> None:
    office.linked("field")
    see(appointment("cal", status=Status.CANCELLED), "google")
    expect(office.times(1)[0])
    other = appointment("cal", starts_at=NOON + timedelta(days=20))
    assert see(other, "google")[0] is not Verdict.ECHO


def test_an_appointment_that_vanished_is_lost_once() -> None:
    see(appointment())
    assert gone("acuity", "1")[0] is Verdict.OPENED
    assert gone("acuity", "1") == (Verdict.SAME, None)
    assert gone("acuity", "never seen") == (Verdict.UPDATED, None)
    assert len(office.rows(Case)) == 1


def test_a_cancellation_that_carries_little_does_not_wipe_what_we_knew() -> None:
    see(appointment(place="45-1048 Example Road"))
    bare = appointment(status=Status.CANCELLED, person=Person(), service="", calendar="")
    see(bare)
    row = office.rows(Row)[0]
    assert (row.service, row.calendar, row.place) == ("Cleaning", "chair-1", "45-1048 Example Road")
    assert row.person_id is not None


def test_a_case_opened_by_a_platform_without_the_client_knows_the_client_of_the_other() -> None:
    see(appointment("rec"))
    see(appointment("cal", same_as="acuity:rec", person=Person()), "google")
    _, case_id = see(
        appointment("cal", same_as="acuity:rec", person=Person(), status=Status.CANCELLED), "google"
    )
    assert office.case_of(str(case_id)).person_id == office.rows(Client)[0].id


def test_text_that_no_database_keeps_does_not_stop_the_reading() -> None:
    see(appointment(service="Clean\0ing", place="\0"))
    assert office.rows(Row)[0].service == "Cleaning"


def test_grace_is_a_matter_of_the_policy_the_case_began_with(at_noon: Clock) -> None:
    case_id = office.lose()
    office.configure(Policy(grace_minutes_client_acted=60))
    second = office.lose("2")
    assert office.case_of(case_id).grace_until == office.case_of(case_id).opened_at
    case = office.case_of(second)
    assert case.grace_until - case.opened_at == timedelta(hours=1)


def test_the_page_of_a_case_whose_visit_stands_again_says_so() -> None:
    case_id, _ = office.offered()
    see(appointment())
    assert office.page(case_id)["state"] == "kept"


def test_a_visit_that_only_a_mirror_still_shows_does_not_stand_on_the_clients_page() -> None:
    see(appointment("1"))
    see(appointment("event-1", same_as="acuity:1"), "google")
    _, case_id = see(appointment("1", status=Status.CANCELLED, by_client=True))
    assert case_id is not None
    office.offer(office.act(case_id))
    page = office.page(case_id)
    assert (page["state"], page["stands"]) == ("choose", {})


def test_a_mirror_that_shows_a_bare_name_does_not_hide_how_to_reach_the_client() -> None:
    see(appointment("reachable"))
    nameless = Person(given_name="Leilani", family_name="K.")
    mirror = appointment("event-r", same_as="acuity:reachable", person=nameless)
    see(mirror, "google")
    _, case_id = see(
        appointment(
            "event-r", same_as="acuity:reachable", person=nameless, status=Status.CANCELLED
        ),
        "google",
    )
    assert case_id is not None
    (record,) = office.rows(Row, external_id="reachable")
    assert office.case_of(case_id).person_id == record.person_id


def test_a_corrected_number_counts_from_now_on_and_an_old_one_shown_again_does_not(
    at_noon: Clock,
) -> None:
    old, new = replace(LEILANI, phone="+18085550151"), replace(LEILANI, phone="+18085550152")
    see(appointment("corrected", person=old))
    at_noon.forward(minutes=1)
    see(appointment("corrected", person=new))
    at_noon.forward(minutes=1)
    see(appointment("corrected", person=old))
    (row,) = office.rows(Row, external_id="corrected")
    with ledger() as session:
        found = people.reach(session, row.person_id, Channel.SMS)
    assert found is not None
    assert found.value == new.phone
