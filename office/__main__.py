"""`python -m office`: the staff page on uvicorn."""

import uvicorn

from gateway import logs
from gateway.deadline import protocol
from office.app import build
from rebook.settings import settings

CONNECTIONS = 200
SECONDS = 10


def main() -> None:
    logs.configure()
    uvicorn.Server(configuration()).run()


def configuration() -> uvicorn.Config:
    """Nothing is taken from forwarding headers: our address is the configured one."""
    return uvicorn.Config(
        build(settings().office_url),
        host=settings().office_host,
        port=settings().office_port,
        http=protocol(SECONDS),
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
