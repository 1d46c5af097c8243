"""Under which act a citizen is helped: nursing by the health act (SUL), personal and practical help by the act on
social services (SEL) or, since July 2025, the act on care of the elderly (ÆL).

Read from the codes of what is granted on the date. SEL and ÆL are one part here: FSIII's codes before the
simplification do not tell them apart, and a municipality moves from the one to the other on a day, not citizen by
citizen.
"""

import numpy as np
from numpy.typing import NDArray

from models.events import Events
from models.snapshot import Snapshot
from models.windows import visible
from training.matrix.rows import Rows

NAMES = ("nothing granted", "SUL only", "SEL or ÆL only", "SUL and SEL or ÆL")
NURSING, HELP = ("granted:G*",), ("granted:F*", "granted:H*", "granted:RH*")
"""FSIII's letters of interventions: G by the health act, F and H by the social services act (field 3.2)."""


def acts(snapshot: Snapshot, rows: Rows) -> NDArray[np.int8]:
    """The place in `NAMES` of each row, shape (n,), as known on its own day."""
    found = np.zeros(len(rows), dtype=np.int8)
    for bucket, mine in snapshot.by_bucket(rows.citizen):
        standing = snapshot.standing(bucket, ("granted*",))
        for day in np.unique(rows.as_of[mine]):
            then = mine[rows.as_of[mine] == day]
            found[then] = _on(standing, rows.citizen[then], int(day))
    return found


def _on(standing: Events, citizen: NDArray[np.int32], day: int) -> NDArray[np.int8]:
    known = standing.where(visible(standing.known_day, standing.superseded_day, day) & (standing.day < day))
    nursing, helped = (_in_force(known, wanted, citizen) for wanted in (NURSING, HELP))
    return (nursing + 2 * helped).astype(np.int8)


def _in_force(known: Events, wanted: tuple[str, ...], citizen: NDArray[np.int32]) -> NDArray[np.int8]:
    """Whether more grants began than ended for each citizen, shape (len(citizen),), as 0 or 1."""
    ended = tuple(pattern.replace("granted:", "granted_ended:") for pattern in wanted)
    return (_count(known, wanted, citizen) > _count(known, ended, citizen)).astype(np.int8)


def _count(known: Events, wanted: tuple[str, ...], citizen: NDArray[np.int32]) -> NDArray[np.int64]:
    own = known.with_codes(wanted).citizen
    return np.searchsorted(own, citizen, side="right") - np.searchsorted(own, citizen, side="left")
