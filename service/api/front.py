"""Several municipalities behind one listener: a request goes to the application whose host it names, and to no other.

Each application is as whole as the only one of an installation: its own store, users, sessions, figures, uploads. Here
is nothing but the choice, and what can be said without choosing. One that cannot be started is told and tried again,
while the others answer.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from anyio.to_thread import current_default_thread_limiter, run_sync
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.closed import closed_to_all
from service.api.hosts import host_asked_for
from service.api.shield import Shield
from service.errors import problem_answer
from service.logs import logger, places, speaking_for
from service.refusals import Misdirected
from service.security.bodies import PromptBodies
from service.security.headers import SecurityHeaders

RETRY_SECONDS: Final = 30.0
_START_SECONDS: Final = 15.0
"""How long the start waits for a municipality before it answers for the others."""


@dataclass(frozen=True, slots=True)
class Door:
    """One municipality as it is served: its name in the log, and its application.

    `usable` raises while its store cannot be used.
    """

    name: str
    app: FastAPI
    usable: Callable[[], None]


class Front:
    """The application of all, by host: chooses by the Host header, and runs the start and end of each by itself."""

    def __init__(
        self,
        doors: Mapping[str, Door],
        away: ASGIApp,
        *,
        behind_tls: bool,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        """`away` answers a browser in words for whichever municipality could not be started yet."""
        self.doors = dict(doors)
        self._states: dict[str, Mapping[str, Any]] = {}
        self._retry_seconds = retry_seconds

        def guarded(app: ASGIApp, name: str = "") -> ASGIApp:
            return SecurityHeaders(Shield(app, _uncounted, name), behind_tls=behind_tls)

        self._elsewhere = guarded(self._of_nobody)
        closed = PromptBodies(closed_to_all(away))
        self._closed = {host: guarded(closed, door.name) for host, door in doors.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to the municipality it names."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        host = host_asked_for(scope["headers"])
        if host not in self.doors:
            await self._elsewhere(scope, receive, send)
        elif host not in self._states:
            await self._closed[host](scope, receive, send)
        else:
            await self.doors[host].app({**scope, "state": dict(self._states[host])}, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Start every application, and end them when the server ends."""
        await receive()
        # Requests wait in threads for their store. There are as many for each as one alone would have.
        current_default_thread_limiter().total_tokens *= len(self.doors)
        stop = asyncio.Event()
        tried = {host: asyncio.Event() for host in self.doors}
        lives = {host: asyncio.create_task(self._keep(host, stop, tried[host])) for host in self.doors}
        with suppress(TimeoutError):
            async with asyncio.timeout(_START_SECONDS):
                await asyncio.gather(*(one.wait() for one in tried.values()))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        stop.set()
        for host, life in lives.items():
            if host not in self._states:  # it may be waiting for a store that does not answer
                life.cancel()
        await asyncio.gather(*lives.values(), return_exceptions=True)
        await send({"type": "lifespan.shutdown.complete"})

    async def _keep(self, host: str, stop: asyncio.Event, tried: asyncio.Event) -> None:
        """Start one application as often as it takes, and keep it until the end."""
        with speaking_for(self.doors[host].name):
            while not stop.is_set():
                try:
                    await self._serve(host, stop, tried)
                except Exception as error:  # noqa: BLE001 - whatever is wrong with one must not end the others
                    logger().error(
                        "municipality", state="away", error=type(error).__name__, places=places(error.__traceback__)
                    )
                tried.set()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._retry_seconds):
                        await stop.wait()

    async def _serve(self, host: str, stop: asyncio.Event, tried: asyncio.Event) -> None:
        door = self.doors[host]
        await run_sync(door.usable, abandon_on_cancel=True)
        async with door.app.router.lifespan_context(door.app) as state:
            self._states[host] = dict(state or {})
            logger().info("municipality", state="served")
            tried.set()
            try:
                await stop.wait()
            finally:
                del self._states[host]

    async def _of_nobody(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What can be answered without choosing: the load balancer's questions, for the process as a whole."""
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        asked = (scope["method"], scope["path"])
        if asked == ("GET", "/healthz"):
            answer: Response = JSONResponse({"status": "ok"})
        elif asked == ("GET", "/readyz"):
            answer = await self._readiness()
        else:
            answer = problem_answer(
                Request(scope), Misdirected("Nothing is served under this host.", "Use the address you were given.")
            )
        await answer(scope, receive, send)

    async def _readiness(self) -> Response:
        """Ready when all are; how many, and none by name."""
        found = await asyncio.gather(*(self._is_ready(host) for host in self.doors))
        told = {"status": "ok" if all(found) else "unready", "ready": sum(found), "municipalities": len(found)}
        return JSONResponse(told, 200 if all(found) else 503)

    async def _is_ready(self, host: str) -> bool:
        """What the application itself answers, so that ready means the same of one and of all."""
        statuses: list[int] = []

        async def heard(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        await self(_question(host), _nothing_more, heard)
        return statuses == [200]


def _question(host: str) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/readyz",
        "raw_path": b"/readyz",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", host.encode("ascii"))],
        "client": None,
        "server": None,
    }


async def _nothing_more() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def _uncounted(_method: str, _route: str, _status: int, _seconds: float) -> None:
    """Figures are of a municipality, and this request was of none."""
