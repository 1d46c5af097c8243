"""Taking drops out of a watched folder, one after the other: load, tell, put away.

What is wrong with a drop puts it into `failed`; what is wrong with us leaves it where it is, to be taken again.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from models.errors import DataWrong, RequestWrong, SystemWrong
from service.intake.inbox import DONE, FAILED, Arrival, Inbox
from service.logs import logger, places

if TYPE_CHECKING:
    from service.intake.report import LoadReport

Outcome = Literal["done", "failed", "changed"]


@dataclass(frozen=True, slots=True)
class Taken:
    """A drop that was taken: its name, what became of it (`changed`: it was still being sent), and in words."""

    name: str
    outcome: Outcome
    words: str


@dataclass(frozen=True, slots=True)
class Watcher:
    """An inbox, what loads a drop, and what tells whether the store is there (it raises `SystemWrong` when not)."""

    inbox: Inbox
    load: "Callable[[Path], LoadReport]"
    require_store: Callable[[], None]

    def take_all(self, stopped: Callable[[], bool]) -> Iterator[Taken]:
        """Take every drop that is complete, until stopped between two. Raises `SystemWrong` when the store is away."""
        for arrival in self.inbox.complete(time.time()):
            if stopped():
                return
            yield self._take(arrival)
        self.inbox.settle()

    def _take(self, arrival: Arrival) -> Taken:
        place, words, report = self._loaded(arrival)
        if not arrival.is_unchanged():
            return Taken(arrival.path.name, "changed", "changed while it was loaded, to be taken again")
        target = self.inbox.put_away(arrival, place, report)
        return Taken(arrival.path.name, "failed" if place == FAILED else "done", f"{words}, {place}/{target.name}")

    def _loaded(self, arrival: Arrival) -> tuple[str, str, str]:
        """Where a drop goes, in words why, and its report as JSON."""
        try:
            arrival.require_plain()
            report = self.load(arrival.path)
        except (RequestWrong, DataWrong) as error:
            return FAILED, str(error), _problem(arrival, error.message, error.remedy)
        except SystemWrong:
            raise
        except Exception as error:  # noqa: BLE001 - one bad drop must not keep all others from being taken
            self.require_store()
            logger().error("load failed", error=type(error).__name__, places=places(error.__traceback__))
            words = "The load failed for a reason of ours; nothing of the file at hand was kept."
            return FAILED, words, _problem(arrival, words, "Put it back to have it tried again.")
        return *_judged(report), report.model_dump_json(indent=2)


def _judged(report: "LoadReport") -> tuple[str, str]:
    if report.refused:
        return FAILED, f"load {report.load}: {len(report.refused)} files refused"
    if not report.tables and not report.resources:
        return FAILED, f"load {report.load}: nothing to load was found"
    aside = sum(sum(table.set_aside.values()) for table in report.tables.values()) + sum(report.unread.values())
    return DONE, f"load {report.load}: {aside:,} rows set aside" if aside else f"load {report.load}: loaded"


def _problem(arrival: Arrival, message: str, remedy: str) -> str:
    told = {"drop": arrival.path.name, "status": "refused", "problem": message, "remedy": remedy}
    return json.dumps(told, ensure_ascii=False, indent=2)
