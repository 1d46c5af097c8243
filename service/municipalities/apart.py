"""That municipalities share nothing: no store and no folder of state. Their models in MLflow differ by their names."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path

from models.errors import SystemWrong
from service.municipalities.environments import Municipality, names
from service.storage.addresses import place_of


def every(surroundings: Mapping[str, str]) -> tuple[Municipality, ...]:
    """All municipalities; none where the surroundings name no folder of them. Raises what is wrong with any."""
    those = tuple(Municipality.read(name, surroundings) for name in names(surroundings))
    require_apart(those)
    return those


def require_apart(those: Sequence[Municipality]) -> None:
    """Raise `SystemWrong`, naming both and what they share, unless each has all of its own."""
    for one, other in combinations(those, 2):
        if place_of(one.settings.state.database_url) == place_of(other.settings.state.database_url):
            raise _shared(one, other, "a store", "OMHU_DATABASE_URL")
        if _within(one.settings.state.folder, other.settings.state.folder):
            raise _shared(one, other, "a folder of state", "OMHU_HOME")


def _within(one: Path, other: Path) -> bool:
    """Whether one folder is the other or lies below it, whichever links lead there."""
    first, second = one.resolve(), other.resolve()
    return first.is_relative_to(second) or second.is_relative_to(first)


def _shared(one: Municipality, other: Municipality, what: str, variable: str) -> SystemWrong:
    return SystemWrong(
        f"The municipalities {one.name} and {other.name} share {what}.",
        f"Give each its own: {variable} in {one.name}.env or {other.name}.env.",
    )
