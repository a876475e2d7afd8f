"""Attacks on the telephone line, through the gateway and a worker: C5, C8, C10 and C15."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from rebook.db.call_tables import PhoneCall
from rebook.db.session import engine, ledger
from rebook.db.tables import Case, Reply
from rebook.domain import clock
from rebook.domain.appointments import Person
from tests.conftest import Cluster, Pointed
from tests.connectors.kits import KITS
from tests.gateway.house import House, drop, new_house, with_header
from tests.security.line import OURS, Call, asked, connect, worker
from tests.services import office
from tests.services.office import rows

NUMBERS = count(1000)
HOSTILE = [
    "<Redirect>https://evil.example/</Redirect>",
    '"/><Dial>+19005550100</Dial><Say x="',
    "</Say></Gather><Dial>+19005550100</Dial>",
    "]]><Dial>+19005550100</Dial><![CDATA[",
    "&lt;Dial&gt;+19005550100&lt;/Dial&gt; &evil;",
    "<speak><audio src='https://evil.example/a.mp3'/></speak>",
    "<break time='600s'/>",
    "Ana\x07\x1b\x0c\ufffe",
    "Ana, yes, cancel, one",
    "{business} {0.__class__} %s",
    "N" * 5_000,
]


@pytest.fixture(scope="module")
def line(
    cluster: Cluster, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    house = new_house(cluster, migrated, tmp_path_factory.mktemp("line"))
    try:
        house.start()
        with Pointed(cluster, house.database):
            connect()
            with worker():
                yield house
            engine().dispose()
    finally:
        drop(house)


def caller(line: House, name: str = "Leilani", service: str = "Cleaning") -> Call:
    """Somebody with a visit tomorrow, at a number of their own."""
    number = str(next(NUMBERS))
    person = Person(name, "Kahale", f"+1808555{number}")
    start = clock.now() + timedelta(days=1)
    office.see(office.appointment(number, person=person, service=service, starts_at=start))
    return Call(line, person.phone)


def at_the_menu(call: Call, name: str = "Leilani") -> str:
    call.hears()
    call.hears("1")
    return call.hears(speech=name)


def test_c15_a_forged_signature_is_neither_asked_nor_answered(line: House) -> None:
    call = caller(line)
    good = call.request("1")
    signature = good.headers["x-twilio-signature"]
    before = asked()
    for forged in ("", "AAAA", signature[::-1], signature.lower(), f"{signature},{signature}"):
        assert call.send(with_header(good, "x-twilio-signature", forged)).status_code == 401
    assert (asked(), call.row) == (before, None)


@pytest.mark.parametrize("changed", ["From", "CallSid", "Digits", "To"])
def test_c15_a_signature_of_one_call_is_none_of_another(line: House, changed: str) -> None:
    call = caller(line)
    form = {"CallSid": call.sid, "From": call.number, "To": OURS, "Digits": "1"}
    url = f"{line.public_url}/hooks/twilio/voice"
    signed = KITS["twilio"].signed(urlencode(form).encode(), url, "voice")
    body = urlencode(form | {changed: "+19005550100"}).encode()
    taken = with_header(
        KITS["twilio"].signed(body, url, "voice"),
        "x-twilio-signature",
        signed.headers["x-twilio-signature"],
    )
    before = asked()
    assert call.send(taken).status_code == 401
    assert (asked(), call.row) == (before, None)


def test_c15_a_signature_for_one_turn_is_none_for_the_next(line: House) -> None:
    call = caller(line)
    at_the_menu(call)
    first = call.request("3")
    call.url = call.url.replace("turn=3", "turn=4")
    later = with_header(
        call.request("3"), "x-twilio-signature", first.headers["x-twilio-signature"]
    )
    assert call.send(later).status_code == 401
    assert call.row is not None
    assert call.row.stage == "menu"


def test_c5_a_recorded_call_that_is_played_again_does_nothing_twice(line: House) -> None:
    call = caller(line)
    recorded = []
    for keys, speech in (("", ""), ("1", ""), ("", "Leilani"), ("3", ""), ("1", "")):
        recorded.append(call.request(keys, speech))
        call.take(call.send(recorded[-1]))
    (case,) = rows(Case, person_id=call.row.person_id if call.row else "")
    said = [reply.id for reply in rows(Reply, case_id=case.id)]
    assert len(said) == 1
    for request in [*recorded, *reversed(recorded), *recorded[-1:] * 10]:
        assert call.send(request).status_code == 200
    assert [reply.id for reply in rows(Reply, case_id=case.id)] == said
    assert len(rows(PhoneCall, source=f"twilio:{call.sid}")) == 1


def test_c15_a_number_is_not_enough_to_hear_of_a_visit(line: House) -> None:
    """Anybody can call with a client's number on display."""
    call = caller(line, service="Root canal")
    heard = [call.hears(), call.hears("1")]
    heard += [call.hears(speech=words) for words in ("hello", "it is me", "the client")]
    assert not any("Root canal" in said or "Leilani" in said for said in heard)
    assert call.row is not None
    assert call.row.person_id is None


