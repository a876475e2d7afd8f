"""What can go wrong at a vendor, named by what the caller does next. Texts hold no vendor words."""

from collections.abc import Iterator
from contextlib import contextmanager


class ConnectorError(Exception):
    """Base of all. `retryable` is for reads; a create is never retried, whatever this says."""

    retryable = False
    unknown_outcome = False
    """True when the vendor may have acted although we got no answer."""

    def __init__(self, what: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(what)
        self.retry_after = retry_after


class Unreachable(ConnectorError):
    """The request never reached the vendor: nothing happened there."""

    retryable = True


class NoAnswer(ConnectorError):
    """The request went out and no answer came: it may have been acted on."""

    retryable = True
    unknown_outcome = True


class VendorFault(ConnectorError):
    """5xx, or an answer that is not what the vendor documents: it may have been acted on."""

    retryable = True
    unknown_outcome = True


class TooMany(ConnectorError):
    """429 or the vendor's own words for it: never acted on. Wait `retry_after` seconds."""

    retryable = True


class NotAllowed(ConnectorError):
    """401 or 403: the credentials no longer serve. Pause the connection and tell staff."""


class NotFound(ConnectorError):
    """404 or 410: the platform no longer describes it."""


class WithoutTime(NotFound):
    """It is still there but has no time any more: `move` gives it one."""


class Conflict(ConnectorError):
    """409 or 412: it changed under us. Read it again."""


class Refused(ConnectorError):
    """Another 4xx: a definite no. `code` is the vendor's own short code."""

    def __init__(self, what: str = "", *, code: str = "") -> None:
        super().__init__(what)
        self.code = code


class NoAppointment(Refused):
    """The record is there and holds no appointment that can be read: nothing follows from it."""

    def __init__(self, what: str = "") -> None:
        super().__init__(what, code="no_appointment")


class SlotTaken(ConnectorError):
    """Someone was faster."""


class OnlyByLink(Refused):
    """The platform lets us book no more by a call now: the client books once at `link`."""

    def __init__(self, what: str, link: str) -> None:
        super().__init__(what, code="only_by_link")
        self.link = link


class OptedOut(Refused):
    """The vendor refuses to write to this person because they asked it to stop."""


class BadSignature(Exception):
    """The request at the door is not the vendor's, or not of now. The text says which, for staff."""


class CursorExpired(ConnectorError):
    """The vendor forgot our cursor: read everything again."""


@contextmanager
def after_a_write() -> Iterator[None]:
    """Around what follows a write that succeeded: no error there may say that nothing happened."""
    try:
        yield
    except NotAllowed:
        raise
    except ConnectorError as error:
        if error.unknown_outcome:
            raise
        what = f"a write succeeded, what follows it did not: {type(error).__name__}"
        raise VendorFault(what, retry_after=error.retry_after) from None
