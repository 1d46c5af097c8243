"""From a snapshot to labelled rows: which weeks there are, their features, their outcomes.

Who the rows are of is told first, at little cost, and what is used is chosen among them; only then are their features
computed, so that memory follows what is used and not how large the municipality is. Nothing known on the day
`known_before` or later is used, neither for features (each row sees only what was known before its own day) nor for
outcomes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from models.engines.local import acted_on, everyone, features, labels
from models.errors import DataWrong, RequestWrong
from models.features.catalogue import CATALOGUE
from models.snapshot import Snapshot
from models.truth.heard import known_before
from models.truth.label import POLICIES, last_told
from models.windows import NEVER_DAY, day_number, day_of
from training.matrix.rows import Rows
from training.matrix.splits import mondays
from training.settings import DataSettings

Share = Callable[[float], None]
WEEKS_OF_HORIZON = 4


@dataclass(frozen=True, slots=True)
class Span:
    """The days a training may use: the first with anything written, and the first it must not know.

    Where no hospital was heard in time for an outcome, the two are one.
    """

    first_day: int
    known_before: int


def span(snapshot: Snapshot, until: date | None) -> Span:
    """What the snapshot covers, cut off at `until`, and where hospitals are no longer heard (`models.truth.heard`).

    Raises `DataWrong` for an empty snapshot, `RequestWrong` when nothing was known by then.
    """
    stream = [file for file in snapshot.manifest.files if file.month]
    if not stream:
        raise DataWrong(
            "The snapshot holds no visits, observations or notes.", "Load a drop, then run `omhu snapshot`."
        )
    first = min(file.first_known_day for file in stream)
    cut = day_number(until) if until else NEVER_DAY
    if cut <= first:
        raise RequestWrong(
            f"Nothing was known before {day_of(cut)}; the snapshot begins on {day_of(first)}.", "Give a later --until."
        )
    return Span(first, max(first, known_before(snapshot, cut)))


def labelled_weeks(covered: Span, settings: DataSettings) -> tuple[int, ...]:
    """The Mondays with enough look-back before them and a horizon that is over.

    Raises `DataWrong` where hospitals were never heard: that nobody was admitted is then told by nothing.
    """
    if covered.known_before <= covered.first_day:
        raise DataWrong(
            f"Since {day_of(covered.first_day)} no hospital notification is known, so no outcome is.",
            "Load hospital notifications, then run `omhu snapshot`.",
        )
    length = covered.known_before - covered.first_day
    warm_up = min(settings.warm_up_days, length // 4)
    told = min(
        last_told(POLICIES[policy], covered.known_before) for policy in (settings.label_policy, settings.second_policy)
    )
    return mondays(covered.first_day + warm_up, told + 1)


def labelled(snapshot: Snapshot, covered: Span, settings: DataSettings, share: Share) -> Rows:
    """The labelled rows of all weeks, without features: they cost little, so what is used is chosen among them."""
    days = labelled_weeks(covered, settings)
    if not days:
        raise DataWrong(
            f"From {day_of(covered.first_day)} to {day_of(covered.known_before)} no week's outcome is known yet.",
            "At least 20 weeks of history are needed: load more.",
        )
    who = everyone(snapshot, days, share)
    first, second = (
        labels(snapshot, who.citizen, who.as_of, POLICIES[policy], covered.known_before)
        for policy in (settings.label_policy, settings.second_policy)
    )
    found = Rows.of(who, first, second)
    return found if settings.acted_on == "kept" else _left_alone(found, snapshot, covered)


def _left_alone(found: Rows, snapshot: Snapshot, covered: Span) -> Rows:
    """The rows within whose horizon nurses did nothing because of a list."""
    acted = acted_on(snapshot, found.citizen, found.as_of, covered.known_before)
    left_out = {**found.left_out, "acted on": int(acted.sum())}
    return replace(found.where(~acted), left_out=left_out) if acted.any() else found


def featured(snapshot: Snapshot, parts: Sequence[Rows], share: Share) -> tuple[Rows, ...]:
    """The same rows with their features, computed for all at once and held once; `share` is told how far it is."""
    citizen, as_of = (np.concatenate([getattr(part, name) for part in parts]) for name in ("citizen", "as_of"))
    values = features(snapshot, citizen, as_of, progress=share)
    ends = np.cumsum([len(part) for part in parts]).tolist()
    return tuple(
        replace(part, values=values[end - len(part) : end], names=CATALOGUE.names)
        for part, end in zip(parts, ends, strict=True)
    )


def rows(snapshot: Snapshot, covered: Span, settings: DataSettings, share: Share) -> Rows:
    """The labelled rows of all weeks with their features, for a municipality of which all of them can be held."""
    return featured(snapshot, (labelled(snapshot, covered, settings, lambda _: None),), share)[0]


def thinned(found: Rows, most_rows: int) -> Rows:
    """The rows of every n-th week, the latest among them, n as small as keeps them to `most_rows`, and never above 4.

    Rows a month apart share no outcome, so fewer would lose admissions and not only repetition.
    """
    weeks_apart = min(WEEKS_OF_HORIZON, -(-len(found) // most_rows))
    if weeks_apart <= 1:
        return found
    return found.on(np.unique(found.as_of)[::-1][::weeks_apart].tolist())


def sampled(found: Rows, most_rows: int, seed: int) -> Rows:
    """The rows of as many citizens, drawn once and for all weeks, as keeps them to about `most_rows`."""
    if len(found) <= most_rows:
        return found
    people = np.unique(found.citizen)
    drawn = np.random.default_rng(seed).permutation(people)[: max(1, people.size * most_rows // len(found))]
    return found.where(np.isin(found.citizen, drawn))
