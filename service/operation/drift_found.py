"""What was last found of drift, read from the file its alarms' states lie in.

Read by hand, for `service.quality.drift` would bring Arrow and LightGBM into a process that only shows lists.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from models.alarms import State

_STATES: Final[TypeAdapter[dict[str, State]]] = TypeAdapter(dict[str, State])
ABOUT: Final = ("features", "code", "concern", "volume", "lateness", "scores")
"""What an alarm may be about: the word before the colon of its name."""


@dataclass(frozen=True, slots=True)
class Found:
    """Alarms raised, by what they are about; how far the scores have moved; and the date of the last measurement."""

    alarms: Mapping[str, int]
    scores: float
    measured: date


def last_found(states: Path) -> Found | None:
    """What was last found; None when drift was never measured, or the file is of another form."""
    try:
        found = _STATES.validate_json(states.read_bytes())
    except (OSError, ValidationError):
        return None
    if not found:
        return None
    raised = Counter(name.partition(":")[0] for name, state in found.items() if state.raised)
    scores = found["scores"].value if "scores" in found else 0.0
    return Found({about: raised[about] for about in ABOUT}, scores, max(state.measured for state in found.values()))
