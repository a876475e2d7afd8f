"""What the gateway's process may reach and what it writes: S4, W23 and the start-up refusals."""

import json
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from rebook.db.grants import GRANTS
from tests.gateway.house import House
from tests.gateway.visitor import Visitor

NAME, PHONE, TEXT = "Canary-Name", "+18085550177", "canary-text"


def as_gateway(house: House, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(house.gateway_url(), autocommit=True) as session:
        return session.execute(query.encode()).fetchall()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM inbox",
        "SELECT id FROM inbox",
        "UPDATE inbox SET handled_at = NULL",
        "DELETE FROM inbox",
        "INSERT INTO inbox (connection, handled_at) VALUES ('x', CURRENT_TIMESTAMP)",
        "INSERT INTO client_page (token_hash) VALUES ('x')",
        "UPDATE client_page SET expires_at = expires_at",
        "INSERT INTO technician_page (token_hash) VALUES ('x')",
        "SELECT * FROM visit_report",
        "SELECT credentials FROM connection",
        "SELECT door_secrets FROM connection",
        "UPDATE door SET slug = 'x'",
        "SELECT * FROM cases",
        "SELECT * FROM person",
        "SELECT * FROM audit",
        "SELECT nextval('audit_id_seq')",
        "CREATE TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "SELECT pg_read_file('postgresql.conf')",
        "COPY door TO PROGRAM 'true'",
    ],
)
def test_s4_the_gateways_role_can_do_no_more_than_it_must(house: House, query: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_gateway(house, query)


def test_s4_the_door_shows_no_credentials(house: House) -> None:
    with psycopg.connect(house.gateway_url()) as session:
        columns = session.execute("SELECT * FROM door LIMIT 0").description or []
    shown = {column.name for column in columns}
    assert shown == {"id", "slug", "settings", "door_secrets", "paused"}


def test_the_grants_may_be_made_again_and_without_the_role(house: House) -> None:
    with house.owner() as owner:
        for statement in GRANTS * 2:
            owner.execute(statement.encode())
    absent = [s.replace("rebook_gateway", "nobody_we_know") for s in GRANTS]
    with house.owner() as owner:
        for statement in absent:
            owner.execute(statement.encode())
    assert as_gateway(house, "SELECT count(*) FROM door")


def test_s4_the_process_knows_neither_prefect_nor_the_ledgers_keys(house: House) -> None:
    assert house.process is not None
    known = Path(f"/proc/{house.process.pid}/environ").read_text()
    assert "PREFECT" not in known
    for key in (house.keyring.data_keys[0], house.keyring.seal_private, house.keyring.link_key):
        assert key not in known
    assert house.keyring.passwords["rebook"] not in known


def test_s4_the_gateway_loads_nothing_of_prefect() -> None:
    script = (
        "import sys, connectors, gateway.__main__;"
        "[connectors.connector_class(slug) for slug in connectors.REGISTRY];"
        "print([m for m in sys.modules if m.split('.')[0] in ('prefect', 'tasks', 'flows', 'blocks')])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_w23_the_log_holds_one_line_a_request_and_nothing_of_what_was_sent(
    another: Callable[..., House],
) -> None:
    house = another()
    token = house.page(first_name=NAME)
    name = house.connect("acuity")
    house.start()
    visit(house, name, token)
    house.stop()
    log = house.log.read_text()
    for canary in (NAME, PHONE, TEXT, token, "\x1b", "evil", house.keyring.door_key):
        assert canary not in log
    lines = [json.loads(line) for line in log.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert {"method": "POST", "route": "/hooks/{connection}", "status": 200}.items() <= max(
        (line for line in requests if line.get("connection") == name), key=lambda line: line["at"]
    ).items()
    assert {line["route"] for line in requests} >= {"/o/{token}", "/offer", "none"}


def visit(house: House, name: str, token: str) -> None:
    visitor = Visitor(house, token)
    visitor.get(f"/o/{token}?{TEXT}")
    visitor.choose("1")
    with house.client() as client:
        client.get(f"/{TEXT}%0d%0aevil%1b[31m?{TEXT}", headers={"user-agent": TEXT})
        client.post(f"/hooks/{name}?{TEXT}", content=TEXT, headers={"x-acuity-signature": TEXT})
        client.request("EVIL", f"/hooks/{name}")
    body = f"action=canceled&id=1&phone={PHONE}".encode()
    assert house.send(house.signed(name, body)).status_code == 200


def test_what_nobody_foresaw_is_a_plain_500_and_a_line_without_words(
    another: Callable[..., House],
) -> None:
    """A page that was sealed under another token stands for any fault of ours."""
    house = another()
    token = house.page()
    with house.owner() as owner:
        owner.execute("UPDATE client_page SET view = %s", [TEXT.encode()])
    house.start()
    answer = Visitor(house, token).get()
    assert (answer.status_code, answer.text) == (500, "something went wrong on our side")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    house.stop()
    log = house.log.read_text()
    assert '"error": "InvalidToken"' in log
    assert TEXT not in log
    assert "Traceback" not in log


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REBOOK_DOOR_KEY", ""),
        ("REBOOK_DOOR_KEY", "short"),
        ("REBOOK_SEAL_PUBLIC", ""),
        ("REBOOK_SEAL_PUBLIC", "AAAA"),
        ("REBOOK_PUBLIC_URL", "book.example.com"),
        ("REBOOK_PUBLIC_URL", "https://a:b@book.example.com"),
        ("REBOOK_GATEWAY_PORT", "70000"),
        ("REBOOK_GATEWAY_PROXIES", "10.0.0.0/8, my proxy"),
        ("REBOOK_GATEWAY_PROXIES", "10.0.0.1/8"),
        ("REBOOK_GATEWAY_ADDRESS_HEADER", "X Real IP"),
    ],
)
def test_w13_the_gateway_does_not_start_with_a_broken_setting_and_names_it(
    house: House, name: str, value: str
) -> None:
    said = refused_start(house.environment() | {name: value})
    assert name in said
    assert "Traceback" not in said
    for secret in (house.keyring.door_key, house.keyring.passwords["rebook_gateway"]):
        assert secret not in said


