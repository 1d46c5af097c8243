"""Why something sent in is not taken now, or not so: what the API answers with a status of its own.

No web here; `service.errors` knows the statuses.
"""

from models.errors import RequestWrong


class TooLarge(RequestWrong):
    """More was sent than is taken."""


class Unsupported(RequestWrong):
    """The body is of a kind that is not taken here."""


class KeyReused(RequestWrong):
    """An idempotency key that stands for something else already."""


class TooLate(RequestWrong):
    """What was to be stopped is over."""


class Busy(RequestWrong):
    """As much waits as may wait: to be sent again after `retry_after` seconds."""

    def __init__(self, message: str, remedy: str = "", *, retry_after: int) -> None:
        super().__init__(message, remedy)
        self.retry_after = retry_after


class Incomplete(RequestWrong):
    """What the answer depends on was not sent along."""


class Misdirected(RequestWrong):
    """The request names a host under which nothing is served."""


class TooSlow(RequestWrong):
    """The rest of a body did not come in time."""
