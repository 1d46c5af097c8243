"""The outcome: was the citizen acutely admitted within the horizon, under a named and versioned policy.

The horizon is `[T, T + 30 days)`: an admission on T itself counts, one on day T + 30 does not. A label is told only
when it can be: the horizon is over, and has been for long enough that late messages are in. Policies are data; a
figure without its policy's id means nothing (field 3.4).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.events import Events
from models.truth import episodes
from models.windows import HORIZON_DAYS, visible

UNTOLD = -1
"""The label of a row whose outcome cannot be told."""


@dataclass(frozen=True, slots=True)
class LabelPolicy:
    """Which stays count as the outcome, and what becomes of rows whose horizon something else ended.

    `counted` are codes of `models.truth.episodes`. A citizen whose home care ends or who dies within the horizon
    without an admission is `0` when `competing_is_negative` (the list could have prevented nothing), else untold.
    `settled_days` is how long after the horizon the messages may still be coming in.
    """

    name: str
    version: int
    counted: tuple[str, ...]
    competing_is_negative: bool
    horizon_days: int = HORIZON_DAYS
    settled_days: int = 3

    @property
    def id(self) -> str:
        """Name and version, as every figure carries them."""
        return f"{self.name}@{self.version}"


POLICIES: Mapping[str, LabelPolicy] = {
    policy.id: policy
    for policy in (
        # Everything not known to be elective: what the nurse would want to have been told about.
        LabelPolicy("acute_broad", 1, (episodes.ADMITTED_ACUTE, episodes.ADMITTED_UNTAGGED), True),
        # Only what is certainly acute: through the emergency ward, or tagged so by the record.
        LabelPolicy("acute_strict", 1, (episodes.ADMITTED_ACUTE,), True),
    )
}
DEFAULT_POLICY = POLICIES["acute_broad@1"]


def label(
    events: Events, citizen: NDArray[np.int32], as_of: NDArray[np.int32], policy: LabelPolicy, known_before: int
) -> NDArray[np.int8]:
    """The outcome of each row as known before the day `known_before`: 1 admitted, 0 not, `UNTOLD`; shape (n,).

    `events` are those of the rows' citizens, `as_of` day numbers. Only the policy's codes and the ends of care and life
    are looked at, in the versions that stood before `known_before`.
    """
    told = events.where(visible(events.known_day, events.superseded_day, known_before))
    admitted = any_in_horizon(told.with_codes(policy.counted), citizen, as_of, policy.horizon_days)
    outcome = np.where(admitted, 1, 0).astype(np.int8)
    if not policy.competing_is_negative:
        ended = any_in_horizon(
            told.with_codes(("citizen:care_end", "citizen:death", episodes.DIED)), citizen, as_of, policy.horizon_days
        )
        outcome[ended & ~admitted] = UNTOLD
    outcome[as_of + policy.horizon_days + policy.settled_days > known_before] = UNTOLD
    return outcome


def last_told(policy: LabelPolicy, known_before: int) -> int:
    """The last as-of day whose label can be told from what is known before `known_before`."""
    return known_before - policy.horizon_days - policy.settled_days


def any_in_horizon(
    events: Events, citizen: NDArray[np.int32], as_of: NDArray[np.int32], horizon_days: int
) -> NDArray[np.bool_]:
    """Whether an event of the row's citizen lies in `[as_of, as_of + horizon)`, day numbers; shape (len(citizen),)."""
    if not len(events):
        return np.zeros(citizen.size, dtype=np.bool_)
    # Events are sorted by citizen and day, so one number orders them and the first at or after T is found by halving.
    span = np.int64(1) << 32
    key = events.citizen.astype(np.int64) * span + events.day
    first = np.searchsorted(key, citizen.astype(np.int64) * span + as_of)
    inside = first < key.size
    safe = np.minimum(first, key.size - 1)
    return inside & (events.citizen[safe] == citizen) & (events.day[safe] < as_of + horizon_days)
