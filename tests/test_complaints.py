"""The pages that say where something is tried name tests that exist."""

import ast
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("complaints.md", "attacks.md")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


@cache
def functions(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_the_page_names_exists(page: str) -> None:
    named = NAMED.findall((ROOT / "docs" / "handbook" / page).read_text())
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (ROOT / file).exists() or test not in functions(file)
    ]
    assert missing == []
    assert len(named) > 20


@pytest.mark.parametrize("page", PAGES)
def test_every_row_of_the_page_names_a_test_or_says_why_there_is_none(page: str) -> None:
    rows = (ROOT / "docs" / "handbook" / page).read_text().splitlines()
    heads = {above for above, below in pairwise(rows) if below.startswith("| ---")}
    told = [row for row in rows if row.startswith("| ") and row[:5] != "| ---" and row not in heads]
    assert len(told) > len(heads) > 0
    bare = [row for row in told if not NAMED.search(row) and "not tried:" not in row]
    assert bare == []


def test_each_of_the_eighteen_attacks_has_its_row_and_a_test_with_its_number() -> None:
    page = (ROOT / "docs" / "handbook" / "attacks.md").read_text()
    rows = dict(re.findall(r"^\| C(\d+) (.*)$", page, re.MULTILINE))
    assert sorted(map(int, rows)) == list(range(1, 19))
    without = {"14"}
    for number, row in rows.items():
        assert number in without or f"::test_c{number}_" in row
