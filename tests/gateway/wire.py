"""Raw sockets, for requests that no well-behaved client would send."""

import socket
import time

from tests.gateway.house import House


def connected(house: House) -> socket.socket:
    return socket.create_connection(("127.0.0.1", house.port), timeout=40)


def exchange(house: House, request: bytes) -> bytes:
    """Everything the gateway says until it closes, or until it has been silent for a second."""
    with connected(house) as line:
        line.sendall(request)
        return until_closed(line, silence=1)


def until_closed(line: socket.socket, *, silence: float = 40) -> bytes:
    line.settimeout(silence)
    heard = b""
    try:
        while part := line.recv(65536):
            heard += part
    except TimeoutError:
        pass
    except ConnectionError:
        pass
    return heard


def seconds_until_closed(line: socket.socket, begun: float) -> float:
    until_closed(line)
    return time.monotonic() - begun


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0
