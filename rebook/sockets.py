"""Whether a socket has something to say, without waiting for it or asking the other side."""

from select import POLLIN, poll


def has_news(number: int, seconds: float = 0.0) -> bool:
    """Can it be read within this time, by its file number? One that the other side has ended can."""
    heard = poll()
    heard.register(number, POLLIN)
    return bool(heard.poll(seconds * 1000))
