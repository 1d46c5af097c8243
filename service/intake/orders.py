"""What is to be loaded of what came in through the API, what it came to, and what does it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from service.clock import Clock
from service.storage.database import Database
from service.storage.uploads import Status


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be loaded: the load's number and name, where the files lie, when they count as received, who is told
    how far it is, and who is asked between files whether to go on."""

    load_id: int
    name: str
    path: Path
    received_at: datetime
    told: Callable[[str, int, int | None], None]
    stopped: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load came to: `report` is its JSON; `stopped` when it was asked to end before it was done."""

    status: Status
    report: str
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Uploads that wait, the oldest first: their numbers, the folder that holds one of each, the clock, and who is
    asked between them whether to go on."""

    numbers: Sequence[str]
    folder: Path
    clock: Clock
    stopped: Callable[[], bool]


class Loader(Protocol):
    """What loads: one upload by itself, or those that can be together."""

    def alone(self, database: Database, order: Order) -> Loaded:
        """Load what an order names."""
        ...

    def together(self, database: Database, group: Group) -> int | None:
        """Load the first of a group, as far as they can be one load; how many are over, None when the first cannot."""
        ...
