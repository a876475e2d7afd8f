"""From a connection's name to a connector that can call its platform."""

from connectors import connect
from connectors.contract import Connector
from connectors.errors import NotAllowed
from connectors.tokens import TokenStore
from rebook.db.session import reading
from rebook.services import connections
from rebook.services.connections import LedgerTokens


class Tokens(LedgerTokens, TokenStore):
    """The ledger's tokens, as connectors know them."""


def connector_of(connection: str) -> Connector:
    """Raises `NotAllowed` for a connection that was paused: an admin must connect it again."""
    with reading() as session:
        account = connections.load(session, connection)
    if account.paused:
        raise NotAllowed(f"connection {connection} is paused")
    return connect(
        account.slug,
        account.base_url,
        account.settings,
        account.credentials,
        tokens=Tokens(connection),
    )
