"""The shape of the house: who may import whom, how long things are, what may not be written."""

import ast
import re
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import connectors

ROOT = Path(__file__).parents[1]
SOURCE = (
    "runtime",
    "flows",
    "gateway",
    "office",
    "tasks",
    "blocks",
    "connectors",
    "rebook",
    "sandbox",
)
PARTS = {part: sorted((ROOT / part).rglob("*.py")) for part in SOURCE}
FILES = [path for paths in PARTS.values() for path in paths if "migrations" not in path.parts]
LONGER = {"rebook/db/tables.py": 440, "connectors/contract.py": 380}
"""Two files that are read as one list each: every table, and every word of the contract."""
SUMMARY = re.compile(r"Contracts: (\d+) kept, (\d+) broken")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_every_import_follows_the_contracts() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    found = SUMMARY.search(done.stdout)
    assert found, done.stdout + done.stderr
    assert (done.returncode, found.group(2)) == (0, "0"), done.stdout
    assert int(found.group(1)) == len(contracts())


def contracts() -> list[dict[str, list[str]]]:
    read = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found: list[dict[str, list[str]]] = read["tool"]["importlinter"]["contracts"]
    return found


def test_every_vendor_is_named_in_the_contract_of_independence() -> None:
    named = next(one["modules"] for one in contracts() if one["type"] == "independence")  # type: ignore[comparison-overlap]  # TOML
    folders = {path.parent.name for path in (ROOT / "connectors").glob("*/__init__.py")}
    assert {module.removeprefix("connectors.") for module in named} == folders
    assert set(connectors.REGISTRY) == folders


def test_every_folder_of_ours_is_checked() -> None:
    read = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert set(read["tool"]["importlinter"]["root_packages"]) == set(SOURCE)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_file_says_what_it_is_and_stays_short(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert lines(path) <= LONGER.get(name(path), 300)
    assert ast.get_docstring(tree) or not tree.body


def test_most_files_fit_on_a_screen_or_two() -> None:
    assert statistics.median(lines(path) for path in FILES if lines(path) > 1) <= 100


def functions() -> list[int]:
    found = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.append((node.end_lineno or node.lineno) - node.lineno + 1)
    return sorted(found)


def test_most_functions_are_a_few_lines() -> None:
    lengths = functions()
    assert statistics.median(lengths) <= 10
    assert lengths[int(len(lengths) * 0.9)] <= 30


def test_the_house_has_no_drawer_for_odds_and_ends() -> None:
    unwanted = {"utils", "common", "helpers", "models", "core", "src", "misc"}
    stems = {path.stem for path in FILES} | {path.parent.name for path in FILES}
    assert not unwanted & stems


@pytest.mark.parametrize("part", SOURCE)
def test_there_are_no_banners_no_todos_and_no_silenced_checks_without_a_reason(part: str) -> None:
    wrong = [
        f"{name(path)}:{number}"
        for path in PARTS[part]
        if "migrations" not in path.parts
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if re.search(r"#\s*([-=#*]{4,}|TODO|FIXME|XXX)", line)
        or re.search(r"#\s*(noqa(?!: ?[A-Z]+\d+)|type: ignore(?!\[))", line)
    ]
    assert wrong == []


def test_no_clock_but_ours_is_read_in_the_core() -> None:
    allowed = {"rebook/domain/clock.py", "rebook/services/anchors.py"}
    readers = {
        name(path)
        for path in PARTS["rebook"]
        if re.search(
            r"datetime\.now\(|datetime\.utcnow\(|time\.time\(|func\.now\(", path.read_text()
        )
    }
    assert readers <= allowed


def test_flows_decide_nothing() -> None:
    for path in PARTS["flows"]:
        tree = ast.parse(path.read_text())
        kinds = {type(node) for node in ast.walk(tree)}
        assert not kinds & {ast.Try, ast.With, ast.Lambda}, name(path)
