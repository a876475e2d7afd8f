"""Settings of one installation, from the environment (prefix `REBOOK_`). No secret is among them."""

from functools import cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where things are and how patient we are. Seconds unless a name says otherwise."""

    model_config = SettingsConfigDict(env_prefix="REBOOK_")

    data_dir: Path = Field(Path(".rebook"), description="Keys, database, logs of this installation")
    database_url: str = Field(
        "", description="A PostgreSQL for the ledger; empty: the embedded one"
    )
    gateway_database_url: str = Field(
        "", description="The same ledger under the gateway's own role"
    )
    prefect_database_url: str = Field("", description="A PostgreSQL for Prefect; empty: embedded")
    public_url: str = Field("", description="The gateway as vendors and clients reach it")
    gateway_host: str = "127.0.0.1"
    gateway_port: int = 0
    gateway_address_header: str = Field(
        "", description="Where your proxy says who it asks for, such as `X-Real-IP`; empty: nowhere"
    )
    gateway_proxies: str = Field(
        "127.0.0.0/8, ::1", description="Your proxies' addresses; the header counts from them alone"
    )
    office_database_url: str = Field("", description="The same ledger under the office's own role")
    office_url: str = Field(
        "", description="The staff page as the office's browsers reach it; empty: on this machine"
    )
    office_host: str = Field("127.0.0.1", description="Where the staff page listens; never public")
    office_port: int = Field(0, description="0: a free one")
    prefect_port: int = 0
    sandbox_port: int = 0
    sandbox_clients: int = Field(12, description="How many people live in the sandbox")
    sandbox_platforms: str = Field(
        "", description="Platforms the sandbox has beside its five, by short name, with commas"
    )
    sandbox_limits: bool = Field(True, description="Does the sandbox keep the vendors' rate limits")
    worker_type: str = Field(
        "rebook", description="`rebook` keeps flows loaded; `process` starts a process a run"
    )
    workers: int = Field(2, description="How many worker processes this machine runs")
    worker_limit: int = Field(4, description="Flow runs at once in each worker")

    lease_seconds: float = Field(60, description="After this long without a sign a run is dead")
    evidence_seconds: float = Field(
        120, description="How long an unknown outcome waits for evidence before it is judged"
    )
    poll_seconds: int = Field(300, description="How often each connection is polled")
    dispatch_seconds: float = Field(0.5, description="How often the dispatcher looks")
    round_seconds: float = Field(
        3, description="How often the dispatcher looks whether runs that wait were cancelled"
    )
    keep_runs_days: int = Field(
        90, ge=1, description="How long Prefect keeps a run that has ended; the audit trail stays"
    )
    block_sync_seconds: float = Field(15, description="How often edited blocks reach the ledger")


@cache
def settings() -> Settings:
    return Settings()
