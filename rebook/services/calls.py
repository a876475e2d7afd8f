"""A telephone call, turn by turn. Each turn is one transaction; a turn heard twice is answered alike."""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from sqlmodel import Session, col, select

from rebook.db.call_tables import PhoneCall
from rebook.domain import call_choices, clock
from rebook.domain.calls import Heard, Line, Spoken, Stage, Unanswered
from rebook.domain.ids import new_id
from rebook.services import audit, call_times, callers, configuration
from rebook.services.talk import Talk

Turn = Callable[[Talk], Spoken]


def answer(session: Session, connection: str, heard: Heard, *, office: str) -> Spoken:
    """What is said next. `office` is the number of a person who takes calls, where there is one."""
    call = find(session, connection, heard.call)
    if call is None:
        call = _begin(session, connection, heard)
        spoken = _greeting(Talk(session, call, heard, office))
    elif heard.turn < call.turn:
        return _read(call.said)
    else:
        spoken = TURNS[Stage(call.stage)](Talk(session, call, heard, office))
    spoken = replace(spoken, turn=heard.turn + 1)
    call.turn, call.said = spoken.turn, asdict(spoken)
    session.add(call)
    return spoken


def unanswered(session: Session, connection: str, missed: Unanswered) -> tuple[str, None]:
    """The caller was told that someone gets in touch: unless their call came to an end, someone must."""
    heard = missed.heard
    call = find(session, connection, heard.call) or _begin(session, connection, heard)
    if Stage(call.stage) is Stage.ENDED:
        return "the call had ended", None
    Talk(session, call, heard, "").call_back()
    return "a person calls back", None


def find(session: Session, connection: str, call_id: str) -> PhoneCall | None:
    return session.exec(
        select(PhoneCall)
        .where(col(PhoneCall.source) == f"{connection}:{call_id}")
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def _begin(session: Session, connection: str, heard: Heard) -> PhoneCall:
    call = PhoneCall(
        id=new_id("call"),
        source=f"{connection}:{heard.call}",
        connection=connection,
        number=heard.number,
        stage=Stage.LANGUAGE,
        called_at=clock.now(),
    )
    session.add(call)
    session.flush()
    audit.record(session, "called", actor="client", call=call.id)
    return call


def _read(said: dict[str, Any]) -> Spoken:
    lines = tuple(Line(**line) for line in said["lines"])
    return Spoken(**{**said, "lines": lines, "hints": tuple(said["hints"])})


def _greeting(talk: Talk) -> Spoken:
    business = configuration.topology(talk.session).business_name
    lines = tuple(talk.line("language", language=code, business=business) for code in ("en", "es"))
    return talk.ask(Stage.LANGUAGE, *lines)


def _language(talk: Talk) -> Spoken:
    chosen = talk.pick(call_choices.LANGUAGE)
    if not chosen:
        return talk.miss()
    talk.call.language = "en" if chosen == "1" else "es"
    if not callers.is_known(talk.session, talk.call.number):
        return talk.person("unknown")
    if callers.missed_often(talk.session, talk.call.number):
        return talk.person()
    names = callers.names(talk.session, talk.call.number)
    return talk.ask(Stage.CHECK, talk.line("check"), keys=2, hints=names)


def _check(talk: Talk) -> Spoken:
    if call_choices.wants_a_person(talk.heard.keys, talk.heard.speech):
        return talk.person()
    who = callers.check(
        talk.session, talk.call.number, keys=talk.heard.keys, speech=talk.heard.speech
    )
    if who is None:
        return talk.miss()
    talk.call.person_id = who.person_id
    if who.visit is None:
        return talk.person("nothing")
    talk.call.appointment_id = who.visit.appointment.id
    talk.call.case_id = who.visit.case.id if who.visit.case else None
    audit.record(
        talk.session, "caller_known", case_id=talk.call.case_id, actor="client", call=talk.call.id
    )
    return call_times.menu(talk)


def _dialled(talk: Talk) -> Spoken:
    return talk.end() if talk.heard.reached else talk.call_back()


TURNS: dict[Stage, Turn] = {
    Stage.LANGUAGE: _language,
    Stage.CHECK: _check,
    Stage.MENU: call_times.chosen_in_menu,
    Stage.LOOKING: call_times.looking,
    Stage.TIMES: call_times.chosen_of_times,
    Stage.CONFIRM: call_times.confirmed,
    Stage.CANCEL: call_times.cancelled,
    Stage.DIALLED: _dialled,
    Stage.ENDED: lambda talk: talk.end(),
}
