"""The application as a process serves it: made of the environment, and ready for its first visitor.

Several processes may serve on one port. Each makes its own application by `plain` or `behind_tls`; whatever a visit
leaves is in the store, and what is counted of requests in a folder they share. The first begins the others, replaces
one that ends, and serves nothing itself. Imports uvicorn, so only what serves imports it.
"""

import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, Final

from uvicorn import Config, Server
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from models.errors import SystemWrong
from service.app import create_app, create_front
from service.logs import logger, places, set_up
from service.municipalities.apart import every
from service.operation import request_counts
from service.settings import Settings
from service.storage.database import Database
from service.ui.warming import warm_in_background

Application = Callable[..., Any]
"""What a web server calls, for every request."""
_THREADS_CHANGE_SECONDS: Final = 0.0005
"""A page talks to the store some ten times, and after each waited five milliseconds for the thread that loads."""
_SERVERS_LOG: Final = "uvicorn.error"
_MOST_CONNECTING: Final = 2048


def application(*, behind_tls: bool) -> Application:
    """The application of the one municipality, or of all where there are several. Raises what is wrong with any."""
    return _of_all(behind_tls=behind_tls) if os.environ.get("OMHU_MUNICIPALITIES") else _of_one(behind_tls=behind_tls)


def listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections from now on. Raises `SystemWrong` where that cannot be."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=_MOST_CONNECTING)
    except OSError as error:
        raise SystemWrong(
            f"Nobody can listen on port {port} of {host}: {error.strerror}.", "Is another service there? See --port."
        ) from error


def serve_alone(config: Config, listener: socket.socket) -> None:
    """Serve in this process until it is told to stop."""
    _begin()
    with suppress(KeyboardInterrupt):
        Server(config).run(sockets=[listener])


def serve_with_others(config: Config, listener: socket.socket) -> None:
    """Let as many processes serve as the configuration says, until this one is told to stop."""
    _log()
    with _counted_together():
        first = Multiprocess(config, sockets=[listener])
        first.run()
    if any(one.exitcode == STARTUP_FAILURE for one in first.processes):
        sys.exit(STARTUP_FAILURE)


def plain() -> Application:
    """The application of one of several processes."""
    return _begun(behind_tls=False)


def behind_tls() -> Application:
    """As `plain`, behind a proxy that ends TLS."""
    return _begun(behind_tls=True)


class _Lines(logging.Handler):
    """The web server's words about its processes, and of anything else that went wrong only what and where: its words
    may quote what was asked.
    """

    def emit(self, record: logging.LogRecord) -> None:
        if record.module == "multiprocess":
            logger().log(record.levelno, record.getMessage())
        elif record.levelno >= logging.WARNING:
            kind, _, trace = record.exc_info or (None, None, None)
            error = kind.__name__ if kind else record.funcName
            logger().log(record.levelno, "web server", error=error, places=places(trace))


@contextmanager
def _counted_together() -> Generator[None]:
    """Let processes that are begun from here count requests in one place, which is gone afterwards."""
    with TemporaryDirectory(prefix="omhu-counts-") as folder:
        os.environ[request_counts.FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[request_counts.FOLDER]


def _begin() -> None:
    """Make this process one that serves: it logs, and warms itself beside the serving."""
    _log()
    warm_in_background()
    sys.setswitchinterval(_THREADS_CHANGE_SECONDS)


def _log() -> None:
    """Log, and let the web server's own words be lines of the log."""
    set_up()
    server = logging.getLogger(_SERVERS_LOG)
    server.handlers, server.propagate = [_Lines()], False
    server.setLevel(logging.INFO)


def _begun(*, behind_tls: bool) -> Application:
    """The application, in a process that another began and that ends with it."""
    _begin()
    above = parent_process()
    if above is not None:
        Thread(target=_end_with, args=(above,), name="end with the first", daemon=True).start()
    try:
        return application(behind_tls=behind_tls)
    except Exception as error:  # noqa: BLE001 - its message may quote what it choked on; the first tries again
        logger().error("not begun", error=type(error).__name__, places=places(error.__traceback__))
        sys.exit(1)


def _end_with(above: BaseProcess) -> None:
    """End when the process is gone that began this one: nobody else would, and the port would stay taken."""
    above.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _of_one(*, behind_tls: bool) -> Application:
    settings = Settings.read()
    with Database.open(settings.state.database_url) as database:
        database.require_migrated(create=True)  # a container that is only tried out has no step before this one
    return create_app(settings, behind_tls=behind_tls)


def _of_all(*, behind_tls: bool) -> Application:
    """Wrong settings of one stop all, since somebody is here to mend them; a store that is away stops its own only."""
    return create_front(every(os.environ), behind_tls=behind_tls)