def test_a_missing_setting_is_named(house: House) -> None:
    environment = house.environment()
    del environment["REBOOK_DOOR_KEY"], environment["REBOOK_GATEWAY_DATABASE_URL"]
    said = refused_start(environment)
    assert "REBOOK_DOOR_KEY" in said
    assert "REBOOK_GATEWAY_DATABASE_URL" in said


def refused_start(environment: dict[str, str]) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "gateway"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ran.returncode == 1
    return ran.stderr


def test_the_gateway_starts_without_its_database_and_says_503(
    another: Callable[..., House],
) -> None:
    url = f"postgresql://rebook_gateway:{secrets.token_hex()}@127.0.0.1:1/nowhere"
    house = another(extra={"REBOOK_GATEWAY_DATABASE_URL": url})
    house.start()
    with house.client() as client:
        assert client.get("/readyz").status_code == 503
        answer = client.post("/hooks/acuity-1", content=b"a=b")
        assert client.get("/o/" + "a" * 32).status_code == 503
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    house.stop()
    assert url.split("@")[0] not in house.log.read_text()


def test_the_gateway_is_alive_and_ready(house: House) -> None:
    with house.client() as client:
        assert client.get("/healthz").text == "alive"
        assert client.get("/readyz").text == "ready"


def test_nothing_documents_the_gateway_to_strangers(house: House) -> None:
    with house.client() as client:
        for path in ("/docs", "/redoc", "/openapi.json", "/", "/metrics", "/static/page.css"):
            assert client.get(path).status_code == 404
        assert "server" not in client.get("/healthz").headers


def test_it_ends_within_seconds_when_told_to(another: Callable[..., House]) -> None:
    house = another()
    house.start()
    house.stop()
    assert house.process is not None
    assert house.process.returncode in (0, -15)
