"""When the outcome of a list can be told, for those who show figures and compute none.

The rule itself is `models.truth.label`'s, whose arrays a page has no use for; a test holds these two to it.
"""

from datetime import date, timedelta
from typing import Final

POLICY: Final = "acute_broad@1"
"""The label policy of all outcomes (`models.truth.label.DEFAULT_POLICY`)."""
SETTLED_AFTER: Final = timedelta(days=33)
"""The horizon, and the days late messages may take."""


def told_from(as_of: date) -> date:
    """The first day the outcome of a list of this date can be told."""
    return as_of + SETTLED_AFTER
