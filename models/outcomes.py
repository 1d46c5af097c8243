"""What became of a list, as arithmetic: counts that add up, and the shares and intervals that are read from them.

Figures of districts and weeks are added as counts and divided last, so a total is never a mean of shares. Plain Python
on purpose: pages read these figures in a process that loads no array library. Nothing here knows a citizen.

Two sides of the same list are kept: everyone, and everyone but those whom nurses acted on. Neither is the truth. A
list that works prevents what it foretold, so with the acted-on it looks worse than it is; without them it is judged on
those the nurses thought least in need.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil, floor, sqrt
from typing import Final

LEAST_GROUP: Final = 5
"""Fewer citizens than this are not told of apart: shares of so few say little, and may point at someone."""

_Z: Final = 1.96
_WEEKS_OF_A_HORIZON: Final = 30 / 7


@dataclass(frozen=True, slots=True)
class Place:
    """One ranked citizen of a list; `admitted` is None while it is not known, `acted` what nurses did about it."""

    probability: float
    band: str
    listed: bool
    acted: bool = False
    admitted: bool | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """Citizens counted together: the admissions their scores expect, the variance chance gives those, and the actual.

    `variance` is that of a sum of independent draws, one a citizen; doubt about the calibration itself is not in it.
    """

    citizens: int = 0
    expected: float = 0.0
    variance: float = 0.0
    admitted: int = 0

    @classmethod
    def of(cls, places: Iterable[Place]) -> "Tally":
        """The places counted."""
        chosen = list(places)
        return cls(
            citizens=len(chosen),
            expected=sum(one.probability for one in chosen),
            variance=sum(one.probability * (1 - one.probability) for one in chosen),
            admitted=sum(one.admitted is True for one in chosen),
        )

    def __add__(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(
            self.citizens + other.citizens,
            self.expected + other.expected,
            self.variance + other.variance,
            self.admitted + other.admitted,
        )


@dataclass(frozen=True, slots=True)
class Side:
    """One way of looking at lists: those shown, those ranked below, and what an all-knowing list could have held.

    `possible` counts, list by list, the admitted that as many places could have held at best; `bands` everyone by band.
    """

    listed: Tally = Tally()
    below: Tally = Tally()
    possible: int = 0
    bands: Mapping[str, Tally] = field(default_factory=dict[str, Tally])

    @classmethod
    def of(cls, places: Iterable[Place]) -> "Side":
        """The places of one district's list; those whose outcome is not known are left out once any is known."""
        chosen = list(places)
        known = [one for one in chosen if one.admitted is not None] or chosen
        listed, below = Tally.of(one for one in known if one.listed), Tally.of(one for one in known if not one.listed)
        bands = {
            band: Tally.of(one for one in known if one.band == band) for band in sorted({one.band for one in known})
        }
        return cls(listed, below, min(listed.citizens, listed.admitted + below.admitted), bands)

    @property
    def ranked(self) -> Tally:
        """Everyone ranked."""
        return self.listed + self.below

    def __add__(self, other: "Side") -> "Side":
        """Both together."""
        bands = {
            band: self.bands.get(band, Tally()) + other.bands.get(band, Tally())
            for band in sorted({*self.bands, *other.bands})
        }
        return Side(self.listed + other.listed, self.below + other.below, self.possible + other.possible, bands)


