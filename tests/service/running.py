"""The application behind a real server on loopback, and browsers without a window that visit it."""

import re
import socket
import ssl
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from service.security.heads import BoundedHeads
from service.security.login import one_time_code
from service.security.rights import Permission
from service.security.secrets import fingerprint, new_token
from service.storage import tokens
from service.storage.database import Database
from tests.service.invented_lists import NOW

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients on loopback: by itself each would read all certificates of the world first, for 20 ms."""


@dataclass
class Clock:
    """A clock that stands still until it is turned."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def turn(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by


@dataclass
class Running:
    """The application as it runs: where it answers and to which host, its store, its clock and its folder."""

    address: str
    app: FastAPI
    database: Database
    clock: Clock
    home: Path
    host: str = ""

    def visitor(self, **headers: str) -> httpx.Client:
        """Somebody who is not logged in, unless these headers say so; redirects are not followed."""
        named = {"Host": self.host} if self.host else {}
        return httpx.Client(base_url=self.address, timeout=60, headers=named | headers, verify=NO_TLS)

    @contextmanager
    def log_in(self, name: str) -> Generator[httpx.Client]:
        """The user of this name, logged in by a one-time code through the form."""
        with self.visitor() as browser:
            code = one_time_code(self.database, name, self.clock())
            page = browser.get("/login/kode", params={"kode": code})
            answer = browser.post("/login/kode", data={"kode": code, "bevis": proof_in(page.text)})
            if answer.status_code != 303:
                raise AssertionError(answer.text)
            yield browser

    def machine(
        self, *scopes: Permission, districts: tuple[str, ...] = ("Nord",), teams: tuple[str, ...] = ()
    ) -> httpx.Client:
        """A program with a fresh token of these scopes, districts and teams."""
        secret, ends = new_token(), self.clock() + timedelta(days=30)
        with self.database.write() as session:
            tokens.add_token(session, fingerprint(secret), "test", scopes, districts, self.clock(), ends, teams=teams)
        return self.visitor(Authorization=f"Bearer {secret}")


def proof_in(page: str) -> str:
    """The value that forms of a page carry against forgery."""
    found = re.search(r'name="bevis" value="([0-9a-f]+)"', page)
    if found is None:
        raise AssertionError("the page has no form")
    return found[1]


@contextmanager
def serving(app: ASGIApp) -> Generator[str]:
    """Serve the application from a thread; gives its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, http=BoundedHeads, log_config=None, access_log=False, lifespan="on")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.005)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
