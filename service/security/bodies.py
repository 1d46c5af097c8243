"""Bodies that never end: each piece of a request must come within a time, whoever sends it.

As plain ASGI. How long a body may be is the routes' own; how its head is bounded is
`service.security.heads`.
"""

import asyncio
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.refusals import TooSlow

PATIENCE_SECONDS: Final = 60.0


class PromptBodies:
    """Middleware that ends a request whose body stands still. Answers are not hurried: a slow reader is no attack here,
    since an answer is short and its sender waits in no thread."""

    def __init__(self, app: ASGIApp, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._app, self._patience = app, patience_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; waiting for a piece of its body longer than the patience raises `TooSlow`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        whole = late = False

        async def promptly() -> Message:
            nonlocal whole, late
            if whole:  # what comes after the body is that the sender hangs up, and may take as long as it likes
                return await receive()
            try:
                async with asyncio.timeout(self._patience):
                    message = await receive()
            except TimeoutError:
                late = True
                raise TooSlow("The body did not come in time.", "Send it again.") from None
            whole = not message.get("more_body", False)
            return message

        async def and_close(message: Message) -> None:
            if late and message["type"] == "http.response.start":
                # What still came of the body would be read as the next request.
                message["headers"] = [*message["headers"], (b"connection", b"close")]
            await send(message)

        await self._app(scope, promptly, and_close)
