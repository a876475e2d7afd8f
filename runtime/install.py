"""Makes `.venv` from a lock file, and again only when the lock, the project or its place changes.

Runs before anything is installed (`install.py LOCK_FILE`), so it uses the standard library only.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PLACE = VENV / ".place"
PIP = [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
LAST_LINES = 20


def main(lock: Path) -> None:
    """Two at once take turns."""
    with lock.open("rb") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        stamp = VENV / f".installed-{lock.stem}"
        if stamp.exists() and stamp.read_text() == fingerprint(lock) and works():
            return
        install(lock)
        stamp.write_text(fingerprint(lock))


def fingerprint(lock: Path) -> str:
    """Changes with what is installed and where; a virtual environment cannot be moved."""
    parts = [lock.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), os.fsencode(ROOT)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def works() -> bool:
    """False if the Python it was made with is gone, or if it was made in another place."""
    if not PYTHON.exists() or (PLACE.exists() and PLACE.read_text() != str(ROOT)):
        return False
    return subprocess.run([PYTHON, "-c", ""]).returncode == 0


def install(lock: Path) -> None:
    if not works():
        make_venv()
    wanted = sum("==" in line for line in lock.read_text().splitlines())
    say(f"installing {wanted} packages from {lock.name} (a minute or two, once)")
    hashed = ["--require-hashes", "--no-deps", "--no-compile", "--progress-bar=off"]
    pip(["install", *hashed, "-r", str(lock)], wanted)
    say("compiling them")
    compiled = [str(PYTHON), "-m", "compileall", "-q", "-j", "0", str(VENV / "lib")]
    subprocess.run(compiled, stdout=subprocess.DEVNULL)
    pip(["install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], 0)


def make_venv() -> None:
    if find_spec("ensurepip") is None:
        sys.exit(
            f"{sys.executable} cannot make virtual environments: "
            "install its venv module (Debian, Ubuntu: apt install python3-venv)"
        )
    say(f"making .venv with {sys.executable}")
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)])
    if made.returncode != 0:
        sys.exit("the virtual environment could not be made, see above")
    PLACE.write_text(str(ROOT))


def pip(arguments: list[str], wanted: int) -> None:
    """Shows how far it is; what it wrote is shown only if it fails."""
    environment = os.environ | {"PIP_ROOT_USER_ACTION": "ignore"}
    lines: list[str] = []
    with subprocess.Popen(
        [*PIP, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        cwd=ROOT,
    ) as process:
        for line in process.stdout or ():
            lines.append(line)
            show(sum(line.startswith("Collecting") for line in lines), wanted)
    show(0, 0)
    if process.returncode != 0:
        sys.exit("".join(lines[-LAST_LINES:]) + "the installation failed, see above")


def show(done: int, wanted: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done}/{wanted} " if wanted else "\r\033[K")
        sys.stderr.flush()


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main(ROOT / sys.argv[1])
