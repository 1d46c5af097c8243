"""What may be told of a list's figures where they are protected: of fewer than five citizens nothing.

A list is parted one way at a time: by district, by band, or by whether nurses acted. Bands and acting are therefore
told of all districts together only, so that no crossing of two ways can be worked out. What is withheld of a parting
is five citizens together or more: its sum is told, and the sum less the rest is what was withheld. Weeks add up only
what each may tell: the same two citizens may stand on twelve lists.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce

from models.outcomes import LEAST_GROUP, Figures, Side

Sizes = tuple[int, ...]
"""How many citizens are in each group that figures of a part are told of; an empty group says nothing."""


@dataclass(frozen=True, slots=True)
class Told:
    """What may be told of one list: of all districts asked for `together`, and of each; None where it is withheld."""

    together: Figures | None
    districts: Mapping[str, Figures | None]


def told(districts: Mapping[str, Figures]) -> Told:
    """What may be told of a list to someone who sees these districts, of which there is at least one."""
    together = reduce(Figures.beside, districts.values())
    if _few(_sizes(together)):
        return Told(None, dict.fromkeys(districts))
    beside = tellable({name: _sizes(found) for name, found in districts.items()})
    parted = _parted(together)
    if len(districts) == 1:
        return Told(parted, dict.fromkeys(districts, parted))
    return Told(parted, {name: _whole(found) if name in beside else None for name, found in districts.items()})


def tellable(parts: Mapping[str, Sizes]) -> frozenset[str]:
    """The parts that may be told of beside their sum.

    Of those with a group of few none is; and while what is withheld comes to few in some group, neither is the next
    smallest. That keeps the sum, which more look at than at any one part.
    """
    withheld = {name for name, sizes in parts.items() if _few(sizes)}
    rest = sorted((sizes, name) for name, sizes in parts.items() if name not in withheld)
    for _, name in rest:
        if not _few(tuple(map(sum, zip(*(parts[one] for one in withheld), strict=True)))):
            break
        withheld.add(name)
    return frozenset(parts) - withheld


def _few(sizes: Sizes) -> bool:
    return any(0 < size < LEAST_GROUP for size in sizes)


def _sizes(figures: Figures) -> Sizes:
    """Those listed and those below the list: what is told of everyone, less what is told of the listed, is the rest."""
    return figures.everyone.listed.citizens, figures.everyone.below.citizens


def _parted(figures: Figures) -> Figures:
    """With its bands, and those acted on apart, as far as each may be told."""
    bands = tellable({band: (tally.citizens,) for band, tally in figures.everyone.bands.items()})
    everyone = replace(
        figures.everyone, bands={band: tally for band, tally in figures.everyone.bands.items() if band in bands}
    )
    unacted = _without_bands(figures.unacted) if figures.may_be_split else everyone
    return replace(figures, everyone=everyone, unacted=unacted)


def _whole(figures: Figures) -> Figures:
    """Parted no way at all: as if nobody had been acted on."""
    everyone = _without_bands(figures.everyone)
    return replace(figures, everyone=everyone, unacted=everyone)


def _without_bands(side: Side) -> Side:
    return replace(side, bands={})
