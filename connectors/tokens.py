"""What a connector asks of the place where its OAuth tokens live."""

from collections.abc import Callable


class TokenStore:
    """Where rotating OAuth tokens live. The ledger implements it under a row lock.

    Tokens are `access_token`, `expires_at` (ISO instant) and `refresh_token` where there is one.
    """

    def read(self) -> dict[str, str]:
        """The tokens as they are stored now."""
        raise NotImplementedError

    def renew(self, exchange: Callable[[dict[str, str]], dict[str, str]]) -> dict[str, str]:
        """Run `exchange(stored)` under the lock unless someone else just renewed; store, return."""
        raise NotImplementedError
