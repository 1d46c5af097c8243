"""Alarms with hysteresis: raised when a measure is high again and again, cleared when it is low again and again.

One odd week is no alarm, and a measure that hovers about its limit does not ring and fall silent by turns. A state is
plain data that whoever measures keeps; a measurement of a date that was measured before changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Limits:
    """Raised after `patience` measurements in a row at `high` or above, cleared after as many at `low` or below."""

    low: float
    high: float
    patience: int = 2

    def __post_init__(self) -> None:
        if self.low > self.high or self.patience < 1:
            raise ValueError(f"Limits must not cross, and patience is 1 at least: {self}.")


@dataclass(frozen=True, slots=True)
class State:
    """Whether an alarm is raised, since when, how many measurements in a row speak for a change, and the last one."""

    raised: bool
    since: date | None
    streak: int
    measured: date
    value: float


def step(before: State | None, measured: date, value: float, limits: Limits) -> State:
    """The state after a measurement; of a date not later than the last one, nothing changes."""
    if before is not None and measured <= before.measured:
        return before
    raised = before is not None and before.raised
    speaks = value <= limits.low if raised else value >= limits.high
    streak = (before.streak if before is not None else 0) + 1 if speaks else 0
    if streak >= limits.patience:
        return State(not raised, measured if not raised else None, 0, measured, value)
    return State(raised, before.since if before is not None else None, streak, measured, value)


def steps(before: Mapping[str, State], measured: date, values: Mapping[str, tuple[float, Limits]]) -> dict[str, State]:
    """The states after a measurement of several, by name; what was not measured this time stays as it was."""
    after = {name: step(before.get(name), measured, value, limits) for name, (value, limits) in values.items()}
    return {**before, **after}


def raised(states: Mapping[str, State]) -> tuple[str, ...]:
    """The names of the alarms that are raised, in order."""
    return tuple(sorted(name for name, state in states.items() if state.raised))
