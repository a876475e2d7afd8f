"""Machines that answer, and senders whom nothing vouches for."""

from email import message_from_string

import pytest

from connectors.sendgrid.senders import is_automatic, is_doubtful

ANA = "ana@example.com"


def automatic(headers: str = "", sender: str = ANA, subject: str = "Re: New times") -> bool:
    return is_automatic(message_from_string(headers), sender, subject)


@pytest.mark.parametrize(
    "headers",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated; note=x",
        "Auto-Submitted: auto-replied (vacation)",
        "X-Autoreply: yes",
        "X-Autorespond: away",
        "Precedence: bulk",
        "Precedence: auto_reply",
        "Precedence: Junk",
        "Content-Type: multipart/report; report-type=delivery-status",
    ],
)
def test_what_marks_itself_as_automatic_is_no_answer(headers: str) -> None:
    assert automatic(headers)


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: New times for your Cleaning",
        "Auto: away",
        "Out of Office: back on Monday",
        "Out of the office",
        "Respuesta automática: Nuevas horas",
        "Undeliverable: New times",
        "Delivery Status Notification (Failure)",
        "Mail delivery failed: returning message to sender",
        "Returned mail: see transcript for details",
    ],
)
def test_the_subjects_that_machines_write_are_known(subject: str) -> None:
    assert automatic(subject=subject)


@pytest.mark.parametrize("sender", ["", "MAILER-DAEMON@mx.example.com", "postmaster@example.com"])
def test_a_bounce_is_known_by_its_sender(sender: str) -> None:
    assert automatic(sender=sender)


@pytest.mark.parametrize(
    ("headers", "subject"),
    [
        ("Auto-Submitted: no", "Re: New times"),
        ("Auto-Submitted: no (really)", "Re: New times"),
        ("Precedence: first-class", "Re: New times"),
        ("", "I am out of town, the office on Monday?"),
        ("", "Re: Automatic doors"),
        ("", ""),
    ],
)
def test_what_a_person_wrote_is_an_answer(headers: str, subject: str) -> None:
    assert not automatic(headers, subject=subject)


def doubtful(spf: str, dkim: str, *, shown: str = ANA, sender: str = ANA) -> bool:
    headers = message_from_string(f"From: Ana Kealoha <{shown}>\n\n")
    return is_doubtful(headers, sender, spf=spf, dkim=dkim)


@pytest.mark.parametrize(
    ("spf", "dkim"),
    [
        ("pass", "{@example.com : pass}"),
        ("pass", "none"),
        ("softfail", "{@example.com : pass}"),
        ("fail", "{@mail.example.com : pass}"),
        ("neutral", "none"),
        ("none", ""),
        ("", ""),
        ("pass", "{@example.com : fail}"),
    ],
)
def test_one_who_vouches_for_the_sender_is_enough(spf: str, dkim: str) -> None:
    assert not doubtful(spf, dkim)


@pytest.mark.parametrize(
    ("spf", "dkim"),
    [
        ("fail", "none"),
        ("softfail", "{@elsewhere.example.net : pass}"),
        ("SoftFail", ""),
        ("none", "{@example.com : fail}"),
        ("neutral", "{@example.com : invalid}"),
    ],
)
def test_who_is_spoken_against_by_all_is_doubted(spf: str, dkim: str) -> None:
    assert doubtful(spf, dkim)


def test_another_domain_that_passes_vouches_for_nobody_else() -> None:
    assert doubtful("pass", "{@evil.example.net : pass}", sender="x@evil.example.net")
    assert doubtful("pass", "", shown="ana@notexample.com")
    assert not doubtful("pass", "", sender="ana@bounces.example.com")
