"""A program for tests: supervises what a JSON file lists, in the folder it is given.

Each entry: `name`, `code` (Python to run) and, if wanted, fields of ProcessSpec; `wait_for` names
a file whose appearance means ready.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from runtime.folder_lock import AlreadyRunning
from runtime.process import ProcessSpec
from runtime.up import StartFailed, Supervisor


def spec(folder: Path, entry: dict[str, Any]) -> ProcessSpec:
    more = dict(entry)
    wait_for = folder / more.pop("wait_for", ".")
    return ProcessSpec(
        name=more.pop("name"),
        command=[sys.executable, "-c", more.pop("code"), str(folder)],
        env=dict(os.environ),
        ready=wait_for.exists,
        after=tuple(more.pop("after", ())),
        **more,
    )


def main(folder: Path) -> None:
    entries = json.loads((folder / "specs.json").read_text())
    try:
        Supervisor([spec(folder, entry) for entry in entries], folder).run()
    except (AlreadyRunning, StartFailed) as error:
        sys.exit("\n".join([str(error), *getattr(error, "lines", [])]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
