"""What nurses did about a list: whether anything was done for a citizen that may have kept an admission away.

A list that works erases its own labels. Which rows that may be true of is told here; what is done about them is a
setting of training. No feature looks at these events: they follow from the list, and would teach it its own mind.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.events import Events
from models.truth.label import any_in_horizon
from models.windows import HORIZON_DAYS, visible

ACTED: Final = "review:acted"
"""A nurse phoned, visited, took TOBS, asked a doctor or changed the care because of a list."""


def acted(events: Events, citizen: NDArray[np.int32], as_of: NDArray[np.int32], known_before: int) -> NDArray[np.bool_]:
    """Whether nurses acted within each row's horizon, as known before the day `known_before`; shape (n,).

    `events` are those of the rows' citizens, `as_of` day numbers. What was taken back before that day was not done.
    """
    told = events.where(visible(events.known_day, events.superseded_day, known_before))
    return any_in_horizon(told.with_codes((ACTED,)), citizen, as_of, HORIZON_DAYS)
