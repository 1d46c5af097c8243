"""The outermost guard of a request: one log line and one count for each, and no exception's message out of here.

The line names the route's pattern and never the address, which may hold a reference or a code. Whatever is logged on
the way carries the name of the municipality the application is of.
"""

from collections.abc import Callable
from time import perf_counter
from uuid import uuid4

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import problem_answer
from service.logs import logger, places, speaking_for

Note = Callable[[str, str, int, float], None]
"""Counts a request: method, route's pattern, status, seconds."""


class Shield:
    """Middleware that times and logs each request, and answers for what nothing else caught."""

    def __init__(self, app: ASGIApp, note: Note, municipality: str = "") -> None:
        self._app = app
        self._note = note
        self._municipality = municipality

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; an exception becomes a general answer, unless an answer has begun already."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with speaking_for(self._municipality):
            await self._guarded(scope, receive, send)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun, status, number = perf_counter(), 0, uuid4().hex

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", number.encode())]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:  # noqa: BLE001 - its message may quote data, so it must not reach the server's own log
            logger().error("broken", request=number, error=type(error).__name__, places=places(error.__traceback__))
            if not status:
                await problem_answer(Request(scope), error)(scope, receive, noted)
        finally:
            seconds, route, method = perf_counter() - begun, _pattern(scope), scope["method"]
            self._counted(method, route, status, seconds)
            milliseconds = round(seconds * 1000, 1)
            logger().info(
                "request", request=number, method=method, route=route, status=status, milliseconds=milliseconds
            )

    def _counted(self, method: str, route: str, status: int, seconds: float) -> None:
        try:
            self._note(method, route, status, seconds)
        except Exception as error:  # noqa: BLE001 - whoever asked has been answered; that it is not counted is told here
            logger().error("not counted", error=type(error).__name__, places=places(error.__traceback__))


def _pattern(scope: Scope) -> str:
    """The route's pattern, such as `/borger/{reference}`; empty when none matched."""
    return str(getattr(scope.get("route"), "path", ""))
