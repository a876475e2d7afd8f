"""What must never be found, and where it is looked for."""

import re
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from runtime.postgres import Postgres
from tests.flows.house import House

SHORTEST_SECRET = 12
"""Credentials shorter than this are numbers of accounts, which a vendor's URLs carry too."""


def of_people(house: House) -> set[str]:
    """Everybody in the town: names, addresses, and numbers in the spellings people use."""
    people = house.platform("acuity")["appointments"]
    named = [one for one in people if one["firstName"] and one["lastName"]]
    names = {f"{one['firstName']} {one['lastName']}" for one in named}
    backwards = {f"{one['lastName']}, {one['firstName']}" for one in named}
    mails = {one["email"] for one in people if one["email"]}
    phones = {one["phone"] for one in people if one["phone"]}
    return names | backwards | mails | {said for phone in phones for said in spellings(phone)}


def spellings(phone: str) -> set[str]:
    national = phone.removeprefix("+1")
    area, office, line = national[:3], national[3:6], national[6:]
    return {
        phone,
        national,
        f"%2B1{national}",
        f"({area}) {office}-{line}",
        f"{area}-{office}-{line}",
        f"{area} {office} {line}",
    }


def of_links(house: House) -> set[str]:
    """The tokens of every link a client was sent."""
    texts = [message["body"] for message in house.platform("twilio")["messages"]]
    return {token for text in texts for token in re.findall(r"/[oa]/(\w+)", text)}


def of_accounts(house: House) -> set[str]:
    """The credentials and webhook secrets of every connection."""
    with house.town as town:
        listed = town.get("/_control/connections").json()
    return {
        secret
        for entry in listed
        for secret in [*_texts(entry["credentials"]), *entry["webhook_secrets"]]
        if len(secret) >= SHORTEST_SECRET
    }


def _texts(found: dict[str, Any]) -> list[str]:
    return [str(value) for value in found.values()]


def found_in(folder: Path, canaries: Iterable[str], patterns: Path, *spared: str) -> list[str]:
    """Files below a folder that hold one of them; `spared` are names of files left out."""
    lines = sorted({line for canary in canaries for line in canary.splitlines() if line})
    patterns.write_text("\n".join(lines))
    left_out = [f"--exclude={name}" for name in spared]
    done = subprocess.run(
        ["grep", "-rlaF", *left_out, "-f", str(patterns), str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
    )
    real = [line for line in done.stderr.splitlines() if "No such file" not in line]
    assert not real, real
    return sorted(done.stdout.splitlines())


def dump(house: House, database: str, folder: Path) -> Path:
    """Every table of a database as text, one file each: compressed values are found as well."""
    folder.mkdir()
    url = Postgres(house.folder / "postgres").admin_url(database)
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        for (table,) in tables:
            _copy(connection, table, folder / table)
    return folder


def _copy(connection: psycopg.Connection, table: str, place: Path) -> None:
    command = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))
    with place.open("wb") as file, connection.cursor().copy(command) as rows:
        for row in rows:
            file.write(row)


def environment_of(pid: int) -> dict[str, str]:
    pairs = Path(f"/proc/{pid}/environ").read_text().split("\0")
    return dict(pair.partition("=")[::2] for pair in pairs if pair)


@contextmanager
def watched_commands(house: House) -> Iterator[set[str]]:
    """The command line of every process of the house that is seen meanwhile."""
    seen: set[str] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            seen.update(_commands(house.state["pid"]))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def _commands(supervisor: int) -> Iterator[str]:
    parents = dict(_parents())
    for pid in parents:
        if supervisor in _line_of(pid, parents):
            try:
                yield Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
            except OSError:
                continue


def _parents() -> Iterator[tuple[int, int]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        yield int(folder.name), int(fields[1])


def _line_of(pid: int, parents: dict[int, int]) -> set[int]:
    line = {pid}
    while (pid := parents.get(pid, 0)) and pid not in line:
        line.add(pid)
    return line
