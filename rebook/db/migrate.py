"""Bring the ledger's tables up to date: `python -m rebook.db.migrate`. Safe to repeat and to race."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from rebook.db.grants import GRANTS
from rebook.db.session import engine


def configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config


def upgrade() -> None:
    """To the newest version. An advisory lock in `env.py` lets one process at a time do it."""
    command.upgrade(configuration(), "head")
    with engine().begin() as connection:
        for statement in GRANTS:
            connection.execute(text(statement))


if __name__ == "__main__":
    upgrade()
