"""What the pages say to type exists, what they link to is there, and their SQL makes a usable server."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import typer
from psycopg import errors

from rebook import keyring as keys
from rebook.db import migrate, session
from rebook.settings import settings
from runtime.cli import app
from runtime.postgres import Postgres, binary, environment

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"(?:\]\(|src=\")([^)\"\s]+)")
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
CLI: Any = typer.main.get_command(app)


def blocks(page: Path, language: str) -> list[str]:
    return [body for name, body in BLOCK.findall(page.read_text()) if name == language]


def typed(page: Path) -> Iterator[list[str]]:
    """The words of each command a page tells the reader to type."""
    for body in blocks(page, "console"):
        for line in body.splitlines():
            if line.startswith("$ "):
                yield shlex.split(line[2:], comments=True)


COMMANDS = [
    words[words.index(name) + 1 :]
    for page in PAGES
    for words in typed(page)
    for name in ("rebook", ".venv/bin/rebook")
    if name in words[:1]
]
TARGETS = {words[1] for page in PAGES for words in typed(page) if words[0] == "make"}


def resolved(words: list[str]) -> tuple[Any, list[str]]:
    """The command these words name, and what is left of them."""
    found, rest = CLI, list(words)
    while rest and rest[0] in getattr(found, "commands", {}):
        found, rest = found.commands[rest[0]], rest[1:]
    assert not hasattr(found, "commands"), f"rebook has no command {' '.join(words)}"
    return found, rest


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_in_the_docs_is_one_that_rebook_takes(words: list[str], tmp_path: Path) -> None:
    command, rest = resolved(words)
    (tmp_path / "ledger.dump").touch()
    arguments = [word.replace("/safe/", f"{tmp_path}/") for word in rest]
    assert command.make_context("rebook", arguments).args == []


def test_every_target_in_the_docs_is_in_the_makefile() -> None:
    known = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"demo", "test"} <= TARGETS <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text()):
        if "://" in link:
            continue
        file, _, heading = link.partition("#")
        target = (page.parent / file).resolve()
        assert target.exists(), link
        if heading:
            assert heading in _headings(target), link


def _headings(page: Path) -> set[str]:
    """As GitHub makes anchors of them."""
    lines = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


def test_every_setting_named_in_the_docs_exists() -> None:
    known = {f"REBOOK_{name.upper()}" for name in type(settings()).model_fields}
    for page in PAGES:
        named = set(re.findall(r"\bREBOOK_[A-Z_]+\b", page.read_text()))
        assert named <= known, page.name


def test_no_picture_of_the_docs_is_large() -> None:
    for picture in (ROOT / "docs" / "screenshots").iterdir():
        assert picture.stat().st_size < 200_000, picture.name


@pytest.fixture
def bare_server(tmp_path: Path) -> Iterator[Postgres]:
    """A server on which nobody has made anything yet."""
    postgres = Postgres(tmp_path / "postgres")
    postgres.start()
    yield postgres
    postgres.stop()


def test_the_sql_for_an_own_server_makes_one_that_rebook_can_use(
    bare_server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (script,) = blocks(ROOT / "docs" / "handbook" / "admin.md", "sql")
    quiet = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname"]
    subprocess.run(
        [str(binary("psql")), *quiet, bare_server.admin_url()],
        input=script.encode(),
        check=True,
        env=environment(),
    )
    keys.create(tmp_path)
    monkeypatch.setenv("REBOOK_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("REBOOK_DATABASE_URL", bare_server.url("rebook", "rebook", "..."))
    _forget()
    try:
        migrate.upgrade()
        with psycopg.connect(bare_server.url("rebook", "rebook_gateway", "...")) as gateway:
            assert gateway.execute("SELECT count(*) FROM door").fetchone() == (0,)
            with pytest.raises(errors.InsufficientPrivilege):
                gateway.execute("SELECT * FROM cases")
        with psycopg.connect(bare_server.url("prefect", "prefect", "...")) as prefect:
            prefect.execute("CREATE TABLE its_own (id int)")
    finally:
        session.engine().dispose()
        os.environ.pop("REBOOK_DATABASE_URL", None)
        _forget()


def _forget() -> None:
    for cached in (settings, keys.keyring, session.engine):
        cached.cache_clear()
