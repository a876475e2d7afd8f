"""Whose work a worker does: py-spy looks at it a hundred times a second and we read whose step it was in.

Only what holds Python's lock counts, so a step that waits for a vendor costs nothing. Sampling slows a
worker down a little: shares are taken here, seconds elsewhere.
"""

import ast
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from pathlib import Path

from tests.flows.house import ROOT

RATE = 100
STEP_FILE = "tasks/step.py"
BETWEEN = {
    ("next_step", "tasks/acting.py"): "decide what is next",
    ("begin", "tasks/acting.py"): "take the case, let it go",
    ("end", "tasks/acting.py"): "take the case, let it go",
    ("wait_for_answer", "tasks/waiting.py"): "wait, and take the answer",
    ("publish", "tasks/timeline.py"): "write the story beside the run",
}
ENGINE = {
    "prefect/task_engine.py": "Prefect's engine: steps",
    "prefect/flow_engine.py": "Prefect's engine: runs",
}
REST = "events, logs, looking for runs"

Stack = list[tuple[str, str]]
"""From the outermost call inwards: function and file."""


def may_look() -> bool:
    """Into processes that are not one's children: Linux asks Yama, other systems want root."""
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    free = sys.platform == "linux" and not (scope.exists() and int(scope.read_text()))
    return free or os.geteuid() == 0


@contextmanager
def beside(processes: Iterable[int]) -> Iterator[Counter[str]]:
    """The counter is filled, by step, once the block has ended."""
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / str(pid) for pid in processes]
        spies = [_spy(file) for file in files]
        try:
            yield found
        finally:
            for spy in spies:
                spy.send_signal(signal.SIGINT)
        for spy, file in zip(spies, files, strict=True):
            assert spy.wait(60) == 0, "py-spy could not look into a worker"
            found.update(by_step(file.read_text().splitlines()))


def _spy(file: Path) -> subprocess.Popen[str]:
    """Of the process whose number the file is called; it is looking already."""
    program = Path(sys.executable).with_name("py-spy")
    how = ["record", "--gil", "--rate", str(RATE), "--format", "raw"]
    place = ["--full-filenames", "--pid", file.name, "--output", str(file)]
    spy = subprocess.Popen(
        [str(program), *how, *place],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert spy.stdout is not None
    assert any("Sampling process" in line for line in spy.stdout), "py-spy could not look"
    return spy


def by_step(lines: Iterable[str]) -> Counter[str]:
    """Of py-spy's lines, each a stack and how often it was seen."""
    found: Counter[str] = Counter()
    for line in lines:
        calls, _, times = line.rpartition(" ")
        found[whose([_call(call) for call in calls.split(";")])] += int(times)
    return found


def _call(words: str) -> tuple[str, str]:
    """Of `function (file:line)`."""
    function, _, file = words.partition(" (")
    return function, file.removesuffix(")").rpartition(":")[0]


def whose(stack: Stack) -> str:
    """The step if it was in one; else what we do between two, or which part of the engine."""
    for (function, file), (inner, place) in pairwise(stack):
        if function.endswith("run") and file.endswith(STEP_FILE):
            return steps().get((inner, Path(place).name), inner)
    known = [words for call in reversed(stack) if (words := _between(*call))]
    return known[0] if known else REST


def _between(function: str, file: str) -> str:
    place = "/".join(Path(file).parts[-2:])
    return BETWEEN.get((function, place), "") or ENGINE.get(place, "")


@cache
def steps() -> Mapping[tuple[str, str], str]:
    """What an operator sees of each function that is a step, by function and file, read off the code."""
    found = {}
    for file in (ROOT / "tasks").glob("*.py"):
        for made in ast.walk(ast.parse(file.read_text())):
            if isinstance(made, ast.FunctionDef):
                for name in _names_given(made):
                    found[made.name, file.name] = name if "{" not in name else _plain(name, file)
    return found


def _names_given(function: ast.FunctionDef) -> Iterator[str]:
    for by in function.decorator_list:
        if isinstance(by, ast.Call) and isinstance(by.func, ast.Name) and by.func.id == "step":
            name = by.args[0]
            assert isinstance(name, ast.Constant)
            yield str(name.value)


def _plain(name: str, file: Path) -> str:
    """A name that is the call's alone says nothing of all its calls: its file does."""
    words = " ".join(word for word in name.split() if "{" not in word)
    return words or file.stem.replace("_", " ")
