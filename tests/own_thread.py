"""What begins an event loop by itself, run in a thread of its own: a browser test leaves one running in its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Told = TypeVar("Told")


def in_own_thread(work: Callable[[], Told]) -> Told:
    """What the work tells; its exception is raised here."""
    with ThreadPoolExecutor(1) as alone:
        return alone.submit(work).result()
