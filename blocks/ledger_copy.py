"""Copies the blocks an operator saved to the ledger: what is read at work is always the ledger."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import anyio
from prefect.blocks.core import Block
from prefect.client.orchestration import SyncPrefectClient, get_client

from blocks.connection import Connection
from blocks.policy import ReschedulePolicy
from blocks.templates import Templates
from blocks.topology import Topology
from rebook.db.session import ledger
from rebook.services import configuration, connections

ALL: tuple[type[Block], ...] = (Connection, Topology, ReschedulePolicy, Templates)
NAME = "default"

B = TypeVar("B", bound=Block)


def register() -> None:
    """Make our block types known to the server, so that its UI has their forms."""
    for block in ALL:
        anyio.run(cast(Any, block).aregister_type_and_schema)


@dataclass(frozen=True)
class Saved:
    """Every saved document of our types, read in one question; equal `digest`, equal content."""

    digest: str
    documents: tuple[tuple[str, str, dict[str, Any]], ...]

    def of(self, block: type[B]) -> Iterator[tuple[str, B]]:
        """The documents of one type, with their names."""
        for slug, name, data in self.documents:
            if slug == block.get_block_type_slug():
                yield name, block.model_validate(data)


def read(client: SyncPrefectClient, blocks: Sequence[type[Block]] = ALL) -> Saved:
    response = client.request(
        "POST",
        "/block_documents/filter",
        json={
            "block_documents": {"is_anonymous": {"eq_": False}},
            "block_types": {"slug": {"any_": [block.get_block_type_slug() for block in blocks]}},
            "include_secrets": True,
        },
    )
    rows = ((row["block_type"]["slug"], row["name"], row["data"]) for row in response.json())
    return Saved(hashlib.sha256(response.content).hexdigest(), tuple(rows))


def copy(saved: Saved) -> list[str]:
    """Bring the ledger up to the saved blocks; returns what changed."""
    changed = []
    with ledger() as session:
        for name, connection in saved.of(Connection):
            if connections.store(
                session,
                connection.account(name),
                door_secrets=connection.door_secrets(),
                tokens=connection.first_tokens(),
            ):
                changed.append(f"connection {name}")
        for kind, block in (
            ("topology", Topology),
            ("policy", ReschedulePolicy),
            ("templates", Templates),
        ):
            for name, found in saved.of(block):
                if name == NAME and configuration.store(session, kind, cast(Any, found).value()):
                    changed.append(kind)
    return changed


def save(block: Block, name: str = NAME, *, overwrite: bool = False) -> None:
    """Save a block document. One of this name that is there already stays unless `overwrite`."""
    if not overwrite and _exists(block, name):
        return
    anyio.run(lambda: cast(Any, block).asave(name, overwrite=overwrite))


def _exists(block: Block, name: str) -> bool:
    with get_client(sync_client=True) as client:
        return any(found == name for _, found, _ in read(client, [type(block)]).documents)
