"""Records that hold an appointment: what people write into their fields, read without guessing."""

from datetime import UTC, datetime

import pytest

from connectors import connect
from connectors.errors import Refused
from connectors.records import Words, host_label, linked, moment, needed, written
from rebook.domain.appointments import Status

DEFAULTS = {Status.BOOKED: "on, also on", Status.CANCELLED: "off"}
START = datetime(2030, 3, 12, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("on", Status.BOOKED),
        (" Also ON ", Status.BOOKED),
        ("OFF", Status.CANCELLED),
        ("of", None),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_a_value_means_what_a_list_says_and_nothing_else(
    value: object, status: Status | None
) -> None:
    assert Words.of({}, DEFAULTS).read(value) is status


def test_the_admins_lists_take_the_place_of_ours() -> None:
    words = Words.of({"booked_values": "Stands", "noshow_values": "7, 8"}, DEFAULTS)
    assert [words.read(value) for value in ("on", "stands", 7)] == [
        None,
        Status.BOOKED,
        Status.NOSHOW,
    ]


def test_the_first_of_a_list_is_written_and_an_empty_one_is_refused() -> None:
    words = Words.of({"cancelled_values": "Gone, off"}, DEFAULTS)
    assert (words.write(Status.BOOKED), words.write(Status.CANCELLED)) == ("on", "Gone")
    with pytest.raises(Refused, match="noshow_values"):
        words.write(Status.NOSHOW)


@pytest.mark.parametrize(
    "text",
    [
        "2030-03-12T10:00-10:00",
        "2030-03-12T20:00:00Z",
        " 2030-03-12 10:00 ",
        "2030-03-12 10:00:00",
        "2030-03-12 20:00+00:00",
    ],
)
def test_a_time_with_its_offset_or_by_the_wall_clock_is_read(text: str) -> None:
    assert moment(text, "Pacific/Honolulu") == START


@pytest.mark.parametrize(
    "text", ["", None, "2030-03-12", "20300312", "next Tuesday", "2030-03-12T10:00", "10:00", 7]
)
def test_what_says_less_than_an_instant_is_none(text: object) -> None:
    assert moment(text, "Pacific/Honolulu") is None


def test_the_wall_clock_of_no_zone_is_none() -> None:
    assert moment("2030-03-12 10:00", "") is None
    assert moment("2030-03-12 10:00", None) is None


@pytest.mark.parametrize("text", ["2030-03-10 02:30", "2030-11-03 01:30"])
def test_an_hour_that_the_clock_skips_or_shows_twice_is_not_guessed(text: str) -> None:
    assert moment(text, "America/New_York") is None
    assert moment(f"{text}-05:00", "America/New_York") is not None


def test_what_we_write_is_read_back_as_the_same_instant_on_both_sides_of_a_change() -> None:
    for hour in (5, 6):
        instant = datetime(2030, 11, 3, hour, 30, tzinfo=UTC)
        text = written(instant, "America/New_York")
        assert text.startswith("2030-11-03T01:30-0")
        assert moment(text, "Pacific/Honolulu") == instant


def test_the_first_field_that_is_set_links() -> None:
    fields = {"b": "7", "c": "8"}
    assert linked("a=acuity, b=google, c=other", fields.get) == "google:7"
    assert linked("a=acuity", fields.get) == ""
    assert linked("", fields.get) == ""


def test_a_setting_that_is_needed_and_empty_is_refused_by_name() -> None:
    assert needed({"zone": "UTC"}, "zone") == "UTC"
    with pytest.raises(Refused, match="status_field"):
        needed({"status_field": ""}, "status_field")


@pytest.mark.parametrize("slug", ["zendesk", "freshdesk"])
def test_a_desk_is_reached_at_its_own_name_below_the_vendors(slug: str) -> None:
    login = {"email": "studio@example.com", "api_token": "t", "api_key": "k"}
    names = {"subdomain": "shore-studio", "domain": "shore-studio"}
    desk = connect(slug, "", names, login)
    assert desk.http.base_url == f"https://shore-studio.{slug}.com/api/v2"
    with pytest.raises(Refused):
        connect(slug, "", {}, login)


@pytest.mark.parametrize("value", ["", "a.example.com/", "a@b", "a/b", "a?b", "ä", "a b", "a" * 64])
def test_no_setting_leads_credentials_to_another_host(value: str) -> None:
    with pytest.raises(Refused):
        host_label({"domain": value}, "domain")
