"""Families of features: those whose weight the additive model shrinks alike.

What is known of a citizen for years and a count of one concern last week are not equally likely to tell something, and
there are hundreds of the latter. How much a family may say is learnt from the data
(`training.fitting.allowance`); which family a feature belongs to is told by its definition alone.
"""

from collections.abc import Sequence
from functools import cache

from models.features.catalogue import CATALOGUE
from models.features.signals import MEASURED, concern_names
from models.features.spec import Aggregate, Compared, Definition, Season
from models.notes.lexicon import packaged_lexicon

OTHER = "other"
"""The family of a feature the catalogue does not know."""
_LONG_WINDOW, _LONG_HALF_LIFE = 90, 30


def families(names: Sequence[str]) -> tuple[str, ...]:
    """The family of each feature, in their order."""
    known = _families_of_catalogue()
    return tuple(known.get(name, OTHER) for name in names)


@cache
def _families_of_catalogue() -> dict[str, str]:
    concerns = frozenset(concern_names(packaged_lexicon()))
    return {feature.name: _family(feature.definition, feature.group, concerns) for feature in CATALOGUE.features}


def _family(definition: Definition, group: str, concerns: frozenset[str]) -> str:
    """By what is aggregated and how for the many concerns, by what it is about for all else."""
    if isinstance(definition, Season):
        return group
    if isinstance(definition, Compared):
        return f"concern {definition.comparison}" if definition.left.signal in concerns else _about(definition, group)
    return f"concern {_shape(definition)}" if definition.signal in concerns else _about(definition, group)


def _shape(aggregate: Aggregate) -> str:
    # A decayed count looks back further than it counts: its half-life tells how long it lasts.
    long = aggregate.half_life >= _LONG_HALF_LIFE if aggregate.half_life else aggregate.window.end >= _LONG_WINDOW
    return f"{aggregate.aggregation} {'long' if long else 'short'}"


def _about(definition: Aggregate | Compared, group: str) -> str:
    signal = definition.left.signal if isinstance(definition, Compared) else definition.signal
    return "measured" if signal in MEASURED else group
