"""A request we turn down: a status and fixed words, never anything of the request itself."""

from collections.abc import Mapping

CLOSE = {"Connection": "close"}
"""For requests that were not read to their end."""


class Refusal(Exception):
    def __init__(self, status: int, words: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(words)
        self.status = status
        self.words = words
        self.headers = dict(headers or {})


class Unknown(Refusal):
    """The one answer for everything that is not here, whatever the reason."""

    def __init__(self) -> None:
        super().__init__(404, "not found")


class Unavailable(Refusal):
    """The database is away. Vendors and browsers come back later."""

    def __init__(self) -> None:
        super().__init__(503, "not available for a moment, please try again", {"Retry-After": "5"})
