"""The application as a process serves it: made of the environment, and ready for its first visitor.

Where several processes serve, each makes its own by `plain` or `behind_tls`. They share the port, the store and what
is counted of requests; nothing else of a visit is kept in a process.
"""

import os
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, Final

from service.app import create_app, create_front
from service.logs import set_up
from service.municipalities.apart import every
from service.operation import request_counts
from service.settings import Settings
from service.storage.database import Database
from service.ui.warming import warm_in_background

Application = Callable[..., Any]
"""What a web server calls, for every request."""
_THREADS_CHANGE_SECONDS: Final = 0.0005
"""A page talks to the store some ten times, and after each waited five milliseconds for the thread that loads."""


def application(*, behind_tls: bool) -> Application:
    """The application of the one municipality, or of all where there are several. Raises what is wrong with any."""
    return _of_all(behind_tls=behind_tls) if os.environ.get("OMHU_MUNICIPALITIES") else _of_one(behind_tls=behind_tls)


def begin() -> None:
    """Make this process one that serves: it logs, and warms itself beside the serving."""
    set_up()
    warm_in_background()
    sys.setswitchinterval(_THREADS_CHANGE_SECONDS)


def plain() -> Application:
    """The application of one of several processes."""
    return _begun(behind_tls=False)


def behind_tls() -> Application:
    """As `plain`, behind a proxy that ends TLS."""
    return _begun(behind_tls=True)


@contextmanager
def counted_together() -> Generator[None]:
    """Let processes that are begun from here count requests in one place, which is gone afterwards."""
    with TemporaryDirectory(prefix="omhu-counts-") as folder:
        os.environ[request_counts.FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[request_counts.FOLDER]


def _begun(*, behind_tls: bool) -> Application:
    begin()
    above = parent_process()
    if above is not None:
        Thread(target=_end_with, args=(above,), name="end with the first", daemon=True).start()
    return application(behind_tls=behind_tls)


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
