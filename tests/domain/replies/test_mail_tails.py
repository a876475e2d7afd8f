"""Mail programs put quotations and notices below an answer; none of it is the client's."""

from itertools import product

import pytest

from rebook.domain.replies import Asked, Meaning, Understood, interpret
from tests.domain.replies.test_plain_words import NOW, SLOTS

ATTRIBUTIONS = [
    ("On Tue, Nov 17, 2026 at 4:38 PM Front Desk <a@desk.example.com>\nwrote:"),
    ("On Nov 17, 2026, at 4:38 PM, Front Desk\n<a@desk.example.com> wrote:"),
    (
        "On Tue, Nov 17, 2026 at 4:38 PM Windward Dental Front Desk\n"
        "<replies+abc123@desk.example.com>\n"
        "wrote:"
    ),
    ("On Tuesday, November 17, 2026 at 04:38:00 PM HST, Front Desk\n<a@desk.example.com> wrote:"),
    ("El mar, 17 nov 2026 a las 16:38, Front Desk (<a@desk.example.com>)\nescribió:"),
    ("El 17 nov 2026, a las 16:38, Front Desk\n<a@desk.example.com>\nescribió:"),
    ("El mar., 17 nov. 2026 a la(s) 16:38, Front Desk (a@desk.example.com)\nescribió:"),
    "2026-11-17 16:38 GMT-10:00 Front Desk <a@desk.example.com>:",
    "Front Desk <a@desk.example.com> wrote:",
    "Front Desk <a@desk.example.com> escribió (17 nov 2026 16:38):",
    (
        "De: Front Desk <a@desk.example.com>\n"
        "Enviado el: martes, 17 de noviembre de 2026 16:38\n"
        "Para: x@mail.example.com\n"
        "Asunto: Nuevas horas"
    ),
    (
        "From: Front Desk <a@desk.example.com>\n"
        "Date: Tuesday, November 17, 2026 at 4:38 PM\n"
        "To: x\n"
        "Subject: New times"
    ),
    ("*From:* Front Desk <a@desk.example.com>\n*Sent:* Tuesday, November 17, 2026 4:38 PM"),
    ("-----Original Message-----\nFrom: Front Desk"),
    ("-------- Mensaje original --------\nDe: Front Desk"),
    ("Begin forwarded message:\n\nFrom: Front Desk"),
    ("________________________________\nFrom: Front Desk <a@x>"),
    ("________________________________\nDe: Front Desk <a@x>\nEnviado: martes"),
]
QUOTED = [
    "> 1) Monday Nov 23 at 9:00 AM\n> Reply STOP to opt out.",
    "New times:\n1) Monday Nov 23 at 9:00 AM\n2) Tuesday\nReply STOP to unsubscribe.",
]
NOTICES = [
    (
        "CONFIDENTIALITY NOTICE: This message may contain private information. "
        "If you are not the intended recipient please delete it."
    ),
    (
        "This e-mail and any attachments are intended only for the addressee and may be privileged. "
        "Please remove it and do not contact others."
    ),
    ("AVISO DE CONFIDENCIALIDAD: si no es el destinatario, elimine este mensaje y no lo envíe."),
    ("Este mensaje va dirigido exclusivamente a su destinatario. Bórrelo."),
    (
        "En cumplimiento de la normativa de protección de datos puede darse de baja o cancelar sus datos."
    ),
]
ANSWERS = [
    ("Does the warranty cover parts?", Meaning.QUESTION),
    ("I can't do any of these", Meaning.DECLINE),
    ("2 please", Meaning.ACCEPT),
    ("Please remove me from your list", Meaning.OPT_OUT),
    ("cancela la cita, no quiero otra", Meaning.WITHDRAW),
]


def read(text: str, channel: str = "email") -> Understood:
    return interpret(text, Asked(NOW, "Pacific/Honolulu", SLOTS, channel))


@pytest.mark.parametrize(("attribution", "quoted"), list(product(ATTRIBUTIONS, QUOTED)))
def test_what_is_quoted_is_not_said_again(attribution: str, quoted: str) -> None:
    for answer, meaning in ANSWERS:
        assert read(f"{answer}\n\n{attribution}\n\n{quoted}").meaning is meaning


@pytest.mark.parametrize("notice", NOTICES)
def test_a_notice_below_a_signature_is_nobodys_wish(notice: str) -> None:
    for answer, meaning in ANSWERS:
        assert read(f"{answer}\n\nKeoni\n\n{notice}").meaning is meaning


@pytest.mark.parametrize(
    "text",
    [
        "This message is not intended for me. Please remove me",
        "This email was not intended for me, take me off the list",
        ("On Tuesday you wrote to me again. Stop it.\nMy sister wrote: stop"),
        ("On second thought 2 days is plenty.\nStop texting me, as I <already> wrote:"),
        "Confidential: stop writing to me",
        ("Hello.\nThis message was not intended only for me? Stop"),
        "If you are not the office, remove me",
        "El 17 me escribisteis. Basta de mensajes",
        (
            "On second thought, stop texting me.\n\n"
            "On Tue, Nov 17, 2026 at 4:38 PM Front Desk <a@desk.example.com>\nwrote:\n\n> Hello"
        ),
    ],
)
def test_a_sentence_that_begins_like_a_quotation_or_a_notice_is_still_heard(text: str) -> None:
    assert read(text).meaning is Meaning.OPT_OUT
    assert read(text, "sms").meaning is Meaning.OPT_OUT


@pytest.mark.parametrize("text", ["\n" * 50_000, "on 11:11 <a@b\n" * 4_000, "<@" * 25_000])
def test_a_strange_mail_is_read_at_once(text: str) -> None:
    assert read(text).meaning in set(Meaning)
