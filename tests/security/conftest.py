"""The business of the services' tests, a vendor's server, a gateway and a staff page of their own."""

from tests.connectors.conftest import vendor
from tests.gateway.conftest import another, house
from tests.office.conftest import clock, maria, staff_page
from tests.services.conftest import at_noon, business

__all__ = ["another", "at_noon", "business", "clock", "house", "maria", "staff_page", "vendor"]
