"""Calendar files that a calendar can read, whatever a platform's words hold."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rebook.domain import unsubscribing
from rebook.domain.invitation import Event, Standing, write

AT = datetime(2027, 3, 2, 22, tzinfo=UTC)


def event(title: str = "Cleaning", standing: Standing = Standing.CONFIRMED) -> Event:
    return Event("visit-1@rebook", 2, standing, AT, AT + timedelta(hours=1), title, "Main St 1, B")


def lines(text: str) -> list[str]:
    """Unfolded."""
    return text.replace("\r\n ", "").split("\r\n")


def test_a_booked_time_is_firm_and_named_for_life() -> None:
    found = lines(write("PUBLISH", [event()], stamp=AT, organiser="studio@example.com"))
    for line in (
        "METHOD:PUBLISH", "UID:visit-1@rebook", "SEQUENCE:2", "DTSTAMP:20270302T220000Z",
        "DTSTART:20270302T220000Z", "DTEND:20270302T230000Z", "LOCATION:Main St 1\\, B",
        "ORGANIZER:mailto:studio@example.com", "STATUS:CONFIRMED", "TRANSP:OPAQUE",
    ):  # fmt: skip
        assert line in found


def test_what_is_only_offered_keeps_nobody_busy_and_what_is_gone_says_so() -> None:
    offered = write("PUBLISH", [event(standing=Standing.TENTATIVE)] * 2, stamp=AT, organiser="")
    assert offered.count("STATUS:TENTATIVE") == offered.count("TRANSP:TRANSPARENT") == 2
    gone = write("CANCEL", [event(standing=Standing.CANCELLED)], stamp=AT, organiser="")
    assert "METHOD:CANCEL" in gone
    assert "STATUS:CANCELLED" in gone


@given(st.text(max_size=200))
def test_no_words_break_out_of_their_line(words: str) -> None:
    text = write("PUBLISH", [event(words)], stamp=AT, organiser="")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    names = [line.partition(":")[0] for line in lines(text) if line]
    assert names == [line.partition(":")[0] for line in lines(_plain()) if line]


def _plain() -> str:
    return write("PUBLISH", [event()], stamp=AT, organiser="")


def test_an_unsubscribing_link_is_known_again_and_no_other_is() -> None:
    token = unsubscribing.token("a-key", "contact-1")
    assert unsubscribing.holds("a-key", "contact-1", token)
    assert not unsubscribing.holds("a-key", "contact-2", token)
    assert not unsubscribing.holds("another", "contact-1", token)
    assert not unsubscribing.holds("a-key", "contact-1", "")
    assert not unsubscribing.holds("a-key", "contact-1", "é")
