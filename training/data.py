"""From a snapshot to labelled rows: which weeks there are, their features, their outcomes.

Nothing known on the day `known_before` or later is used, neither for features (each row sees only what was known before
its own day) nor for outcomes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from models.engines.local import labels, matrix
from models.errors import DataWrong, RequestWrong
from models.events import instants
from models.label import POLICIES, last_told
from models.snapshot import Snapshot
from models.windows import day_number, day_of, local_days
from training.rows import Rows
from training.settings import DataSettings
from training.splits import mondays

Share = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Span:
    """The days a training may use: the first with anything written, and the first it must not know."""

    first_day: int
    known_before: int


def span(snapshot: Snapshot, until: date | None) -> Span:
    """What the snapshot covers, cut off at `until`.

    Raises `DataWrong` for an empty snapshot, `RequestWrong` when nothing was known by then.
    """
    stream = [file for file in snapshot.manifest.files if file.month]
    if not stream:
        raise DataWrong(
            "The snapshot holds no visits, observations or notes.", "Load a drop, then run `omhu snapshot`."
        )
    latest_month = max(file.month for file in stream)
    known = [instants(snapshot.table(file)["known_from"]) for file in stream if file.month == latest_month]
    end = int(local_days(np.concatenate(known)).max()) + 1
    first = min(file.first_known_day for file in stream)
    cut = min(end, day_number(until)) if until else end
    if cut <= first:
        raise RequestWrong(
            f"Nothing was known before {day_of(cut)}; the snapshot begins on {day_of(first)}.", "Give a later --until."
        )
    return Span(first, cut)


def labelled_weeks(covered: Span, settings: DataSettings) -> tuple[int, ...]:
    """The Mondays with enough look-back before them and a horizon that is over."""
    length = covered.known_before - covered.first_day
    warm_up = min(settings.warm_up_days, length // 4)
    told = min(
        last_told(POLICIES[policy], covered.known_before) for policy in (settings.label_policy, settings.second_policy)
    )
    return mondays(covered.first_day + warm_up, told + 1)


def rows(snapshot: Snapshot, covered: Span, settings: DataSettings, share: Share) -> Rows:
    """The labelled rows of all weeks; `share` is told how much of the matrix is done."""
    days = labelled_weeks(covered, settings)
    if not days:
        raise DataWrong(
            f"From {day_of(covered.first_day)} to {day_of(covered.known_before)} no week's outcome is known yet.",
            "At least 20 weeks of history are needed: load more.",
        )
    whole = matrix(snapshot, days, progress=share)
    first, second = (
        labels(snapshot, whole.citizen, whole.as_of, POLICIES[policy], covered.known_before)
        for policy in (settings.label_policy, settings.second_policy)
    )
    return Rows.of(whole, first, second)


def thinned(found: Rows, weeks_between: int) -> Rows:
    """Every n-th week's rows, the latest week among them."""
    if weeks_between == 1:
        return found
    days = np.unique(found.as_of)[::-1][::weeks_between]
    return found.on(days.tolist())
