"""Whether the machine had its cores, or its host gave them to other guests, which no program can do anything about.

Linux tells it as `steal` in `/proc/stat` (see proc(5)); a machine of its own has none.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_STEAL: Final = 7
_TOLD: Final = 8
"""Of the times told the first eight make up the whole; the others are parts of them."""
LITTLE: Final = 0.1
"""Less than this share of all cores, and they count as there."""
_BACK_SECONDS: Final = 10.0
"""Who waited is still being served for so long after the cores are back."""


@dataclass(slots=True)
class Cores:
    """What was taken, as often as looked at."""

    looks: list[tuple[float, int, int]] = field(default_factory=list[tuple[float, int, int]])
    """When (`time.perf_counter`), and in the system's ticks since it was started: taken, and all of all cores."""

    def look(self) -> None:
        """Look once."""
        line, _, _ = Path("/proc/stat").read_text(encoding="ascii").partition("\n")
        ticks = [int(one) for one in line.split()[1 : 1 + _TOLD]]
        self.looks.append((time.perf_counter(), ticks[_STEAL], sum(ticks)))

    def taken(self, since: float = 0.0, until: float = float("inf")) -> float:
        """The share of all cores that was taken between two moments, as far as looked at; 0 where nothing is known."""
        within = [look for look in self.looks if since <= look[0] <= until]
        if len(within) < 2 or within[-1][2] == within[0][2]:
            return 0.0
        return (within[-1][1] - within[0][1]) / (within[-1][2] - within[0][2])

    def were_there(self, moment: float) -> bool:
        """Whether nearly all were there in the seconds before a moment."""
        return self.taken(moment - _BACK_SECONDS, moment) < LITTLE
