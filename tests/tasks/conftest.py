"""The business of the services' tests, and a vendor's server."""

from tests.connectors.conftest import vendor
from tests.services.conftest import at_noon, business

__all__ = ["at_noon", "business", "vendor"]
