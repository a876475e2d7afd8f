"""A client calls our number, by keys and in words, or answers by e-mail: each ends in one booking."""

from typing import Any

import httpx

from tests.flows.house import Client, House, until


class Caller:
    """A telephone in the sandbox's town."""

    def __init__(self, house: House, number: str) -> None:
        self.house = house
        self.sid = str(house.control("twilio/call", {"from": number})["sid"])

    def shown(self) -> dict[str, Any]:
        with self.house.town as town:
            found: dict[str, Any] = town.get(f"/_control/twilio/call/{self.sid}").json()
            return found

    def hears(self, words: str) -> str:
        """What was said last, once it holds `words` and the call listens or has ended."""

        def said() -> str | None:
            shown = self.shown()
            rests = shown["listens"] or shown["status"] != "in-progress"
            fits = any(words in line for line in shown["said"][-6:])
            return "\n".join(shown["said"]) if rests and fits else None

        return str(until(f"the caller hears {words!r}: {self.shown()}", said))

    def answers(self, **what: str) -> None:
        self.house.control(f"twilio/call/{self.sid}/answer", what)

    def is_known(self, client: Client) -> None:
        self.hears("For English")
        self.answers(keys="1")
        self.hears("first name")
        self.answers(speech=f"this is {client.appointment['firstName']}")


def test_a_caller_moves_a_visit_that_stands_with_the_keys_alone(house: House) -> None:
    client = house.client()
    caller = Caller(house, client.phone)
    caller.is_known(client)
    caller.hears("For new times, press 1")
    caller.answers(keys="1")
    caller.hears("To hear this again, press 9")
    assert len(client.bookings()) == 1, "the old visit stands until there is a new one"
    before = client.bookings()[0]["datetime"]
    caller.answers(keys="2")
    caller.hears("We are booking")
    client.case_in("rebooked")
    until("the visit has moved", lambda: [b["datetime"] for b in client.bookings()] != [before])
    assert len(client.bookings()) == 1
    assert client.case().cause == "client_cancelled"


def test_a_caller_who_cancels_for_good_is_expected_nowhere(house: House) -> None:
    client = house.client()
    caller = Caller(house, client.phone)
    caller.is_known(client)
    caller.hears("To cancel it for good, press 3")
    caller.answers(keys="3")
    caller.hears("To cancel your")
    assert len(client.bookings()) == 1, "nothing is cancelled before it is said twice"
    caller.answers(keys="1")
    caller.hears("no longer need it")
    client.case_in("withdrawn")
    until("it stands nowhere", lambda: not client.bookings())
    until("nothing is left to do", lambda: client.case().next_action_at is None)
    assert client.texts("booked") == []


def test_a_caller_with_an_offer_chooses_in_words_and_says_yes(house: House) -> None:
    client = house.client()
    client.cancels()
    client.gets_offer()
    caller = Caller(house, client.phone)
    caller.is_known(client)
    caller.hears("no longer booked")
    caller.answers(speech="new times please")
    caller.hears("To hear this again, press 9")
    caller.answers(speech="the first one please")
    caller.hears("Did we hear you right")
    caller.answers(speech="yes")
    caller.hears("We are booking")
    client.ends_well()


def test_an_answer_by_mail_books_and_an_absence_note_does_nothing(house: House) -> None:
    client = _by_mail_alone(house)
    mail = until("an offer by mail", lambda: _mails(house, client, "offered.ics"))
    assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    house.control("mail/reply", {"message_id": mail["id"], "text": "I am away", "automatic": True})
    house.control("mail/reply", {"message_id": mail["id"], "text": "2\n\n> 1 = never mind"})
    client.case_in("rebooked")
    until("the booking stands", client.bookings)
    assert len(client.bookings()) == 1


def test_one_click_in_the_mail_program_ends_the_case(house: House) -> None:
    client = _by_mail_alone(house)
    mail = until("an offer by mail", lambda: _mails(house, client, "offered.ics"))
    link = mail["headers"]["List-Unsubscribe"].strip("<>")
    form = {"List-Unsubscribe": "One-Click"}
    assert httpx.post(link, data=form, timeout=30).status_code == 200
    client.case_in("refused_contact")


def _by_mail_alone(house: House) -> Client:
    """Texts do not reach this client's phone, so that the offer comes by mail."""
    client = house.client()
    house.control("phone/unreachable", {"number": client.phone})
    client.cancels()
    return client


def _mails(house: House, client: Client, file: str) -> dict[str, Any] | None:
    for mail in house.platform("sendgrid")["mails"]:
        files = [one["filename"] for one in mail["attachments"]]
        if mail["to"] == client.appointment["email"] and file in files:
            return dict(mail)
    return None
