"""What only an invented municipality can tell: everybody's true risk, and how much of it the list holds.

A town's truth stands beside its drop and never in it (`training/synthetic/truth.py`); nothing here is ever learnt from.
The municipality's own ids are the store's affair, so the truth is brought as keys (`omhu pseudonymise`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from models.errors import FileRefused
from training.evaluation import metrics
from training.evaluation.capacity import Capacity, Capture
from training.evaluation.evaluate import capacities_of
from training.evaluation.metrics import Order
from training.evaluation.resampling import Draws, Figures, Interval
from training.matrix.rows import Rows
from training.settings import EvaluationSettings

KEY, OWN_ID = "citizen", "citizen_id"
_NEEDED = ("as_of", "true_risk")


@dataclass(frozen=True, slots=True)
class Oracle:
    """True risks of citizens at risk, sorted by as-of day and citizen; arrays of shape (n,)."""

    citizen: NDArray[np.int32]
    as_of: NDArray[np.int32]
    risk: NDArray[np.float64]

    @classmethod
    def read(cls, path: Path) -> "Oracle":
        """The truth in a Parquet file with the columns `citizen` (the key), `as_of` and `true_risk`.

        Rows without a true risk (in hospital that day) are passed over. Raises `FileRefused` for another file.
        """
        missing = [name for name in (KEY, *_NEEDED) if name not in columns(path)]
        if missing:
            raise FileRefused.lacking(path.name, missing, columns(path))
        table = pq.read_table(path, columns=[KEY, *_NEEDED])
        table = table.filter(pc.is_valid(table["true_risk"]))
        day = table["as_of"].cast(pa.date32()).cast(pa.int32()).to_numpy()
        citizen = table[KEY].cast(pa.int32()).to_numpy()
        order = np.lexsort((citizen, day))
        return cls(citizen[order], day[order], table["true_risk"].cast(pa.float64()).to_numpy()[order])

    def risks(self, rows: Rows) -> NDArray[np.float64]:
        """The true risk of each row, shape (n,); NaN where the truth does not tell it."""
        if not self.citizen.size:
            return np.full(len(rows), np.nan)
        span = np.int64(1) << 32
        known = self.as_of.astype(np.int64) * span + self.citizen
        wanted = rows.as_of.astype(np.int64) * span + rows.citizen
        place = np.minimum(np.searchsorted(known, wanted), known.size - 1)
        return np.where(known[place] == wanted, self.risk[place], np.nan)


@dataclass(frozen=True, slots=True)
class AgainstOracle:
    """How near a ranking comes to one that knows the true risks, on the weeks of which they are known.

    `captures` are by the capacity's key: the share of the risk on the oracle's list that is on ours. `best_auroc` is
    the oracle's own, which no model can be expected to exceed.
    """

    rows: int
    weeks: int
    auroc: Interval
    best_auroc: Interval
    captures: Mapping[str, Interval]


def columns(path: Path) -> tuple[str, ...]:
    """The columns of a Parquet file. Raises `FileRefused` when it is none."""
    try:
        return tuple(pq.read_schema(path).names)
    except (OSError, pa.ArrowInvalid) as error:
        raise FileRefused(path.name, f"it cannot be read as Parquet ({type(error).__name__}).") from None


def against_oracle(
    oracle: Oracle, log_odds: NDArray[np.float64], rows: Rows, settings: EvaluationSettings, seed: int
) -> AgainstOracle | None:
    """The comparison for log-odds, shape (n,), of the rows; nothing where the truth tells of none of them."""
    risk = oracle.risks(rows)
    told = ~np.isnan(risk)
    if not told.any():
        return None
    known, score, risk = rows.bare().where(told), log_odds[told], risk[told]
    lists = capacities_of(settings)
    figures = _figures(known, score, risk, lists)
    found = Draws.of(known.citizen, settings.resamples, seed).together(figures)
    return AgainstOracle(
        rows=len(known),
        weeks=np.unique(known.as_of).size,
        auroc=found["auroc"],
        best_auroc=found["best_auroc"],
        captures={capacity.key: found[capacity.key] for capacity in lists},
    )


def _figures(rows: Rows, score: NDArray[np.float64], risk: NDArray[np.float64], lists: tuple[Capacity, ...]) -> Figures:
    ours, best = Order.of(score, rows.outcome), Order.of(risk, rows.outcome)
    capture = Capture.of(rows.as_of, score, risk)

    def told(weight: NDArray[np.float64]) -> dict[str, float]:
        captured = {each.key: share for each, share in zip(lists, capture.at(lists, weight), strict=True)}
        return captured | {"auroc": metrics.auroc(ours, weight), "best_auroc": metrics.auroc(best, weight)}

    return told
