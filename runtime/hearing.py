"""Waiting for a word from the ledger without looking up: psycopg's own way looks ten times a second."""

import select

import psycopg


def hear(ears: psycopg.Connection, seconds: float) -> bool:
    """Was anything said within this time? All that was is taken in. Raises when the connection ended."""
    heard = select.poll()
    heard.register(ears.fileno(), select.POLLIN)
    if not heard.poll(seconds * 1000):
        return False
    ears.pgconn.consume_input()
    while ears.pgconn.notifies() is not None:
        pass
    return True
