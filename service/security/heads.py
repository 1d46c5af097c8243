"""Heads of requests that never end: bounded in length and in time, before anything of ours reads them.

uvicorn's fast parser refuses requests with two ends, but keeps whatever is sent as a header, for as long as it is sent.
Imports uvicorn, so only what serves imports it.
"""

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_BYTES: Final = 64 * 1024
PATIENCE_SECONDS: Final = 20.0


class BoundedHeads(HttpToolsProtocol):
    """One connection, whose next head must be whole within `LONGEST_BYTES` and `patience_seconds`."""

    patience_seconds = PATIENCE_SECONDS
    _deadline: asyncio.TimerHandle | None = None
    _seen = 0
    _in_head = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Start waiting for the first head."""
        super().connection_made(transport)
        self._deadline = self.loop.call_later(self.patience_seconds, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head has become too long."""
        super().data_received(data)
        if self._in_head:
            self._seen += len(data)
            if self._seen > LONGEST_BYTES and not self.transport.is_closing():
                self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._stop_waiting()
        self._in_head, self._seen = True, 0
        self._deadline = self.loop.call_later(self.patience_seconds, self.transport.close)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head = False
        self._stop_waiting()
        super().on_headers_complete()

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
