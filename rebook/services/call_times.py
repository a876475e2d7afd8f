"""The part of a call that is about the visit: keep it, cancel it, or choose another time."""

from sqlmodel import Session

from rebook.db.tables import Case, OfferSlot, Person
from rebook.domain import call_choices, call_words, clock
from rebook.domain.calls import Spoken, Stage
from rebook.domain.cases import CaseState, Cause
from rebook.domain.messages import Channel
from rebook.domain.replies import Asked, Meaning, Offered, Understood, interpret
from rebook.services import cases, offers, people, standing
from rebook.services.talk import Talk

LOOK_SECONDS = 4
MOST_LOOKS = 6
HIGHEST_KEY = 7
"""8, 9 and 0 have meanings of their own."""
NOTED = frozenset({Meaning.DECLINE, Meaning.LATER, Meaning.ALREADY})
FOR_A_PERSON = frozenset(
    {Meaning.CALL_ME, Meaning.HELP, Meaning.QUESTION, Meaning.WRONG_PERSON, Meaning.OPT_IN}
)


def menu(talk: Talk) -> Spoken:
    case = talk.case()
    if case is not None and CaseState(case.state) is CaseState.BOOKING:
        return talk.end(talk.line("booking"))
    name = "stands" if case is None or case.old_stands else "lost"
    return talk.ask(Stage.MENU, talk.line(name, service=talk.service(), when=_visit_time(talk)))


def chosen_in_menu(talk: Talk) -> Spoken:
    case = talk.case()
    match talk.pick(call_choices.MENU):
        case "1":
            return _new_times(talk)
        case "2" if case is None or case.old_stands:
            return _keep(talk, case)
        case "3":
            return _ask_to_cancel(talk)
        case "0":
            return talk.person()
    if talk.heard.speech and _understood(talk, []).meaning is Meaning.OPT_OUT:
        return _silence(talk, case)
    return talk.miss()


def _keep(talk: Talk, case: Case | None) -> Spoken:
    if case is not None and not standing.keep(talk.session, case):
        return talk.person()
    return talk.end(talk.line("kept", when=_visit_time(talk)))


def _ask_to_cancel(talk: Talk) -> Spoken:
    return talk.ask(Stage.CANCEL, talk.line("cancel", service=talk.service()))


def cancelled(talk: Talk) -> Spoken:
    """Answered to "for good?": the case is told so, as any other words would tell it."""
    match talk.pick(call_choices.YES_NO):
        case "1":
            _tell(talk, _case(talk), Meaning.WITHDRAW)
            return talk.end(talk.line("cancelled"))
        case "2":
            return menu(talk)
    return talk.miss()


def _case(talk: Talk) -> Case:
    """The case spoken of; opened now where the visit stands."""
    if talk.call.case_id is None:
        talk.call.case_id = standing.open_for(
            talk.session, talk.visit().id, Cause.CLIENT_CANCELLED, "client"
        )
        case = cases.load(talk.session, talk.call.case_id)
        case.asked = case.asked or "move"
        talk.session.add(case)
    return cases.load(talk.session, talk.call.case_id)


def _new_times(talk: Talk) -> Spoken:
    case = _case(talk)
    state = CaseState(case.state)
    if state is CaseState.OFFERED and _slots(talk.session, case):
        return _times(talk, case)
    if state in (CaseState.OPEN, CaseState.OFFERED):
        return _look(talk)
    return talk.end(talk.line("booking")) if state is CaseState.BOOKING else talk.person()


def _look(talk: Talk) -> Spoken:
    talk.call.stage, talk.call.waited = Stage.LOOKING, 0
    return Spoken((talk.line("looking"),), language=talk.call.language, wait=LOOK_SECONDS)


def looking(talk: Talk) -> Spoken:
    """A run looks for times meanwhile; they are read out as soon as there are new ones."""
    case = _case(talk)
    state, offer = CaseState(case.state), offers.current(talk.session, case.id)
    fresh = state is CaseState.OFFERED and offer and offer.n > talk.call.offer_seen
    if fresh and _slots(talk.session, case):
        return _times(talk, case)
    if state is CaseState.HANDED_OVER:
        return talk.person()
    talk.call.waited += 1
    if state not in (CaseState.OPEN, CaseState.OFFERED) or talk.call.waited > MOST_LOOKS:
        return talk.end(talk.line("later"))
    return Spoken((talk.line("still"),), language=talk.call.language, wait=LOOK_SECONDS)


