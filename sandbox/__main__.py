"""Start the sandbox: `python -m sandbox --port P --gateway URL --clock-file FILE`."""

import argparse
import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import uvicorn

from sandbox.app import create_app
from sandbox.config import SEED, Config


class Server(uvicorn.Server):
    """Says one line once it serves, and ends with status 0 when it is told to stop."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            address = f"http://{self.config.host}:{self.config.port}/"
            sys.stdout.write(f"sandbox serving at {address}\n")
            sys.stdout.flush()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def main() -> None:
    options = _options()
    config = Config(
        gateway=options.gateway,
        clock_file=options.clock_file,
        clients=options.clients,
        limits=not options.no_limits,
        seed=options.seed,
        zone=options.zone,
        platforms=tuple(filter(None, options.platforms.split(","))),
    )
    server = Server(
        uvicorn.Config(
            create_app(config),
            host=options.host,
            port=options.port,
            log_level="warning",
            timeout_graceful_shutdown=1,
        )
    )
    asyncio.run(server.serve())
    sys.exit(0 if server.started else 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("sandbox", description="Emulated platforms to rehearse with.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--gateway", required=True, help="where webhooks go")
    parser.add_argument("--clock-file", type=Path, help="JSON file with offset_seconds")
    parser.add_argument("--clients", type=int, default=12, help="how many people live here")
    parser.add_argument("--no-limits", action="store_true", help="no rate limits")
    parser.add_argument("--seed", default=SEED, help="credentials are derived from it")
    parser.add_argument("--zone", default="", help="IANA zone; default: where it is noon")
    parser.add_argument("--platforms", default="", help="more platforms, by their short names")
    return parser.parse_args()


if __name__ == "__main__":
    main()
