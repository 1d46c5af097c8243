"""What is told where figures are protected, and what someone who subtracts could work out from it."""

from collections.abc import Iterator, Mapping
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.outcomes import LEAST_GROUP, Figures, Place
from service.weekly.withholding import Told, tellable, told

DISTRICTS, BANDS = ("Nord", "Syd", "Øst"), ("very_high", "high", "usual")
CELLS = tuple(product(DISTRICTS, BANDS, (True, False), (True, False)))
"""District, band, listed, acted on: whatever figures are told of is a sum of such cells."""

Cell = tuple[str, str, bool, bool]
Counts = Mapping[Cell, int]
Vector = NDArray[np.float64]


def figures(counts: Counts) -> dict[str, Figures]:
    """Figures by district of so many citizens in each cell; only who is listed can have been acted on."""
    places: dict[str, list[Place]] = {}
    for (district, band, listed, acted), count in counts.items():
        places.setdefault(district, []).extend([Place(0.1, band, listed, acted and listed, admitted=False)] * count)
    return {district: Figures.of(several, told=True) for district, several in places.items() if several}


def cells(district: str | None = None, **wanted: object) -> Vector:
    """The cells of a group, as zeros and ones."""
    names = ("district", "band", "listed", "acted")
    asked = {**wanted, **({"district": district} if district else {})}
    wants = [asked.get(name) for name in names]
    return np.array([float(all(part in {None, own} for part, own in zip(wants, cell, strict=True))) for cell in CELLS])


def sums_told(found: Told) -> Iterator[Vector]:
    """Every group of citizens of whom something is told."""
    whole = {None: found.together, **(found.districts if len(found.districts) > 1 else {})}
    for district, one in whole.items():
        if one is None:
            continue
        yield cells(district, listed=True)
        yield cells(district, listed=False)
        yield from (cells(district, band=band) for band in one.everyone.bands)
        if one.may_be_split:
            yield cells(district, listed=True, acted=False)
            yield from (cells(district, band=band, acted=False) for band in one.unacted.bands)


def groups() -> Iterator[Vector]:
    """Any districts, listed or below, any bands, and those acted on and not."""
    for names, part in ((DISTRICTS, "district"), (BANDS, "band")):
        for size in range(1, len(names) + 1):
            for chosen in combinations(names, size):
                yield sum((cells(**{part: name}) for name in chosen), start=cells() * 0)
                if part == "district":
                    for listed in (True, False):
                        yield sum((cells(name, listed=listed) for name in chosen), start=cells() * 0)
    yield from (cells(listed=True, acted=acted) for acted in (True, False))


def can_be_worked_out(group: Vector, sums: list[Vector]) -> bool:
    """Whether the group is what is left when sums are added to and taken from each other."""
    known = np.array(sums)
    return bool(np.linalg.matrix_rank(np.vstack([known, group])) == np.linalg.matrix_rank(known))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([0, 0, 0, 1, 2, 4, 5, 9, 30]), min_size=len(CELLS), max_size=len(CELLS)))
def test_of_fewer_than_five_nothing_can_be_worked_out_from_what_is_told(numbers: list[int]):
    # Who is not on the list was not acted on because of it.
    counts = {cell: number if cell[2] or not cell[3] else 0 for cell, number in zip(CELLS, numbers, strict=True)}
    own = figures(counts)
    if not own:
        return
    sums = list(sums_told(told(own)))
    size = np.array([counts[cell] for cell in CELLS])
    assert all(int(size @ group) not in range(1, LEAST_GROUP) for group in sums)
    for group in groups():
        few = int(size @ group) in range(1, LEAST_GROUP)
        assert not (few and sums and can_be_worked_out(group, sums))


def of(listed: int, below: int = 20, band: str = "usual", acted: int = 0) -> Figures:
    places = [Place(0.1, band, True, at < acted, at == 0) for at in range(listed)]
    return Figures.of(places + [Place(0.1, "usual", False, admitted=False)] * below, told=True)


def test_with_a_small_district_the_next_smallest_is_withheld_and_the_sum_stays():
    found = told({"Nord": of(20), "Syd": of(2), "Vest": of(12), "Øst": of(30)})
    assert found.together is not None
    assert found.together.everyone.listed.citizens == 64
    assert {name for name, one in found.districts.items() if one is None} == {"Syd", "Vest"}


def test_small_districts_that_come_to_five_together_leave_the_others_told():
    found = told({"Nord": of(20), "Syd": of(2), "Øst": of(3)})
    assert {name for name, one in found.districts.items() if one is None} == {"Syd", "Øst"}


def test_a_few_below_the_list_are_told_of_no_more_than_a_few_on_it():
    found = told({"Nord": of(20), "Syd": of(20, below=2)})
    assert found.together is not None
    assert found.districts == {"Nord": None, "Syd": None}
    assert told({"Nord": of(20), "Syd": of(20, below=0)}).districts["Syd"] is not None


def test_of_a_list_of_few_nothing_at_all_is_told():
    assert told({"Nord": of(2), "Syd": of(2)}) == Told(None, {"Nord": None, "Syd": None})


def test_a_band_of_few_is_withheld_with_another_so_that_the_rest_does_not_tell_it():
    few = of(20).beside(of(1, below=0, band="very_high")).beside(of(9, below=0, band="high"))
    found = told({"Nord": few})
    assert found.together is not None
    assert set(found.together.everyone.bands) == {"usual"}
    enough = few.beside(of(4, below=0, band="very_high"))
    assert set((told({"Nord": enough}).together or few).everyone.bands) == {"usual", "high", "very_high"}


def test_a_list_is_parted_one_way_at_a_time():
    both = told({"Nord": of(20, acted=8), "Syd": of(20, acted=8)})
    one = both.districts["Nord"]
    assert one is not None
    assert both.together is not None
    assert both.together.may_be_split
    assert (one.may_be_split, dict(one.everyone.bands)) == (False, {})
    alone = told({"Nord": of(20, acted=8)})
    assert alone.districts["Nord"] == alone.together
    assert alone.together is not None
    assert (alone.together.acted, dict(alone.together.unacted.bands)) == (8, {})


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, set()),
        ({"a": (5,), "b": (9,)}, {"a", "b"}),
        ({"a": (4,), "b": (9,), "c": (8,)}, {"b"}),
        ({"a": (4,), "b": (1,), "c": (8,)}, {"c"}),
        ({"a": (0,), "b": (9,)}, {"a", "b"}),
        ({"a": (9, 2), "b": (6, 2), "c": (5, 5), "d": (7, 7)}, {"d"}),
    ],
)
def test_what_is_withheld_is_nobody_or_five_together(parts: Mapping[str, tuple[int, ...]], expected: set[str]):
    assert tellable(parts) == expected
