"""HubSpot's limits: a pace below the smallest plan's, and a wait where a 429 names none."""

import httpx

from connectors.pace import Paced

REQUESTS_A_SECOND = 4
UNTIL_A_NEW_DAY = "3600"


class Limited(Paced):
    """A 429 may come without Retry-After: then the interval it counts over is the wait."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if response.status_code == 429 and "retry-after" not in response.headers:
            response.headers["Retry-After"] = _wait(response.headers)
        return response


def _wait(headers: httpx.Headers) -> str:
    if headers.get("x-hubspot-ratelimit-daily-remaining") == "0":
        return UNTIL_A_NEW_DAY
    interval = headers.get("x-hubspot-ratelimit-interval-milliseconds", "")
    return str(int(interval) / 1000) if interval.isascii() and interval.isdigit() else "10"
