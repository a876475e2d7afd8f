"""Who gets in at the staff page, and who does not."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

from rebook.db.session import ledger
from rebook.db.staff_tables import StaffMember, StaffSession
from rebook.db.tables import Audit
from rebook.services import staff_accounts
from tests.office.conftest import PASSWORD, add
from tests.office.page import Office, Visitor
from tests.services.office import Clock, rows

OTHER = "four green lanterns"


def seen(action: str, name: str) -> int:
    return len([e for e in rows(Audit, action=action) if e.actor == f"staff:{name}"])


def test_every_page_asks_who_is_there(staff_page: Office) -> None:
    visitor = staff_page.visitor()
    for path in ("/", "/closed", "/cases/case-1", "/password"):
        assert "Sign in" in visitor.open(path)
        assert visitor.last.url.path == "/sign-in"


def test_the_right_password_opens_the_queue(staff_page: Office) -> None:
    add("mona")
    visitor = staff_page.visitor()
    assert "Waiting for a person" in visitor.sign_in("mona", PASSWORD).text
    assert seen("signed_in", "mona") == 1


@pytest.mark.parametrize(("name", "password"), [("nora", OTHER), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(
    staff_page: Office, name: str, password: str
) -> None:
    add("nora")
    answer = staff_page.visitor().sign_in(name, password)
    assert answer.status_code == 401
    assert "That is not a staff id and its password." in answer.text
    assert "set-cookie" not in answer.headers


def test_a_password_is_stored_as_argon2_and_nowhere_else(staff_page: Office) -> None:
    add("olga")
    with ledger() as session:
        stored = session.get_one(StaffMember, "olga").password_hash
    assert stored.startswith("$argon2id$")
    staff_page.visitor().sign_in("olga", PASSWORD)
    assert PASSWORD not in staff_page.log.read_text()
    assert "olga" not in staff_page.log.read_text()


def test_the_cookie_is_for_this_site_and_no_script(staff_page: Office) -> None:
    add("petra")
    visitor = staff_page.visitor()
    answer = visitor.http.post("/sign-in", data={"name": "petra", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    token = visitor.http.cookies["office"]
    assert all(token not in row.token_hash for row in rows(StaffSession))


def test_five_tries_and_the_right_password_is_not_looked_at(
    staff_page: Office, clock: Clock
) -> None:
    add("quinn")
    visitor = staff_page.visitor()
    assert [visitor.sign_in("quinn", OTHER).status_code for _ in range(5)] == [401] * 5
    assert visitor.sign_in("quinn", PASSWORD).status_code == 429
    assert visitor.sign_in("QUINN", PASSWORD).status_code == 429
    clock.forward(minutes=16)
    assert visitor.sign_in("quinn", PASSWORD).status_code == 200
    assert seen("sign_in_failed", "quinn") == 5


def test_guesses_sent_at_once_are_counted_one_by_one(staff_page: Office) -> None:
    add("rosa")

    def guess(number: int) -> int:
        form = {"name": "rosa", "password": f"guess {number}"}
        return httpx.post(f"{staff_page.address}/sign-in", data=form, timeout=60).status_code

    with ThreadPoolExecutor(12) as crowd:
        answers = sorted(crowd.map(guess, range(12)))
    assert answers == [401] * 5 + [429] * 7


def test_getting_in_forgives_the_tries_before(staff_page: Office) -> None:
    add("sven")
    visitor = staff_page.visitor()
    for _ in range(2):
        assert [visitor.sign_in("sven", OTHER).status_code for _ in range(4)] == [401] * 4
        assert visitor.sign_in("sven", PASSWORD).status_code == 200


def test_a_one_time_password_lets_one_choose_a_password_and_nothing_else(
    staff_page: Office,
) -> None:
    once = add("tara", password="")
    visitor = staff_page.visitor()
    visitor.sign_in("tara", once)
    assert "Choose your password" in visitor.open("/cases/case-1")
    proof = visitor.hidden("proof")
    refused = visitor.send("/password", proof=proof, password="short", again="short")
    assert (refused.status_code, "12 to 200 characters" in refused.text) == (422, True)
    same = visitor.send("/password", proof=proof, password=once, again=once)
    assert same.status_code == 422
    chosen = visitor.send("/password", proof=proof, password=OTHER, again=OTHER)
    assert "Waiting for a person" in chosen.text
    assert staff_page.visitor().sign_in("tara", once).status_code == 401
    assert staff_page.visitor().sign_in("tara", OTHER).status_code == 200


def test_a_one_time_password_lapses(staff_page: Office, clock: Clock) -> None:
    once = add("ulla", password="")
    clock.forward(days=4)
    assert staff_page.visitor().sign_in("ulla", once).status_code == 401


def test_changing_it_needs_the_former_one_and_ends_the_other_browsers(
    staff_page: Office,
) -> None:
    add("vera")
    here, there = staff_page.visitor(), staff_page.visitor()
    for visitor in (here, there):
        visitor.sign_in("vera", PASSWORD)
    here.open("/password")
    fields = {"proof": here.hidden("proof"), "password": OTHER, "again": OTHER}
    assert here.send("/password", former="not this one", **fields).status_code == 422
    assert "Waiting for a person" in here.send("/password", former=PASSWORD, **fields).text
    assert "Waiting for a person" in here.open("/")
    assert "Sign in" in there.open("/")


def test_who_is_revoked_is_out_at_once_and_stays_out(staff_page: Office) -> None:
    add("wanda")
    visitor = staff_page.visitor()
    visitor.sign_in("wanda", PASSWORD)
    with ledger() as session:
        assert staff_accounts.revoke(session, "wanda") == 1
    assert "Sign in" in visitor.open("/")
    assert staff_page.visitor().sign_in("wanda", PASSWORD).status_code == 401


def test_who_signs_out_leaves_a_cookie_that_opens_nothing(maria: Visitor) -> None:
    maria.open("/")
    token = maria.http.cookies["office"]
    maria.send("/sign-out", proof=maria.hidden("proof"))
    maria.http.cookies.set("office", token)
    assert "Sign in" in maria.open("/")


def test_a_browser_left_alone_for_two_hours_is_signed_out(maria: Visitor, clock: Clock) -> None:
    clock.forward(hours=1.9)
    assert "Waiting for a person" in maria.open("/")
    clock.forward(hours=2.1)
    assert "Sign in" in maria.open("/")


def test_a_browser_in_use_is_signed_out_after_twelve_hours(maria: Visitor, clock: Clock) -> None:
    for _ in range(11):
        clock.forward(hours=1)
        assert "Waiting for a person" in maria.open("/")
    clock.forward(hours=1.1)
    assert "Sign in" in maria.open("/")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example"},
        {"sec-fetch-site": "cross-site"},
        {"content-type": "text/plain"},
    ],
)
def test_a_form_from_elsewhere_is_refused(maria: Visitor, headers: dict[str, str]) -> None:
    form = "name=maria&password=three+blue+kettles"
    own = {"content-type": "application/x-www-form-urlencoded"}
    answer = maria.http.post("/sign-in", content=form, headers=own | headers)
    assert answer.status_code == 403
    maria.open("/")
    proof = maria.hidden("proof")
    answer = maria.http.post("/sign-out", content=f"proof={proof}", headers=own | headers)
    assert answer.status_code == 403
    assert "Waiting for a person" in maria.open("/")


def test_a_name_that_is_not_ours_is_not_answered(staff_page: Office) -> None:
    answer = httpx.get(f"{staff_page.address}/", headers={"host": "rebook.example.com"}, timeout=60)
    assert answer.status_code == 421


def test_the_offices_role_changes_no_case_and_reads_no_key(staff_page: Office) -> None:
    forbidden = (
        "UPDATE cases SET state = 'voided'",
        "DELETE FROM audit",
        "UPDATE audit SET action = ''",
        "SELECT * FROM connection",
        "SELECT * FROM inbox",
        "UPDATE staff_member SET revoked_at = NULL",
        "INSERT INTO staff_member (id) VALUES ('eve')",
    )
    with psycopg.connect(staff_page.url(), autocommit=True) as office:
        for statement in forbidden:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                office.execute(statement)
