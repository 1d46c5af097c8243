"""Logs as JSON lines, which by construction hold no personal data.

Only the keys listed here are ever written, and an exception is told by its class and the places it passed, never by its
message: messages of databases and parsers quote what they choked on.

Where one process serves several municipalities, each line carries the name of the one it speaks for. Whoever begins
something on a municipality's behalf says so once, and what is called from there follows; a thread of its own has to be
begun in `contextvars.copy_context`.
"""

import logging
import sys
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType, TracebackType
from typing import Final

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

ALLOWED: Final = frozenset(
    (
        *("event", "level", "timestamp", "method", "route", "status", "milliseconds", "request", "error", "places"),
        *("upload", "uploads", "job", "state", "municipality"),
    )
)
_SPOKEN_FOR: ContextVar[str] = ContextVar("municipality", default="")


def set_up(level: int = logging.INFO) -> None:
    """Send the process's logs to standard error as JSON lines. Called by commands, never at import."""
    # One for all threads, made before them: each line is one write under one lock, and none stands within another.
    written = structlog.WriteLogger(sys.stderr)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            named,
            only_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: written,
        cache_logger_on_first_use=False,
    )


def logger() -> FilteringBoundLogger:
    """The process's log."""
    return structlog.get_logger()


@contextmanager
def speaking_for(municipality: str) -> Generator[None]:
    """Let every line from here on carry the municipality's name; none for the one that was not named."""
    before = _SPOKEN_FOR.set(municipality)
    try:
        yield
    finally:
        _SPOKEN_FOR.reset(before)


def named(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Add the name of the municipality the line is of."""
    municipality = _SPOKEN_FOR.get()
    return {**line, "municipality": municipality} if municipality else line


def only_allowed(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Drop every key that is not on the list: what nobody thought of cannot leak."""
    return {key: value for key, value in line.items() if key in ALLOWED}


def places(trace: TracebackType | None) -> list[str]:
    """Where an exception passed, innermost last: module and line, without values and without paths of the machine."""
    return [f"{_module(frame)}:{line}" for frame, line in traceback.walk_tb(trace)][-12:]


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "?"))
