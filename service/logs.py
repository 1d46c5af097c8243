"""Logs as JSON lines, which by construction hold no personal data.

Only the keys listed here are ever written, and an exception is told by its class and the places it passed, never by its
message: messages of databases and parsers quote what they choked on.
"""

import logging
import sys
import traceback
from types import FrameType, TracebackType
from typing import Final

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

ALLOWED: Final = frozenset(
    (
        *("event", "level", "timestamp", "method", "route", "status", "milliseconds", "request", "error", "places"),
        *("upload", "job", "state"),
    )
)


def set_up(level: int = logging.INFO) -> None:
    """Send the process's logs to standard error as JSON lines. Called by commands, never at import."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def logger() -> FilteringBoundLogger:
    """The process's log."""
    return structlog.get_logger()


def only_allowed(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Drop every key that is not on the list: what nobody thought of cannot leak."""
    return {key: value for key, value in line.items() if key in ALLOWED}


def places(trace: TracebackType | None) -> list[str]:
    """Where an exception passed, innermost last: module and line, without values and without paths of the machine."""
    return [f"{_module(frame)}:{line}" for frame, line in traceback.walk_tb(trace)][-12:]


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "?"))
