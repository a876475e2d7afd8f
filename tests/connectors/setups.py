"""The connectors as production builds them, from the invented accounts of the kits."""

from connectors import connect
from connectors.contract import Connector
from tests.connectors.kits import KITS
from tests.connectors.vendor import Vendor


def build(slug: str, vendor: Vendor, **settings: str) -> Connector:
    """The connector as production builds it, its base URL pointing at `vendor`."""
    kit = KITS[slug]
    filled = {name: value.format(url=vendor.url) for name, value in kit.settings.items()}
    quickly = {"per_second": "1000"}
    return connect(slug, vendor.url + kit.path, {**quickly, **filled, **settings}, kit.credentials)
