"""Which text a client's number answers, and what becomes of a choice that comes too late."""

from datetime import timedelta

import pytest

from rebook.db.session import ledger
from rebook.db.tables import Intent
from rebook.domain.decisions import Choice
from rebook.services import cases, intents, outreach, staff
from rebook.services.intents import Stage
from rebook.services.leases import Actor
from tests.services import office
from tests.services.office import NOON, Clock, decision, offered, say, wake

pytestmark = pytest.mark.usefixtures("business")


def does_not_leave(actor: Actor, became: str) -> None:
    """The newest text is claimed, and the platform certainly did not send it."""
    texts = office.rows(Intent, case_id=actor.case_id, kind="message", state=Stage.PLANNED)
    outgoing = office.claim(actor, texts[-1].id)
    assert outgoing is not None
    with ledger() as session:
        if became == "put off":
            case = cases.load(session, actor.case_id)
            outreach.put_off(session, case, texts[-1].id, outgoing.fence, "TooMany")
        else:
            intents.settle(session, intents.lock(session, texts[-1].id), Stage.REFUSED)


@pytest.mark.parametrize("became", ["put off", "refused"])
def test_a_number_is_of_the_case_whose_text_left(became: str, at_noon: Clock) -> None:
    first, _ = offered("1")
    at_noon.forward(minutes=5)
    second = office.act(office.lose("2", calendar="chair-2", service="Whitening"))
    office.offer(second)
    does_not_leave(second, became)
    at_noon.forward(minutes=5)
    assert say("1")[1] == first


@pytest.mark.parametrize("became", ["put off", "refused"])
def test_a_number_is_of_the_offer_whose_text_left(became: str, at_noon: Clock) -> None:
    case_id, actor = offered()
    heard_of = office.slot_times(case_id)[0]
    at_noon.forward(minutes=5)
    wake(actor, decision(Choice.OFFER_NEW_TIMES))
    office.offer(actor, office.times(6, NOON + timedelta(days=5)))
    does_not_leave(actor, became)
    at_noon.forward(minutes=5)
    say("1")
    wake(actor)
    office.book(actor)
    assert office.held(case_id, "booked") == [heard_of]


def test_a_choice_after_the_visit_turned_out_not_lost_reaches_the_office() -> None:
    case_id, actor = offered()
    wake(actor, decision(Choice.CLOSE_NEVER_LOST))
    say("2")
    notes = [intent.step for intent in office.rows(Intent, case_id=case_id, kind="staff")]
    assert any(step.startswith("staff-too-late") for step in notes)
    with ledger() as session:
        assert "has written since" in staff.wording_of(session, office.case_of(case_id))