def _slots(session: Session, case: Case) -> list[OfferSlot]:
    offer = offers.current(session, case.id)
    ahead = offers.slots_of(session, offer) if offer else []
    return [s for s in ahead if s.starts_at > clock.now() and s.code <= HIGHEST_KEY]


def _times(talk: Talk, case: Case) -> Spoken:
    offer = offers.current(talk.session, case.id)
    talk.call.offer_seen = offer.n if offer else 0
    read = [
        talk.line("time", when=_when(talk, case, slot), key=str(slot.code))
        for slot in _slots(talk.session, case)
    ]
    return talk.ask(Stage.TIMES, *read, talk.line("times"))


def chosen_of_times(talk: Talk) -> Spoken:
    case = _case(talk)
    if talk.heard.keys:
        return _keyed(talk, case, talk.heard.keys)
    return _said(talk, case) if talk.heard.speech else talk.miss()


def _keyed(talk: Talk, case: Case, key: str) -> Spoken:
    match key:
        case "0":
            return talk.person()
        case "9":
            return _times(talk, case)
        case "8":
            _tell(talk, case, Meaning.DECLINE)
            return talk.end(talk.line("noted"))
    slot = offers.find_slot(talk.session, case.id, f"o{talk.call.offer_seen}-{key}")
    return _book(talk, case, slot, "chosen by key") if slot else talk.miss()


def _book(talk: Talk, case: Case, slot: OfferSlot, rule: str) -> Spoken:
    understood = Understood(Meaning.ACCEPT, rule, slot.code, confidence=1.0)
    talk.keep(case, understood, slot, talk.heard.speech)
    return talk.end(talk.line("chosen", when=_when(talk, case, slot)))


def _said(talk: Talk, case: Case) -> Spoken:
    """Words pick nothing by themselves: what was heard is said back and confirmed by a key or a yes."""
    slots = _slots(talk.session, case)
    understood = _understood(talk, slots)
    meaning = understood.meaning
    slot = next((slot for slot in slots if slot.code == understood.code), None)
    if meaning is Meaning.ACCEPT and slot is not None:
        talk.call.slot_id = slot.id
        return talk.ask(Stage.CONFIRM, talk.line("confirm", when=_when(talk, case, slot)))
    if meaning is Meaning.PREFER and understood.window is not None:
        talk.keep(case, understood, said=talk.heard.speech)
        return _look(talk)
    if meaning is Meaning.WITHDRAW:
        return _ask_to_cancel(talk)
    if meaning is Meaning.OPT_OUT:
        return _silence(talk, case)
    if meaning in NOTED:
        talk.keep(case, understood, said=talk.heard.speech)
        return talk.end(talk.line("noted"))
    wanted = call_choices.wants_a_person("", talk.heard.speech)
    return talk.person() if wanted or meaning in FOR_A_PERSON else talk.miss()


def _understood(talk: Talk, slots: list[OfferSlot]) -> Understood:
    visit, language = talk.visit(), talk.call.language
    offered = tuple(
        Offered(slot.code, slot.starts_at, round((slot.ends_at - slot.starts_at).seconds / 60))
        for slot in slots
    )
    asked = Asked(clock.now(), _zone(talk), offered, Channel.PHONE, language, visit.starts_at)
    return interpret(talk.heard.speech, asked)


def confirmed(talk: Talk) -> Spoken:
    case = _case(talk)
    match talk.pick(call_choices.YES_NO):
        case "1":
            slot = talk.session.get_one(OfferSlot, talk.call.slot_id)
            return _book(talk, case, slot, "said and confirmed")
        case "2":
            return _times(talk, case)
    return talk.miss()


def _silence(talk: Talk, case: Case | None) -> Spoken:
    people.suppress(talk.session, talk.call.number, source="said on the phone")
    if case is not None:
        _tell(talk, case, Meaning.OPT_OUT)
    return talk.end(talk.line("silenced"))


def _tell(talk: Talk, case: Case, meaning: Meaning) -> None:
    talk.keep(
        case, Understood(meaning, "said on the phone", confidence=1.0), said=talk.heard.speech
    )


def _zone(talk: Talk) -> str:
    person = talk.session.get(Person, talk.call.person_id) if talk.call.person_id else None
    return person.zone if person else talk.visit().zone


def _visit_time(talk: Talk) -> str:
    return call_words.when(talk.visit().starts_at, _zone(talk), talk.call.language)


def _when(talk: Talk, case: Case, slot: OfferSlot) -> str:
    zone = offers.zone_of(talk.session, case)
    return call_words.when(slot.starts_at, zone, talk.call.language)