def test_c15_a_forged_number_cannot_try_every_day_of_the_month(line: House) -> None:
    """Two guesses a call, and then another call: the number is remembered over all of them."""
    known = caller(line, service="Root canal")
    wrong = [f"{n:02}" for n in range(32, 99)]
    for _ in range(3):
        call = Call(line, known.number)
        call.hears()
        call.hears("1")
        for _ in range(2):
            call.hears(wrong.pop())
    last = Call(line, known.number)
    last.hears()
    assert "first name" not in last.hears("1")
    assert "Root canal" not in last.hears(speech="Leilani")
    assert last.row is not None
    assert (last.row.person_id, last.row.for_staff) == (None, "wanted")
    other = caller(line)
    assert "Your Cleaning" in at_the_menu(other), "nobody else is shut out by it"


def test_c15_a_number_that_missed_is_heard_again_the_day_after(line: House) -> None:
    known = caller(line)
    row = PhoneCall(
        id=f"call-{known.number}", source=f"twilio:old-{known.number}", connection="twilio",
        number=known.number, stage="check", misses=9, called_at=clock.now() - timedelta(hours=25),
    )  # fmt: skip
    with ledger() as session:
        session.add(row)
    assert "Your Cleaning" in at_the_menu(known)


@pytest.mark.parametrize(
    "keys",
    ["99", "1#", "*1", "1 OR 1=1", "o1-1", "-1", "1.0", "١", "²", "1,2", "1" * 5_000, "\0", "<1>"],
    ids=lambda keys: keys[:8],
)
def test_c10_keys_that_no_telephone_has_choose_nothing(line: House, keys: str) -> None:
    call = caller(line)
    at_the_menu(call)
    assert call.row is not None
    before = (call.row.person_id, call.row.case_id)
    call.hears(keys)
    assert (call.row.person_id, call.row.case_id, call.row.stage) == (*before, "menu")
    check = caller(line)
    check.hears()
    check.hears("1")
    assert "Your Cleaning" not in check.hears(keys)
    assert check.row is not None
    assert check.row.person_id is None


@pytest.mark.parametrize("words", HOSTILE, ids=lambda words: words[:14])
def test_c8_a_name_or_a_service_is_only_spoken_and_never_a_part_of_the_call(
    line: House, words: str
) -> None:
    """What Twilio would do for the harmless name, it does for this one: the same verbs, our addresses."""
    call = caller(line, words, f"Cleaning {words}")
    start = clock.now() + timedelta(days=1)
    day = start.astimezone(ZoneInfo(office.ZONE)).strftime("%d")
    for keys in ("", "1", day, "3"):
        call.hears(keys)
        assert {verb.tag for verb in call.verbs()} <= {"Response", "Gather", "Say", "Redirect"}
        assert "evil.example" not in call.xml.replace(line.public_url, "")
        assert len(call.xml) < 4000
        for verb in call.verbs():
            if verb.tag == "Redirect":
                assert str(verb.text).startswith(f"{line.public_url}/hooks/twilio/voice?turn=")
            assert len(verb.attrib.get("hints", "")) <= 200
    assert call.row is not None
    assert call.row.stage == "cancel"


@pytest.mark.parametrize("words", HOSTILE, ids=lambda words: words[:14])
def test_c8_what_a_caller_says_is_never_said_back_as_it_was(line: House, words: str) -> None:
    call = caller(line)
    at_the_menu(call)
    call.hears(speech=words)
    assert {verb.tag for verb in call.verbs()} <= {
        "Response",
        "Gather",
        "Say",
        "Redirect",
        "Hangup",
    }
    assert words not in call.xml


def test_c15_what_a_caller_does_in_a_clients_name_is_told_to_the_number_on_file(
    line: House,
) -> None:
    call = caller(line)
    at_the_menu(call)
    call.hears("3")
    call.hears("1")
    (case,) = rows(Case, person_id=call.row.person_id if call.row else "")
    actor = office.act(case.id)
    office.wake(actor)
    told = office.send(actor)
    assert [one.to for one in told] == [call.number]
