"""Instants and names as people see them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebook.domain import wording
from tests.domain.instants import INSTANTS

NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("instant", "zone", "shown"),
    [
        ("2027-03-01T22:00", "Pacific/Honolulu", "Mon 1 Mar, 12:00 pm"),
        ("2027-03-01T10:05", "Pacific/Honolulu", "Mon 1 Mar, 12:05 am"),
        ("2027-11-24T00:30", NEW_YORK, "Tue 23 Nov, 7:30 pm"),
        ("2027-11-07T05:30", NEW_YORK, "Sun 7 Nov, 1:30 am (UTC-0400)"),
        ("2027-11-07T06:30", NEW_YORK, "Sun 7 Nov, 1:30 am (UTC-0500)"),
        ("2027-11-07T07:30", NEW_YORK, "Sun 7 Nov, 2:30 am"),
        ("2027-03-14T06:59", NEW_YORK, "Sun 14 Mar, 1:59 am"),
        ("2027-03-14T07:00", NEW_YORK, "Sun 14 Mar, 3:00 am"),
        ("2027-04-03T15:15", "Australia/Lord_Howe", "Sun 4 Apr, 1:45 am (UTC+1030)"),
    ],
)
def test_an_instant_is_shown_on_the_clients_clock_with_its_offset_where_an_hour_repeats(
    instant: str, zone: str, shown: str
) -> None:
    assert wording.short(datetime.fromisoformat(instant).replace(tzinfo=UTC), zone) == shown


@given(
    INSTANTS,
    st.sampled_from([NEW_YORK, "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca"]),
)
def test_two_different_minutes_never_look_the_same(instant: datetime, zone: str) -> None:
    minute = instant.replace(second=0)
    shown = {wording.short(minute + timedelta(hours=later), zone) for later in range(4)}
    assert len(shown) == 4


def test_a_day_is_written_out() -> None:
    at = datetime(2027, 11, 24, 3, tzinfo=UTC)
    assert wording.day(at, "Pacific/Honolulu") == "Tuesday 23 November"
    assert wording.day(at, "Pacific/Honolulu", "es") == "martes 23 de noviembre"


@pytest.mark.parametrize(
    ("instant", "zone", "shown"),
    [
        ("2027-03-03T08:05", "Europe/Madrid", "mié 3 mar, 9:05"),
        ("2027-12-24T22:30", "America/Puerto_Rico", "vie 24 dic, 18:30"),
        ("2027-11-07T05:30", NEW_YORK, "dom 7 nov, 1:30 (UTC-0400)"),
    ],
)
def test_an_instant_is_shown_in_spanish(instant: str, zone: str, shown: str) -> None:
    assert wording.short(datetime.fromisoformat(instant).replace(tzinfo=UTC), zone, "es") == shown


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("Leilani", "Leilani"),
        ("  Anna   Maria ", "Anna Maria"),
        ("O'Brien-Smith", "O'Brien-Smith"),
        ("<img src=x onerror=1>", "img src=x onerror=1"),
        ("{{7*7}}", "7*7"),
        ("Ann\r\nBcc: x", "Ann Bcc: x"),
        ("\u202eAnn", "Ann"),
        ("see https://evil.example/x now", "see now"),
        ("www.evil.example", ""),
        ("evil.com/x", ""),
        ("evil.app/login", "evil. app/login"),
        ("evil.\u200bcom", "evil. com"),
        ("Dr.Cohen", "Dr. Cohen"),
        ("a\x00b", "a b"),
    ],
)
def test_what_came_from_outside_is_made_harmless(given_text: str, shown: str) -> None:
    assert wording.safe(given_text) == shown


@given(st.text(max_size=300), st.integers(1, 80))
def test_no_text_from_outside_breaks_a_line_or_makes_a_link(text: str, longest: int) -> None:
    shown = wording.safe(text, longest)
    assert len(shown) <= longest
    assert not set("<>{}[]|\\^~`\n\r\t\0") & set(shown)
    assert "://" not in shown
    assert shown == shown.strip()
