"""Where a request comes from: its connection's own address, or what a proxy of ours says of it."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import Scope

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
ONE_HOUSEHOLD = 64
"""An IPv6 customer has a whole /64 and can take another address for every guess."""


def networks(text: str) -> tuple[Network, ...]:
    """`127.0.0.0/8, ::1`. Raises `ValueError`."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def block_of(scope: Scope, proxies: tuple[Network, ...], header: str) -> str:
    """The visitor's address, of IPv6 its network. Empty where only our own proxy is to be seen.

    The header counts on a proxy's connections alone, and in it what stands left of the last address
    that is none of our proxies': anybody can write the rest.
    """
    client = scope.get("client")
    heard = [client[0]] if client else []
    for text in [*heard, *reversed(_named(scope, header))]:
        address = _read(text)
        if address is None:
            return ""
        if not any(address in network for network in proxies):
            return _block(address)
    return ""


def _named(scope: Scope, header: str) -> list[str]:
    """A header may come in several lines, which are one list."""
    wanted = header.lower().encode()
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == wanted]
    return ",".join(lines).split(",") if lines and header else []


def _read(text: str) -> Address | None:
    """Some proxies write a port behind: `203.0.113.9:1234`, `[2001:db8::9]:1234`."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _block(address: Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((int(address), ONE_HOUSEHOLD), strict=False))
