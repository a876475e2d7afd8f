"""A program for tests: owns a PostgreSQL in the folder it is given until it is told to stop.

Prints the server's process id once a row is committed. With `once` it stops by itself.
"""

import sys
from pathlib import Path

import psycopg

from runtime.postgres import Postgres


def main(folder: Path, *, once: bool) -> None:
    postgres = Postgres(folder)
    postgres.start()
    with psycopg.connect(postgres.admin_url()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (text text)")
        connection.execute("INSERT INTO note VALUES ('kept')")
    sys.stdout.write((folder / "data" / "postmaster.pid").read_text().split("\n")[0] + "\n")
    sys.stdout.flush()
    if not once:
        sys.stdin.read()
    postgres.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), once="once" in sys.argv)
