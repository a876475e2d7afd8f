"""The process of the staff page. It shows personal data, so it is told little else."""

import sys
from collections.abc import Mapping
from pathlib import Path

from rebook.keyring import PART, Keyring, part_for_reading
from rebook.settings import Settings
from runtime.ports import answers
from runtime.process import ProcessSpec

ROOT = Path(__file__).resolve().parent.parent


def office_process(
    settings: Settings,
    keyring: Keyring,
    addresses: Mapping[str, str],
    port: int,
    given: Mapping[str, str],
) -> ProcessSpec:
    """Its own role in the ledger, the key that opens personal data and no other, no Prefect."""
    return ProcessSpec(
        name="office",
        command=[sys.executable, "-m", "office"],
        env={
            **given,
            "REBOOK_OFFICE_URL": addresses["office"],
            "REBOOK_OFFICE_HOST": settings.office_host,
            "REBOOK_OFFICE_PORT": str(port),
            PART: part_for_reading(keyring),
        },
        cwd=ROOT,
        after=("migrations",),
        stop_seconds=8,
        ready=lambda: answers(port, "/readyz"),
    )
