"""Waiting for a word from the ledger without looking up: psycopg's own way looks ten times a second."""

import psycopg

from rebook.sockets import has_news


def hear(ears: psycopg.Connection, seconds: float) -> bool:
    """Was anything said within this time? All that was is taken in. Raises when the connection ended."""
    if not has_news(ears.fileno(), seconds):
        return False
    ears.pgconn.consume_input()
    while ears.pgconn.notifies() is not None:
        pass
    return True