@dataclass(frozen=True, slots=True)
class Figures:
    """What lists came to: `everyone`, and `unacted` without those whom nurses acted on; `lists` were added up.

    `told` when the horizon has passed and the admissions are known; until then only the expected counts mean anything.
    """

    told: bool
    everyone: Side = field(default_factory=Side)
    unacted: Side = field(default_factory=Side)
    lists: int = 1

    @classmethod
    def of(cls, places: Iterable[Place], *, told: bool) -> "Figures":
        """The figures of one district on one list."""
        chosen = list(places)
        return cls(told, Side.of(chosen), Side.of(one for one in chosen if not one.acted))

    @property
    def acted(self) -> int:
        """How many of the listed nurses acted on."""
        return self.everyone.listed.citizens - self.unacted.listed.citizens

    @property
    def may_be_split(self) -> bool:
        """Whether both those acted on and the rest are enough to be told of apart: one is the other's complement."""
        return self.acted >= LEAST_GROUP and self.unacted.listed.citizens >= LEAST_GROUP

    def beside(self, other: "Figures") -> "Figures":
        """The figures of two districts on the same lists."""
        return Figures(self.told, self.everyone + other.everyone, self.unacted + other.unacted, self.lists)

    def after(self, other: "Figures") -> "Figures":
        """The figures of two different weeks."""
        return Figures(
            self.told, self.everyone + other.everyone, self.unacted + other.unacted, self.lists + other.lists
        )


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float


def precision(side: Side, lists: int = 1) -> Estimate | None:
    """The share of the listed who were admitted within the horizon; None where nobody was listed."""
    return share(side.listed.admitted, side.listed.citizens, lists)


def recall(side: Side, lists: int = 1) -> Estimate | None:
    """The share of the admitted, among those ranked, who were on the list; None where nobody was admitted."""
    return share(side.listed.admitted, side.ranked.admitted, lists)


def capture(side: Side, lists: int = 1) -> Estimate | None:
    """The admitted on the list as a share of those an all-knowing list of its length would have held."""
    return share(side.listed.admitted, side.possible, lists)


def calibration(tally: Tally, lists: int = 1) -> Estimate | None:
    """Admissions observed for each one expected: 1 is right, above it risk was told too low; None without any risk."""
    found = share(tally.admitted, tally.citizens, lists)
    if found is None or tally.expected <= 0:
        return None
    mean = tally.expected / tally.citizens
    return Estimate(found.value / mean, found.low / mean, found.high / mean)


def expected_precision(side: Side, lists: int = 1) -> Estimate | None:
    """The share of the listed that the scores expect to be admitted, with the interval that chance alone gives it."""
    count, of = expected_admissions(side.listed, lists), side.listed.citizens
    return Estimate(count.value / of, count.low / of, count.high / of) if of else None


def expected_recall(side: Side, lists: int = 1) -> Estimate | None:
    """The share of the admissions expected that are expected on the list; its interval by the delta method."""
    listed, below = side.listed, side.below
    whole = listed.expected + below.expected
    if whole <= 0:
        return None
    value = listed.expected / whole
    spread = _Z * sqrt(_overlap(lists) * ((1 - value) ** 2 * listed.variance + value**2 * below.variance)) / whole
    return Estimate(value, max(0.0, value - spread), min(1.0, value + spread))


def expected_admissions(tally: Tally, lists: int = 1) -> Estimate:
    """How many admissions to expect: the sum of the scores, and whole numbers between which chance leaves them."""
    spread = _Z * sqrt(tally.variance * _overlap(lists))
    low, high = floor(tally.expected - spread), ceil(tally.expected + spread)
    return Estimate(tally.expected, float(max(0, low)), float(min(tally.citizens, high)))


def share(count: int, of: int, lists: int = 1) -> Estimate | None:
    """A share with Wilson's interval (1927); None of nothing.

    Weekly lists look forward to the same admissions for four weeks and more, so that several lists count as fewer.
    """
    if not of:
        return None
    value, size = count / of, of / _overlap(lists)
    middle = (value + _Z**2 / (2 * size)) / (1 + _Z**2 / size)
    spread = _Z * sqrt(value * (1 - value) / size + _Z**2 / (4 * size**2)) / (1 + _Z**2 / size)
    return Estimate(value, max(0.0, middle - spread), min(1.0, middle + spread))


def _overlap(lists: int) -> float:
    """How many weekly lists share one admission: at most as many as a horizon has weeks."""
    return min(float(max(lists, 1)), _WEEKS_OF_A_HORIZON)
