"""Local ports: those the settings name, free ones for the rest, and whether one answers."""

import http.client
import socket
from contextlib import ExitStack
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Ports:
    gateway: int
    prefect: int
    sandbox: int
    office: int


def choose(*, gateway: int = 0, prefect: int = 0, sandbox: int = 0, office: int = 0) -> Ports:
    """0 means any. All are held while they are chosen, so that they differ."""
    with ExitStack() as held:
        return Ports(
            gateway=gateway or _free(held),
            prefect=prefect or _free(held),
            sandbox=sandbox or _free(held),
            office=office or _free(held),
        )


def answers(port: int, path: str, *, seconds: float = 1.0) -> bool:
    """True if a GET is answered with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _free(held: ExitStack) -> int:
    listener = held.enter_context(socket.socket())
    listener.bind(("127.0.0.1", 0))
    port: int = listener.getsockname()[1]
    return port
