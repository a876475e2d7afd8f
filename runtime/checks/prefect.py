"""The Prefect server: there, of the tested release, closed to strangers, its secrets under our key."""

import re
import socket
from contextlib import suppress
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from ipaddress import ip_address
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
from sqlalchemy.engine import make_url

from rebook.db.session import SOCKET_FILE
from rebook.keyring import KeyringMissing, keyring
from rebook.settings import settings
from runtime.checks import Finding, fail, ok, warn
from runtime.checks.ledger import skew
from runtime.ledger_access import data_folder
from runtime.prefect_place import api_url, sign_in
from runtime.processes import ROOT

SECONDS = 5
LOCK_FILE = ROOT / "requirements.lock"
CLOSE_IT = (
    "let it listen on 127.0.0.1 behind a proxy that asks who you are, or set"
    " PREFECT_SERVER_API_AUTH_STRING: its API shows and does everything"
)


def check() -> list[Finding]:
    api = api_url()
    if api is None:
        return [warn("Prefect", "not running here", "`rebook up`, or name it in PREFECT_API_URL")]
    try:
        answer = httpx.get(f"{api}/admin/version", headers=sign_in(), timeout=SECONDS)
    except httpx.HTTPError as error:
        return [fail("Prefect", f"{api} does not answer ({type(error).__name__})", "see its log")]
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        todo = "set PREFECT_API_AUTH_STRING to the server's PREFECT_SERVER_API_AUTH_STRING"
        return [fail("Prefect", f"{api} refuses us", todo)]
    return [release(answer), server_clock(answer), exposure(api), encryption()]


def release(answer: httpx.Response) -> Finding:
    """The one that was tested with this Rebook."""
    runs = answer.text.strip().strip('"')
    wanted = locked()
    if answer.status_code != httpx.codes.OK or not re.fullmatch(r"\d+\.\d+[\w.+]*", runs):
        return fail("Prefect", "what answers there is no Prefect server", "see PREFECT_API_URL")
    if runs == wanted:
        return ok("Prefect", f"{runs} at {answer.url.copy_with(path='/')}")
    return fail("Prefect", f"{runs}, tested was {wanted}", f"run Prefect {wanted}, or test first")


def locked() -> str:
    """From requirements.lock; where there is none, the installed package."""
    if LOCK_FILE.exists():
        found = re.search(r"^prefect==(\S+)", LOCK_FILE.read_text(), re.MULTILINE)
        if found:
            return found[1]
    return version("prefect")


def server_clock(answer: httpx.Response) -> Finding:
    """The Date header counts whole seconds."""
    date = answer.headers.get("date")
    if not date:
        return warn("Prefect's clock", "not told", "compare the machines' clocks yourself")
    return skew("Prefect's clock", parsedate_to_datetime(date), grain=1.0)


def exposure(api: str) -> Finding:
    """Asked as a stranger would: without signing in, at the addresses others reach."""
    open_at = [url for url in reachable(api) if answers_strangers(url)]
    if open_at:
        return fail("exposure", f"Prefect answers strangers at {', '.join(open_at)}", CLOSE_IT)
    return ok("exposure", "Prefect answers no stranger from outside this machine")


def reachable(api: str) -> list[str]:
    """The API at every address but loopback. A server elsewhere is asked where it is."""
    parts = urlsplit(api)
    if not is_loopback(parts.hostname or ""):
        return [api]
    port = parts.port or (443 if parts.scheme == "https" else 80)
    hosts = [f"[{host}]" if ":" in host else host for host in own_addresses()]
    return [urlunsplit(parts._replace(netloc=f"{host}:{port}")) for host in hosts]


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def own_addresses() -> list[str]:
    """What this machine is called from outside; a datagram socket sends nothing by connecting."""
    found: set[str] = set()
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((far, 9))
                found.add(probe.getsockname()[0])
        except OSError:
            continue
    with suppress(OSError):
        found |= {str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None)}
    return sorted(host for host in found if "%" not in host and not is_loopback(host))


def answers_strangers(api: str) -> bool:
    try:
        return httpx.get(f"{api}/admin/version", timeout=SECONDS).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def encryption() -> Finding:
    """A server without PREFECT_SERVER_ENCRYPTION_KEY writes a key of its own beside the secrets."""
    todo = "start the server with PREFECT_SERVER_ENCRYPTION_KEY, then save the blocks again"
    try:
        with psycopg.connect(_database(), connect_timeout=SECONDS) as connection:
            row = connection.execute(
                "SELECT count(*) FROM configuration WHERE key = 'ENCRYPTION_KEY'"
            ).fetchone()
    except (psycopg.Error, OSError, KeyringMissing):
        return warn("encryption", "Prefect's database could not be asked", todo)
    if row and row[0]:
        return fail("encryption", "Prefect keeps the key beside the secrets", todo)
    return ok("encryption", "Prefect keeps no key of its own beside the secrets")


def _database() -> str:
    named = settings().prefect_database_url
    if named:
        return make_url(named).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.conninfo.make_conninfo(
        host=(data_folder() / SOCKET_FILE).read_text().strip(),
        user="prefect",
        password=keyring().passwords["prefect"],
        dbname="prefect",
    )
