"""Logs of our own processes: one line an event, ids and fixed words, to standard error."""

import logging
import sys

import structlog


def configure() -> None:
    """Every logger of ours, through structlog; libraries only from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.stdlib.add_log_level,
                structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
            ]
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("rebook").setLevel(logging.INFO)
