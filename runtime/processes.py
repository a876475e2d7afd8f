"""The processes of one Rebook: what each needs, in what order, and what each may know.

Only PostgreSQL drops root, the web doors get less than the operator's environment, and no
secret stands in a command line.
"""

import os
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

from rebook.db.session import SOCKET_FILE
from rebook.keyring import Keyring
from rebook.settings import Settings
from runtime.lean import of_services
from runtime.office_process import office_process
from runtime.ports import Ports, answers
from runtime.postgres import Postgres, environment
from runtime.postgres_roles import ensure_roles_and_databases
from runtime.process import ProcessSpec

ROOT = Path(__file__).resolve().parent.parent
POOL = "rebook"
DATABASE_AWAY = "500"
"""What a Prefect server answers while its database starts again; a run waits a moment and asks anew."""
LOOK_SECONDS = "3"
"""How often a worker looks for runs that operators made; of ours it is told at once."""
LOG_SECONDS = "5"
"""How long a worker gathers lines before it sends them to Prefect's pages."""
CLOCK_FILE = "clock.json"
FOREIGN = ("PREFECT_", "PG", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
OURS = ("REBOOK_",)
GATEWAY_SEES = ("PATH", "LANG", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "REBOOK_FAILPOINTS")


NEXT_TO_THE_DOOR, BEHIND_THE_DOOR = 3, 5
"""How much the dispatcher, and workers and Prefect, give way where the processor is short: vendors wait a
second at the door."""


class SettingMissing(Exception):
    """A setting that the named servers make necessary. Says which."""


class House:
    """Everything the specs are made of, worked out once."""

    def __init__(
        self, settings: Settings, keyring: Keyring, ports: Ports, *, sandbox: bool
    ) -> None:
        self.settings = settings
        self.keyring = keyring
        self.ports = ports
        self.sandbox = sandbox
        self.data = settings.data_dir.resolve()
        self.postgres = Postgres(self.data / "postgres")
        self.addresses = addresses(settings, ports, sandbox=sandbox)

    @property
    def temp(self) -> Path:
        """Prefect's runner keeps its files in one folder for all users of the machine's own."""
        return self.data / "tmp"

    @property
    def embedded(self) -> bool:
        return not (self.settings.database_url and self.settings.prefect_database_url)

    def specs(self) -> list[ProcessSpec]:
        sandbox = [self._sandbox()] if self.sandbox else []
        postgres = [self._postgres()] if self.embedded else []
        ledger = [self._migrations(), self._gateway(), self._office()]
        return [*sandbox, *postgres, self._prefect(), *ledger, *self._workers()]

    def environment(self) -> dict[str, str]:
        """For our own processes: the ledger, the keys and Prefect's address."""
        return (
            inherited()
            | self._clock()
            | self._rehearsal()
            | {
                "REBOOK_DATABASE_URL": self.settings.database_url,
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
                "REBOOK_DATA_DIR": str(self.data),
                "REBOOK_PUBLIC_URL": self.addresses["gateway"],
                "PREFECT_API_URL": f"{self.addresses['prefect']}/api",
                "PREFECT_UI_URL": self.addresses["prefect"],
                "PREFECT_HOME": str(self.data / "prefect"),
                "PREFECT_WORKER_QUERY_SECONDS": LOOK_SECONDS,
                "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
                "PREFECT_LOGGING_TO_API_BATCH_INTERVAL": LOG_SECONDS,
                "PREFECT_WORKER_PREFETCH_SECONDS": "0",
                "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
                "PREFECT_CLIENT_RETRY_EXTRA_CODES": DATABASE_AWAY,
                "TMPDIR": str(self.temp),
                "DO_NOT_TRACK": "1",
            }
        )

    def _clock(self) -> dict[str, str]:
        """The sandbox's clock moves everybody's; without a sandbox there is none to move."""
        return {"REBOOK_CLOCK_FILE": str(self.data / CLOCK_FILE)} if self.sandbox else {}

    def _rehearsal(self) -> dict[str, str]:
        """What registers the sandbox's accounts must know where it is."""
        return {"REBOOK_SANDBOX_URL": self.addresses["sandbox"]} if self.sandbox else {}

    def _sandbox(self) -> ProcessSpec:
        place = ["--port", str(self.ports.sandbox), "--gateway", self.addresses["gateway"]]
        clock = ["--clock-file", str(self.data / CLOCK_FILE)]
        clients = ["--clients", str(self.settings.sandbox_clients)]
        clients += ["--platforms", self.settings.sandbox_platforms]
        clients += [] if self.settings.sandbox_limits else ["--no-limits"]
        return ProcessSpec(
            name="sandbox",
            command=[sys.executable, "-m", "sandbox", *place, *clock, *clients],
            env=inherited(FOREIGN + OURS),
            cwd=ROOT,
            ready=lambda: answers(self.ports.sandbox, "/"),
        )

    def _postgres(self) -> ProcessSpec:
        return ProcessSpec(
            name="postgres",
            command=self.postgres.command(),
            env=environment(),
            user=self.postgres.user,
            prepare=self.postgres.prepare,
            ready=self.postgres.ready,
            when_ready=self._open_databases,
            after_end=self._close_databases,
            stop_signal=signal.SIGINT,
            stop_seconds=20,
            death_signal=signal.SIGINT,
        )

    def _open_databases(self) -> None:
        ensure_roles_and_databases(self.postgres.admin_url(), self.keyring.passwords)
        (self.data / SOCKET_FILE).write_text(str(self.postgres.socket_dir()))

    def _close_databases(self) -> None:
        (self.data / SOCKET_FILE).unlink(missing_ok=True)
        self.postgres.stop()

    def _prefect(self) -> ProcessSpec:
        place = ["--host", "127.0.0.1", "--port", str(self.ports.prefect)]
        address = self.addresses["prefect"]
        return ProcessSpec(
            name="prefect",
            command=[sys.executable, "-m", "runtime.prefect_server", "server", "start", *place],
            env=inherited(FOREIGN + OURS)
            | {
                "PREFECT_HOME": str(self.data / "prefect"),
                "PREFECT_SERVER_DATABASE_CONNECTION_URL": self._prefect_database(),
                "PREFECT_SERVER_ENCRYPTION_KEY": self.keyring.prefect_key,
                "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
                **of_services(self.settings.keep_runs_days),
                "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": address,
                "PREFECT_SERVER_UI_API_URL": f"{address}/api",
                "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
                "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
                "PREFECT_LOGGING_LEVEL": "WARNING",
                "DO_NOT_TRACK": "1",
            },
            after=self._database(),
            niceness=BEHIND_THE_DOOR,
            ready=lambda: answers(self.ports.prefect, "/api/health"),
        )

    def _prefect_database(self) -> str:
        """An own server is named as for SQLAlchemy, with its asyncpg driver."""
        password = self.keyring.passwords["prefect"]
        named = self.settings.prefect_database_url
        return named or self.postgres.url("prefect", "prefect", password, driver="asyncpg")

    def _migrations(self) -> ProcessSpec:
        return ProcessSpec(
            name="migrations",
            command=[sys.executable, "-m", "rebook.db.migrate"],
            env=self.environment(),
            cwd=ROOT,
            after=self._database(),
            once=True,
        )

    def _gateway(self) -> ProcessSpec:
        """It faces the internet: its own role, two keys that open nothing stored, no Prefect."""
        database = self._door_database("gateway", self.settings.gateway_database_url)
        return ProcessSpec(
            name="gateway",
            command=[sys.executable, "-m", "gateway"],
            env={
                **{name: os.environ[name] for name in GATEWAY_SEES if name in os.environ},
                **self._clock(),
                "REBOOK_GATEWAY_DATABASE_URL": database,
                "REBOOK_PUBLIC_URL": self.addresses["gateway"],
                "REBOOK_GATEWAY_HOST": self.settings.gateway_host,
                "REBOOK_GATEWAY_PORT": str(self.ports.gateway),
                "REBOOK_GATEWAY_ADDRESS_HEADER": self.settings.gateway_address_header,
                "REBOOK_GATEWAY_PROXIES": self.settings.gateway_proxies,
                "REBOOK_DOOR_KEY": self.keyring.door_key,
                "REBOOK_SEAL_PUBLIC": self.keyring.seal_public,
            },
            cwd=ROOT,
            after=("migrations",),
            stop_seconds=8,
            ready=lambda: answers(self.ports.gateway, "/readyz"),
        )

    def _door_database(self, door: str, named: str) -> str:
        """Each web door has a role of its own."""
        role = f"rebook_{door}"
        if not self.settings.database_url:
            return self.postgres.url("rebook", role, self.keyring.passwords[role])
        if not named:
            raise SettingMissing(
                f"REBOOK_DATABASE_URL is set: set REBOOK_{door.upper()}_DATABASE_URL too, the same"
                f" database under the role {role}"
            )
        return named

    def _office(self) -> ProcessSpec:
        seen = {name: os.environ[name] for name in GATEWAY_SEES if name in os.environ}
        database = self._door_database("office", self.settings.office_database_url)
        given = seen | self._clock() | {"REBOOK_DATABASE_URL": database}
        return office_process(self.settings, self.keyring, self.addresses, self.ports.office, given)

    def _workers(self) -> list[ProcessSpec]:
        register = [sys.executable, "-m", "runtime.register"]
        dispatch = [sys.executable, "-m", "runtime.dispatcher"]
        dispatcher = replace(
            self._ours("dispatcher", dispatch, after=("register",)), niceness=NEXT_TO_THE_DOOR
        )
        return [
            self._ours("register", register, after=self._before_register(), once=True),
            replace(dispatcher, env={**dispatcher.env, "PREFECT_CLIENT_MAX_RETRIES": "0"}),
            *(self._worker(number) for number in range(1, self.settings.workers + 1)),
        ]

    def _worker(self, number: int) -> ProcessSpec:
        """The first is called `worker`, whichever type it is of. It hands its runs back within 10 s."""
        name = f"{POOL}-{number}"
        start = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--name", name]
        kind = ["--type", self.settings.worker_type, "--limit", str(self.settings.worker_limit)]
        spec = self._ours(
            "worker" if number == 1 else f"worker-{number}",
            [*start, *kind],
            after=("prefect", "migrations"),
        )
        temp = self.data / f"tmp-{number}"
        return replace(
            spec,
            env={**spec.env, "TMPDIR": str(temp)},
            niceness=BEHIND_THE_DOOR,
            stop_seconds=11.0,
            says=f"Worker '{name}' started!",
            prepare=lambda: temp.mkdir(mode=0o700, exist_ok=True),
            after_end=lambda: shutil.rmtree(temp, ignore_errors=True),
        )

    def _before_register(self) -> tuple[str, ...]:
        return ("prefect", "migrations", *(["sandbox"] if self.sandbox else []))

    def _ours(
        self, name: str, command: list[str], *, after: tuple[str, ...], once: bool = False
    ) -> ProcessSpec:
        return ProcessSpec(
            name=name,
            command=command,
            env=self.environment(),
            cwd=ROOT,
            after=after,
            once=once,
            prepare=lambda: self.temp.mkdir(mode=0o700, exist_ok=True),
        )

    def _database(self) -> tuple[str, ...]:
        return ("postgres",) if self.embedded else ()


def processes(
    settings: Settings, keyring: Keyring, *, sandbox: bool, ports: Ports
) -> list[ProcessSpec]:
    return House(settings, keyring, ports, sandbox=sandbox).specs()


def addresses(settings: Settings, ports: Ports, *, sandbox: bool) -> dict[str, str]:
    """Where a person finds each part."""
    found = {
        "gateway": settings.public_url or f"http://127.0.0.1:{ports.gateway}",
        "prefect": f"http://127.0.0.1:{ports.prefect}",
        "office": settings.office_url or f"http://127.0.0.1:{ports.office}",
    }
    return found | ({"sandbox": f"http://127.0.0.1:{ports.sandbox}"} if sandbox else {})


def inherited(without: tuple[str, ...] = FOREIGN) -> dict[str, str]:
    """The operator's environment without what would steer Prefect or a database client."""
    return {name: value for name, value in os.environ.items() if not name.startswith(without)}
