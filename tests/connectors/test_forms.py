"""What `rebook connect` asks for is what the connectors read and what their pages tell."""

import re
from pathlib import Path

import pytest

from connectors import REGISTRY
from connectors.forms import COMMON, SIGNING_IN, BadForm, Form, Secret, form_of
from tests.connectors.kits import KITS

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| ((?:`[a-z_]+`(?:, )?)+) \|", re.MULTILINE)
READ = re.compile(r'settings(?:\.get\(|\[)"([a-z_]+)"|needed\(settings, "([a-z_]+)"')
SLUGS = sorted(REGISTRY)


def told(slug: str) -> set[str]:
    """The settings in the tables of a platform's page."""
    page = (ROOT / "docs" / "platforms" / f"{slug}.md").read_text()
    tables = re.findall(r"\| setting \|.*?\n((?:\|.*\n)+)", page)
    return {
        name for table in tables for row in ROW.findall(table) for name in row[1:-1].split("`, `")
    }


def read(slug: str) -> set[str]:
    """The settings that a connector's code names outright."""
    files = (ROOT / "connectors" / slug).glob("*.py")
    return {a or b for file in files for a, b in READ.findall(file.read_text())}


@pytest.mark.parametrize("slug", SLUGS)
def test_every_setting_of_the_page_can_be_entered(slug: str) -> None:
    form = form_of(slug)
    assert told(slug) <= {*form.needed, *form.known, *COMMON}


@pytest.mark.parametrize("slug", SLUGS)
def test_every_setting_that_the_code_reads_can_be_entered(slug: str) -> None:
    form = form_of(slug)
    assert read(slug) <= {*form.needed, *form.known, *COMMON}


@pytest.mark.parametrize("slug", SLUGS)
def test_no_setting_can_be_entered_that_nobody_reads(slug: str) -> None:
    form = form_of(slug)
    known = {*form.needed, *form.known}
    shared = "".join(file.read_text() for file in (ROOT / "connectors").glob("*.py"))
    own = "".join(
        file.read_text()
        for file in (ROOT / "connectors" / slug).glob("*.py")
        if file.name != "form.py"
    )
    by_status = {f"{status}_{kind}" for status in ("booked", "cancelled", "noshow", "fulfilled")
                 for kind in ("value", "values", "items")}  # fmt: skip
    unread = {name for name in known if f'"{name}"' not in own + shared}
    assert unread - by_status - told(slug) == set()


@pytest.mark.parametrize("slug", SLUGS)
def test_the_account_that_the_tests_use_could_be_entered(slug: str) -> None:
    form, kit = form_of(slug), KITS[slug]
    given = dict.fromkeys(form.needed, "word") | dict(kit.settings)
    form.check_settings({name: value for name, value in given.items() if name in allowed(form)})
    way = next((way for way in form.ways if set(way) <= set(kit.credentials)), None)
    assert way or set(kit.credentials) & {name for way in form.ways for name in way}


def allowed(form: Form) -> set[str]:
    return {*form.needed, *form.known, *COMMON}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_form_makes_sense(slug: str) -> None:
    form = form_of(slug)
    assert all(form.ways)
    assert not set(form.needed) & set(form.known)
    assert (form.secret is Secret.CREDENTIAL) == bool(form.signs_with)
    assert all(form.signs_with in way for way in form.ways if form.signs_with)
    for step in form.steps:
        assert step.format(hook="h", secret="s")


@pytest.mark.parametrize("slug", SLUGS)
def test_a_sign_in_asks_for_and_tells_what_the_form_can_hold(slug: str) -> None:
    form = form_of(slug)
    signing = [way for way in form.choices if way.signs_in]
    assert bool(signing) == bool(form.sign_in)
    assert all({"client_id", "client_secret"} <= set(way.names) for way in signing)
    assert {(*way.names, "refresh_token") for way in signing} <= set(form.ways)
    assert form.learned <= {*form.needed, *form.known}
    settings = dict.fromkeys((set(form.needed) - form.learned) | SIGNING_IN, "word")
    if form.sign_in:
        form.check_settings(settings, later=form.learned)
    else:
        with pytest.raises(BadForm):
            form.check_settings(settings)


FORM = Form(ways=(("key",), ("id", "secret")), needed=("list",), known=("zone",))


@pytest.mark.parametrize("given", [{}, {"list": " "}, {"list": "1", "zones": "UTC"}])
def test_settings_that_do_not_fit_are_named_and_no_value_is_quoted(given: dict[str, str]) -> None:
    with pytest.raises(BadForm) as caught:
        FORM.check_settings(given)
    assert "UTC" not in str(caught.value)


@pytest.mark.parametrize("given", [{}, {"key": ""}, {"id": "a"}, {"key": "a", "other": "b"}])
def test_credentials_that_do_not_fit_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(BadForm):
        FORM.check_credentials(given)


def test_either_way_of_credentials_is_taken() -> None:
    FORM.check_credentials({"key": "a"})
    FORM.check_credentials({"id": "a", "secret": "b"})


@pytest.mark.parametrize(
    "address",
    ["http://vendor.example", "ftp://x", "vendor.example", "http://127.0.0.1.evil.example"],
)
def test_credentials_go_nowhere_in_clear(address: str) -> None:
    with pytest.raises(BadForm, match="https"):
        FORM.check_address(address)
    FORM.check_address("")
    FORM.check_address("http://127.0.0.1:8010/acuity")


def test_a_platform_that_is_none_has_no_form() -> None:
    with pytest.raises(KeyError):
        form_of("examplecal")
