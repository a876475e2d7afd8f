"""Waiting for a word from the ledger without looking up: psycopg's own way looks ten times a second."""

import asyncio
from collections.abc import Callable
from typing import Any

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


async def hear_on(ears: psycopg.AsyncConnection[Any], said: Callable[[str], None]) -> None:
    """Hands on every word until the connection ends.

    One that has ended does not know its socket any more, and the loop would go on watching it.
    """
    loop, ended, socket = asyncio.get_running_loop(), asyncio.Event(), ears.fileno()

    def word() -> None:
        try:
            ears.pgconn.consume_input()
        except psycopg.Error:
            ended.set()
            return
        while (heard := ears.pgconn.notifies()) is not None:
            said(heard.extra.decode())

    loop.add_reader(socket, word)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(socket)
