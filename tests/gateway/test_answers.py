"""What the door says besides 200: challenges, unknown names (W20), and no database (W21)."""

import socket
import time
from collections.abc import Callable

import psycopg

from tests.connectors.kits import KITS
from tests.gateway.bodies import ACUITY, SMS
from tests.gateway.house import House


def test_a_challenge_is_echoed_as_text_and_not_kept(house: House) -> None:
    name = house.connect("slack")
    body = b'{"type":"url_verification","challenge":"abc123"}'
    answer = house.send(house.signed(name, body, "interactivity"))
    assert (answer.status_code, answer.text) == (200, "abc123")
    assert answer.headers["content-type"].startswith("text/plain")
    assert house.rows(name) == []


def test_a_challenge_that_is_not_signed_is_refused(house: House) -> None:
    name = house.connect("slack")
    body = b'{"type":"url_verification","challenge":"abc123"}'
    request = KITS["slack"].signed(b"other", "", "interactivity")
    with house.client() as client:
        answer = client.post(f"/hooks/{name}", content=body, headers=request.headers)
    assert answer.status_code == 401


def test_an_inbound_text_is_answered_with_the_empty_document_twilio_wants(house: House) -> None:
    name = house.connect("twilio")
    answer = house.send(house.signed(name, SMS, "sms"))
    assert answer.headers["content-type"].startswith("text/xml")
    assert "<Response" in answer.text


def test_the_dispatcher_is_woken_by_the_commit(house: House) -> None:
    with house.owner() as listener:
        listener.execute("LISTEN rebook_inbox")
        name = house.connect("acuity")
        house.send(house.signed(name, ACUITY))
        heard = next(listener.notifies(timeout=10))
    assert (heard.channel, heard.payload) == ("rebook_inbox", "")


def test_w20_all_that_is_unknown_gets_the_same_answer(house: House) -> None:
    known = house.connect("acuity")
    paths = ["/hooks/acuity-0000", "/hooks/portal", "/hooks/%00", "/hooks/a%2Fb", "/nothing"]
    paths += [f"/hooks/{'x' * 41}", f"/hooks/{known}/a/b", f"/hooks/{known}/%00", "/hooks/"]
    with house.client() as client:
        answers = [client.post(path, content=ACUITY) for path in paths]
    seen = {(a.status_code, a.text, tuple(_apart_from_date(dict(a.headers)))) for a in answers}
    assert len(seen) == 1
    assert answers[0].status_code == 404


def _apart_from_date(headers: dict[str, str]) -> list[tuple[str, str]]:
    return sorted((name, value) for name, value in headers.items() if name != "date")


def test_w20_an_unknown_connection_takes_as_long_as_another_unknown_one(house: House) -> None:
    """Neither a prefix of a real name nor nonsense is told apart: both cost one look-up."""
    known = house.connect("acuity")
    with house.client() as client:
        answers = [client.post(f"/hooks/{name}") for name in (known[:-1], "zz-1", "acuity")]
    assert {answer.text for answer in answers} == {"not found"}


def test_w21_without_the_database_it_is_a_503_and_a_200_again_afterwards(
    another: Callable[..., House],
) -> None:
    house = another()
    name = house.connect("acuity")
    house.start()
    request = house.signed(name, ACUITY)
    with DatabaseShut(house):
        answer = house.send(request)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        with house.client() as client:
            assert client.get("/readyz").status_code == 503
            assert client.get("/healthz").status_code == 200
    assert house.send(request).status_code == 200
    assert len(house.rows(name)) == 1


def test_w21_a_database_that_accepts_and_says_nothing_is_a_503_within_seconds(
    another: Callable[..., House],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://x@127.0.0.1:{silent.getsockname()[1]}/x"
        house = another(extra={"REBOOK_GATEWAY_DATABASE_URL": url})
        house.start()
        begun = time.monotonic()
        with house.client() as client:
            assert client.post("/hooks/acuity-1", content=ACUITY).status_code == 503
        assert time.monotonic() - begun < 5


class DatabaseShut:
    def __init__(self, house: House) -> None:
        self.house = house

    def __enter__(self) -> None:
        self._allow("false")
        with self._admin() as admin:
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            admin.execute(ended, [self.house.database])

    def __exit__(self, *_: object) -> None:
        self._allow("true")

    def _allow(self, word: str) -> None:
        with self._admin() as admin:
            query = f"ALTER DATABASE {self.house.database} ALLOW_CONNECTIONS {word}"
            admin.execute(query.encode())

    def _admin(self) -> psycopg.Connection:
        return psycopg.connect(self.house.cluster.postgres.admin_url(), autocommit=True)
