"""An operator changes the block that says which connection plays which part."""

from functools import partial
from typing import Any

from rebook.db.session import ledger
from rebook.services import configuration
from tests.flows.house import House, until

BLOCK = "/block_types/slug/rebook-topology/block_documents/name/default"


def change(house: House, **fields: Any) -> None:
    """As in the Prefect UI; returns once the house goes by it."""
    with house.prefect as prefect:
        block = prefect.get(BLOCK).json()
        body = {"data": fields, "merge_existing_data": True}
        answer = prefect.patch(f"/block_documents/{block['id']}", json=body)
        assert answer.is_success, answer.text
    until("the house goes by it", partial(_goes_by, fields), 60)


def _goes_by(fields: dict[str, Any]) -> bool:
    with ledger() as session:
        now = configuration.topology(session)
    return all(_plain(getattr(now, name)) == value for name, value in fields.items())


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
