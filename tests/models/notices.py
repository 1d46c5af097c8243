"""Hospital notifications for tests: drawn as text tables, invented by Hypothesis, and as the rows the store gives."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pyarrow as pa
from hypothesis import strategies as st

from tests.models.happenings import cells, moment
from tests.models.oracle.stays import Notice
from tests.models.oracle.times import midnight

_ABOUT = (
    *("admit-inpatient", "admit-emergency", "discharge-inpatient-home", "discharge-emergency-home", "deceased"),
    *("start-leave-inpatient", "end-leave-inpatient"),
)
_ACTIVITIES = (*_ABOUT, *_ABOUT, *(f"{change}-{about}" for change in ("revise", "cancel") for about in _ABOUT))
_IN_AND_OUT = (
    *("admit-inpatient", "discharge-inpatient-home", "admit-emergency", "discharge-emergency-home") * 3,
    *("revise-admit-inpatient", "cancel-admit-inpatient", "revise-discharge-inpatient-home", "deceased"),
)
_INSTANT = pa.timestamp("us", tz="UTC")
_TYPES = {
    "citizen": pa.int32(),
    "episode_id": pa.string(),
    "activity": pa.string(),
    "planned": pa.bool_(),
    "occurred_at": _INSTANT,
    "recorded_at": _INSTANT,
    "known_from": _INSTANT,
    "superseded_at": _INSTANT,
    "sequence": pa.int64(),
}


def notices(text: str) -> list[Notice]:
    """The notifications of a drawn table; what is not drawn is of citizen 1, written at once, and still stands."""
    return [_notice(row, place) for place, row in enumerate(cells(text))]


def _notice(row: dict[str, str], place: int) -> Notice:
    planned, superseded = row.get("planned"), row.get("superseded_at")
    recorded_at = moment(row.get("recorded_at") or row["occurred_at"])
    return Notice(
        citizen=int(row.get("citizen") or 1),
        episode=row.get("episode") or "e1",
        activity=row["activity"],
        occurred_at=moment(row["occurred_at"]),
        recorded_at=recorded_at,
        known_from=moment(row["known_from"]) if row.get("known_from") else recorded_at,
        superseded_at=moment(superseded) if superseded else None,
        planned={"true": True, "false": False}.get(planned or ""),
        sequence=place,
    )


def as_rows(found: Sequence[Notice]) -> pa.Table:
    """The rows of `hospital_notifications` as the store gives them, in the order given."""
    names = {"episode_id": "episode"}
    return pa.table(
        {
            column: pa.array([getattr(each, names.get(column, column)) for each in found], kind)
            for column, kind in _TYPES.items()
        }
    )


@st.composite
def messages(draw: st.DrawFn, day: date) -> list[Notice]:
    """Notifications of two citizens in the weeks before a day, few hours apart, in any order, late, changed, void.

    Now and then all are of one episode, in and out and in again.
    """
    one_episode = draw(st.booleans())
    hours = st.one_of(st.integers(0, 60), st.integers(0, 24 * 20))
    start = midnight(day - timedelta(days=12))
    found: list[Notice] = []
    for place in range(draw(st.integers(0, 14))):
        occurred_at = start + timedelta(hours=draw(hours))
        recorded_at = occurred_at + timedelta(hours=draw(st.sampled_from([-2, 0, 1, 5, 30, 200])))
        known_from = recorded_at + timedelta(hours=draw(st.sampled_from([0, 0, 0, 7, 48])))
        superseded = st.builds(lambda h, at=known_from: at + timedelta(hours=h), st.integers(0, 100))
        found.append(
            Notice(
                citizen=1 if one_episode else draw(st.integers(1, 2)),
                episode="e1" if one_episode else draw(st.sampled_from(["e1", "e2", "e3"])),
                activity=draw(st.sampled_from(_IN_AND_OUT if one_episode else _ACTIVITIES)),
                occurred_at=occurred_at,
                recorded_at=recorded_at,
                known_from=known_from,
                superseded_at=draw(st.one_of(st.none(), st.none(), superseded)),
                planned=draw(st.sampled_from([None, True, False])),
                sequence=place,
            )
        )
    return found


@st.composite
def another_future(draw: st.DrawFn, found: Sequence[Notice], day: date) -> list[Notice]:
    """What was known before a day, followed by other messages than those that came."""
    listed = midnight(day)
    known = [
        replace(n, superseded_at=n.superseded_at if n.superseded_at and n.superseded_at < listed else None)
        for n in found
        if n.known_from < listed
    ]
    later = st.one_of(st.none(), st.builds(lambda h: listed + timedelta(hours=h), st.integers(0, 300)))
    kept = [n if n.superseded_at else replace(n, superseded_at=draw(later)) for n in known]
    new = [replace(n, known_from=max(n.known_from, listed), sequence=100 + n.sequence) for n in draw(messages(day))]
    return draw(st.permutations([*kept, *new]))
