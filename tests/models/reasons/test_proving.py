"""A reason is told only when the score falls without what it names, and is then the strongest such."""

from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.events import Events
from models.features.build import build
from models.features.catalogue import CATALOGUE
from models.reasons.proving import MOST, Score, prove, without_evidence
from models.reasons.telling import Explained
from models.windows import NEVER_DAY, day_number
from tests.models.happenings import as_events, happenings
from tests.models.stored import snapshot_of

DAY = day_number(date(2025, 3, 10))
WRITTEN = """
    citizen | code                | occurred_at      | value
    1       | citizen:care_start  | 2022-01-01 00:00 |
    1       | sign:dyspnoea       | 2025-03-07 08:00 | 1
    1       | sign:fever          | 2025-03-06 08:00 | 1
    1       | sign:fall           | 2025-03-05 08:00 | 1
    2       | citizen:care_start  | 2022-01-01 00:00 |
    2       | sign:dyspnoea       | 2025-03-07 08:00 | 1
    9       | citizen:care_start  | 2022-01-01 00:00 |
"""


def scoring(**weights: float) -> Score:
    """A model that adds so much for each unit of the named features; what is missing adds nothing."""
    columns = [CATALOGUE.column(name.replace("__", ".")) for name in weights]
    each = np.array(list(weights.values()))

    def score(values: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.nan_to_num(values[:, columns].astype(np.float64)) @ each

    return score


def explained(events: Events, citizen: int, score: Score, **shares: float) -> Explained:
    """The citizen's row, with shares of the score as a model might claim them."""
    values = build(events, np.array([citizen], np.int32), np.array([DAY], np.int32), CATALOGUE)
    contributions = np.zeros(len(CATALOGUE.names) + 1)
    for name, share in shares.items():
        contributions[CATALOGUE.column(name.replace("__", "."))] = share
    assert np.isfinite(score(values)).all()
    return Explained(values[0], contributions, CATALOGUE)


CLAIMS = {"fever__count__30d": 0.9, "dyspnoea__count__30d": 0.5, "fall__count__30d": 0.3}


def test_a_strongest_reason_that_is_not_true_of_the_score_is_passed_over():
    events = as_events(happenings(WRITTEN))
    # The fever is said to count most, and does not count at all.
    score = scoring(dyspnoea__count__30d=0.5, fall__count__30d=0.25)
    row = explained(events, 1, score, **CLAIMS)
    (found,) = prove([row], np.array([1], np.int32), np.array([DAY], np.int32), events, score)
    assert [reason.group for reason in found.told] == ["breathing", "movement"]
    assert found.falls == (0.5, 0.25)
    assert found.first is not None
    assert (found.first.group, found.first_fall) == ("infection", 0.0)


def test_what_raises_the_score_when_gone_is_no_reason_either():
    events = as_events(happenings(WRITTEN))
    score = scoring(dyspnoea__count__30d=0.5, concerns__count__30d=-1.5)
    row = explained(events, 1, score, dyspnoea__count__30d=0.5)
    (found,) = prove([row], np.array([1], np.int32), np.array([DAY], np.int32), events, score)
    assert found.told == ()
    assert found.first_fall == -1.0


def test_each_is_asked_of_their_own_record_and_who_has_nothing_to_tell_is_told_nothing():
    events = as_events(happenings(WRITTEN))
    score = scoring(**CLAIMS)
    citizens = [9, 2, 1]
    rows = [explained(events, citizen, score, **CLAIMS) for citizen in citizens]
    as_of = np.full(3, DAY, np.int32)
    found = prove(rows, np.array(citizens, np.int32), as_of, events, score)
    assert [len(each.told) for each in found] == [0, 1, 3]
    assert found[0].first is None
    assert np.isnan(found[0].first_fall)
    alone = prove(rows[:1], np.array([9], np.int32), as_of[:1], events, score)
    assert [each.told for each in alone] == [()]
    again = prove(rows[::-1], np.array(citizens[::-1], np.int32), as_of, events, score)
    assert [each.told for each in again] == [each.told for each in found[::-1]]
    assert all(len(each.told) <= MOST for each in found)


def test_only_what_is_named_is_taken_out():
    events = as_events(happenings(WRITTEN))
    left = without_evidence(events, ["dyspnoea"], CATALOGUE)
    assert len(events) - len(left) == 2
    assert len(without_evidence(Events.of([]), ["dyspnoea"], CATALOGUE)) == 0


def test_the_events_of_some_citizens_are_theirs_among_all(tmp_path: Path):
    snapshot = snapshot_of(happenings(WRITTEN), tmp_path, 1)
    whole = snapshot.read(0)
    some = snapshot.read_of(0, [2, 9], -NEVER_DAY, NEVER_DAY)
    expected = whole.where(np.isin(whole.citizen, [2, 9]))
    np.testing.assert_array_equal(some.citizen, expected.citizen)
    assert [some.codes[code] for code in some.code] == [whole.codes[code] for code in expected.code]
