"""The bench's own tests use a business in a ledger of their own."""

from tests.services.conftest import at_noon, business

__all__ = ["at_noon", "business"]
