"""The texts clients get: what was said by clients is inert in them, and they cost one price."""

import re
from html.parser import HTMLParser
from string import Formatter

import pytest

from rebook.domain import texts
from rebook.domain.cases import Cause
from rebook.domain.languages import english, spanish
from rebook.domain.segments import segments
from rebook.domain.texts import DEFAULTS, Answer, Purpose, write

GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The basic character set of GSM 03.38: beyond it a text holds 70 characters instead of 160."""
FIELDS = {
    "business": "Windward Dental",
    "phone": "+1 808 555 0100",
    "name": "Leilani",
    "comma_name": " Leilani",
    "service": "Cleaning",
    "old": "Mon 1 Mar, 2:00 pm",
    "place": "45-1048 Example Road",
    "when": "Tue 2 Mar, 2:00 pm",
    "choices": texts.choices([(1, "Tue 2 Mar, 2:00 pm"), (2, "Wed 3 Mar, 9:00 am")]),
    "link": "https://book.example.com/o/abc",
    "stop_link": "https://book.example.com/u/contact-1/abc",
    "wish": "Tue 2 Mar in the afternoon",
}
MADE = {"lost", "greeting", "call_us", "answer"}
"""Fields that are texts themselves."""
SMS = [purpose for purpose in Purpose if purpose.endswith("_sms")]
MAILS = [purpose for purpose in Purpose if purpose.endswith("_email")]
LANGUAGES = ["en", "es"]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, tuple(attrs)))


@pytest.mark.parametrize("purpose", SMS)
@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_message_has_no_blanks_and_stays_in_the_cheap_alphabet(
    purpose: Purpose, cause: Cause, language: str
) -> None:
    written = write(purpose, FIELDS, {}, cause=cause, language=language)
    assert set(written.text) <= GSM
    assert "{" not in written.text
    assert (written.subject, written.html) == ("", "")


@pytest.mark.parametrize("answer", Answer)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_is_one_short_text_in_the_cheap_alphabet_or_a_mail_that_says_the_same(
    answer: Answer, language: str
) -> None:
    sms, mail = (
        write(purpose, FIELDS, {}, cause=Cause.NOSHOW, answer=answer, language=language)
        for purpose in (Purpose.ANSWER_SMS, Purpose.ANSWER_EMAIL)
    )
    text = sms.text
    assert set(text) <= GSM
    assert "{" not in text
    assert len(text) <= 306
    assert text.removeprefix("Windward Dental: ") in mail.text.translate(texts.UNACCENTED)
    assert mail.subject


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_confirmation_with_the_way_to_move_or_cancel_is_one_part_of_a_text(language: str) -> None:
    link = "https://book.example.com/a/" + "a" * 32
    written = write(
        Purpose.BOOKED_SMS, FIELDS | {"link": link}, {}, cause=Cause.NOSHOW, language=language
    )
    assert written.text.endswith(link)
    assert segments(written.text).count == 1


def test_every_text_is_there_in_both_languages_with_the_same_fields() -> None:
    assert set(english.TEXTS) == set(spanish.TEXTS)
    for name, words in english.TEXTS.items():
        ours, theirs = (
            {field for _, field, _, _ in Formatter().parse(text) if field}
            for text in (words, spanish.TEXTS[name])
        )
        assert ours - {"name"} == theirs - {"name"}, name


def test_a_spanish_client_is_written_to_in_spanish_and_an_unknown_language_in_english() -> None:
    spanish_text, other = (
        write(Purpose.BOOKED_SMS, FIELDS, {}, cause=Cause.NOSHOW, language=language).text
        for language in ("es", "fr")
    )
    assert "reservado" in spanish_text
    assert "booked!" in other


def test_an_operator_changes_each_language_by_itself() -> None:
    changed = {"es.booked_sms": "Aloha, {when}"}
    spoken = {
        language: write(
            Purpose.BOOKED_SMS, FIELDS, changed, cause=Cause.NOSHOW, language=language
        ).text
        for language in LANGUAGES
    }
    assert spoken["es"] == "Aloha, Tue 2 Mar, 2:00 pm"
    assert "booked!" in spoken["en"]


def test_nobody_is_asked_to_call_a_number_that_is_not_there() -> None:
    silent = {**FIELDS, "phone": ""}
    text = write(Purpose.ANSWER_SMS, silent, {}, cause=Cause.NOSHOW, answer=Answer.TO_STAFF).text
    assert text == "Windward Dental: Thank you. A person will read this and answer you."


@pytest.mark.parametrize("purpose", [one for one in MAILS if one is not Purpose.ANSWER_EMAIL])
def test_a_mail_has_a_subject_a_text_and_a_page_that_say_the_same(purpose: Purpose) -> None:
    written = write(purpose, FIELDS, {}, cause=Cause.NOSHOW)
    assert written.subject
    assert "\n" not in written.subject
    assert FIELDS["link"] in written.text
    assert f'<a href="{FIELDS["link"]}">' in written.html


def test_the_first_text_says_what_was_lost_the_choices_and_how_to_stop() -> None:
    text = write(Purpose.OFFER_SMS, FIELDS, {}, cause=Cause.NOSHOW).text
    assert text == (
        "Windward Dental: Hi Leilani, we missed you on Mon 1 Mar, 2:00 pm. New times:\n"
        "1 = Tue 2 Mar, 2:00 pm\n2 = Wed 3 Mar, 9:00 am\n"
        "Reply with the number, or choose here: https://book.example.com/o/abc\n"
        "Reply STOP to opt out."
    )


@pytest.mark.parametrize("purpose", [Purpose.OFFER_SMS, Purpose.LAST_SMS, Purpose.OFFER_EMAIL])
def test_every_invitation_says_how_to_stop(purpose: Purpose) -> None:
    assert "STOP" in write(purpose, FIELDS, {}, cause=Cause.NOSHOW).text


ASKS_FOR_AN_ANSWER = re.compile(r"(?i)\b(reply|answer|text) |responda|conteste|STOP")


@pytest.mark.parametrize("purpose", [one for one in SMS if one is not Purpose.ANSWER_SMS])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_cannot_be_answered_does_not_ask_for_an_answer(
    purpose: Purpose, language: str
) -> None:
    usual, one_way = (
        write(purpose, FIELDS, {}, cause=Cause.NOSHOW, language=language, one_way=way).text
        for way in (False, True)
    )
    assert not ASKS_FOR_AN_ANSWER.search(one_way)
    assert set(one_way) <= GSM
    if "STOP" in usual:
        assert FIELDS["stop_link"] in one_way
    if FIELDS["choices"] in usual:
        assert FIELDS["choices"] in one_way


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_its_own_sentence(cause: Cause) -> None:
    assert f"lost.{cause}" in DEFAULTS


@pytest.mark.parametrize("name", sorted(DEFAULTS))
def test_the_texts_use_only_fields_there_are(name: str) -> None:
    used = {field for _, field, _, _ in Formatter().parse(DEFAULTS[name]) if field}
    assert used <= {*FIELDS, *MADE}


@pytest.mark.parametrize("hostile", ["{business}", "{0.__class__}", "<b>x</b>", "%s", "{"])
def test_what_a_client_is_called_is_never_read_as_an_instruction(hostile: str) -> None:
    fields = {**FIELDS, "comma_name": f" {hostile}", "name": hostile}
    assert f"Hi {hostile}, " in write(Purpose.OFFER_SMS, fields, {}, cause=Cause.NOSHOW).text
    page = Tags()
    page.feed(write(Purpose.OFFER_EMAIL, fields, {}, cause=Cause.NOSHOW).html)
    assert {tag for tag, _ in page.seen} == {"p", "br", "a"}


def test_an_operators_text_takes_the_place_of_ours() -> None:
    changed = {"offer_sms": "Aloha{comma_name} — “{service}”… {unknown}{link}"}
    written = write(Purpose.OFFER_SMS, FIELDS, changed, cause=Cause.NOSHOW)
    assert written.text == 'Aloha Leilani - "Cleaning"... https://book.example.com/o/abc'


@pytest.mark.parametrize("broken", ["{", "{}", "{0}", "{link.nothing}", "{link[x]}", "{link:d}"])
def test_an_operators_text_that_cannot_be_filled_does_not_keep_the_client_waiting(
    broken: str,
) -> None:
    ours = write(Purpose.LAST_SMS, FIELDS, {}, cause=Cause.NOSHOW)
    assert write(Purpose.LAST_SMS, FIELDS, {"last_sms": broken}, cause=Cause.NOSHOW) == ours


def test_an_unknown_cause_is_told_as_a_plain_cancellation() -> None:
    text = write(Purpose.OFFER_SMS, FIELDS, {}, cause="something new").text
    assert "your Cleaning on Mon 1 Mar, 2:00 pm was cancelled" in text
