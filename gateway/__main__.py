"""`python -m gateway`: the public app on uvicorn. Ends with one clear line when misconfigured."""

import resource
import sys

import uvicorn
from pydantic import ValidationError

from gateway import logs
from gateway.app import build
from gateway.deadline import protocol
from gateway.settings import GatewaySettings

CONNECTIONS = 2000
OPEN_FILES = 4096


def main() -> None:
    try:
        settings = GatewaySettings()
    except ValidationError as error:
        sys.exit(f"the gateway's environment is not complete: {_complaints(error)}")
    logs.configure()
    allow_many_connections()
    uvicorn.Server(configuration(settings)).run()


def configuration(settings: GatewaySettings) -> uvicorn.Config:
    """Nothing is taken from forwarding headers: our address is the configured one."""
    return uvicorn.Config(
        build(settings),
        host=settings.gateway_host,
        port=settings.gateway_port,
        http=protocol(settings.gateway_deadline_seconds),
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        h11_max_incomplete_event_size=32_768,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
    )


def allow_many_connections() -> None:
    """Each slow connection costs a file until its deadline."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _complaints(error: ValidationError) -> str:
    return "; ".join(
        f"REBOOK_{str(fault['loc'][0]).upper()}: {fault['msg']}"
        for fault in error.errors(include_input=False, include_context=False, include_url=False)
    )


if __name__ == "__main__":
    main()
