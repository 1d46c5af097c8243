"""One connection to the service, as cheap as the standard library allows, so that the one who drives does not disturb.

A browser opens a connection anew when the server has closed it in the meantime; so does this.
"""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_IDLE_SECONDS: Final = 3.0
"""The server closes a connection on which nothing was asked for five seconds."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status (0 when nothing did), headers in small letters, the body, and the seconds it took."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")


class Line:
    """A connection that is opened when needed."""

    def __init__(self, port: int, timeout: float = 30.0) -> None:
        self._port, self._timeout = port, timeout
        self._connection: http.client.HTTPConnection | None = None
        self._used = 0.0

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """Ask once. Nothing is asked a second time: what got no answer has the status 0."""
        begun = time.perf_counter()
        try:
            connection = self._open()
            connection.request(method, path, body, dict(headers))
            with connection.getresponse() as answer:
                told, content = answer.status, answer.read()
                named = {name.lower(): answer.headers.get_all(name) for name in answer.headers}
                if answer.will_close:
                    self.close()
        except (OSError, http.client.HTTPException):
            self.close()
            return Answer(0, {}, b"", time.perf_counter() - begun)
        self._used = time.perf_counter()
        return Answer(
            told, {name: "\n".join(all_of or ()) for name, all_of in named.items()}, content, self._used - begun
        )

    def close(self) -> None:
        """Give the connection up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> http.client.HTTPConnection:
        if self._connection is not None and time.perf_counter() - self._used > _IDLE_SECONDS:
            self.close()
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=self._timeout)
        return self._connection
