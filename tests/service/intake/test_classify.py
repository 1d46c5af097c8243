"""What a row is to the versions there are, against a slow reading of the same rules."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.windows import NEVER
from service.intake.classify import UNRECORDED, Kind, Versions, classify

Row = tuple[int, int, int, int, bool]
"""Id, recorded_at, known_from, content, retracted."""


def versions(*rows: Row) -> Versions:
    table = np.array(rows, dtype=np.int64).reshape(-1, 5)
    return Versions(table[:, 0], table[:, 1], table[:, 2], table[:, 3], table[:, 4] != 0)


def kinds(existing: Versions, incoming: Versions) -> list[Kind]:
    return [Kind(kind) for kind in classify(existing, incoming).kinds]


def test_nothing_makes_nothing() -> None:
    verdict = classify(versions(), versions())
    assert len(verdict.kinds) == len(verdict.superseded_at) == 0


@pytest.mark.parametrize(
    ("existing", "incoming", "expected"),
    [
        ([], [(0, 1, 1, 7, False)], [Kind.NEW]),
        ([(0, 1, 1, 7, False)], [(0, 1, 5, 7, False)], [Kind.UNCHANGED]),
        ([(0, 1, 1, 7, False)], [(0, 2, 2, 7, False)], [Kind.CORRECTED]),
        ([(0, 1, 1, 7, False)], [(0, 2, 2, 8, True)], [Kind.RETRACTED]),
        ([], [(0, 2, 2, 8, True), (0, 1, 1, 7, False)], [Kind.RETRACTED, Kind.CORRECTED]),
        ([], [(0, 1, 1, 7, False), (0, 1, 1, 7, False)], [Kind.NEW, Kind.UNCHANGED]),
        ([], [(0, 1, 1, 7, False), (1, 1, 1, 7, False)], [Kind.NEW, Kind.NEW]),
        ([(0, UNRECORDED, 1, 7, False)], [(0, UNRECORDED, 5, 7, False)], [Kind.UNCHANGED]),
        (
            [(0, UNRECORDED, 1, 7, False), (0, UNRECORDED, 2, 8, False)],
            [(0, UNRECORDED, 5, 7, False)],
            [Kind.CORRECTED],
        ),
        ([], [(0, UNRECORDED, 5, 7, False), (0, UNRECORDED, 5, 8, False)], [Kind.CONTRADICTED, Kind.NEW]),
        ([], [(0, UNRECORDED, 5, 7, False), (0, UNRECORDED, 5, 7, False)], [Kind.NEW, Kind.UNCHANGED]),
    ],
)
def test_a_row_is_what_the_rule_says(existing: list[Row], incoming: list[Row], expected: list[Kind]) -> None:
    assert kinds(versions(*existing), versions(*incoming)) == expected


def test_a_retraction_outranks_what_was_written_at_the_same_time() -> None:
    verdict = classify(versions((0, 1, 1, 8, True)), versions((0, 1, 4, 7, False)))
    assert verdict.superseded_at.tolist() == [NEVER, 1]
    assert verdict.conflicts.tolist() == [True]


ROW = st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 6), st.integers(0, 2), st.booleans())


@given(st.lists(ROW, max_size=12), st.integers(0, 12))
def test_versions_are_superseded_by_the_first_known_of_those_after_them(rows: list[Row], cut: int) -> None:
    distinct = list({(row[0], row[1], row[3]): row for row in rows}.values())
    verdict = classify(versions(*distinct[:cut]), versions(*distinct[cut:]))

    assert verdict.stored.all()
    assert verdict.superseded_at.tolist() == [_slow(distinct, place) for place in range(len(distinct))]


def _slow(rows: list[Row], place: int) -> int:
    own = rows[place]
    rank = (own[1], own[4], place)
    after = [row[2] for at, row in enumerate(rows) if row[0] == own[0] and (row[1], row[4], at) > rank]
    return min(after, default=NEVER)
