"""Thinning: what a sensor says all day long becomes a few numbers a day, on the way into the snapshot.

Values of one citizen, code, local day and part of the day that became known on one day and were corrected on one day
(or never) become up to four events: `count:`, `sum:`, `min:` and `max:`, each followed by the part of the day and the
code, as `count:night:sensor:bed_exit`. A list sees whole days, of what happened as of what was known; so it sees all
values of a group or none of them, and numbers over days come out as if nothing had been thinned. Late values and
corrected ones are groups of their own, which is how both axes of time are kept.

Which codes are dense is said in `vocabulary.toml`. The values themselves stay in the snapshot beside what is made of
them (`models.snapshot`), so that a correction makes the day anew.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.events import SCHEMA, instants, matching, timestamps
from models.vocabulary import vocabulary
from models.windows import day_of, instant, local_days

NIGHT_ENDS, NIGHT_BEGINS = time(7), time(23)
"""Local time: before seven and from eleven in the evening it is night, as in the care's own rota."""
PARTS = ("day", "night")
STATISTICS = ("count", "sum", "min", "max")


def is_dense(events: pa.Table) -> NDArray[np.bool_]:
    """Which events of a table of `models.events.SCHEMA` are to be thinned, shape (n,)."""
    codes = events["code"]
    masks = [
        matching(chunk.dictionary.to_pylist(), vocabulary().dense)[chunk.indices.to_numpy()]
        for chunk in codes.chunks
        if len(chunk)
    ]
    return np.concatenate([np.empty(0, np.bool_), *masks])


def thinned(events: pa.Table) -> pa.Table:
    """What is made of sensor values: a table of `SCHEMA`, the same whatever order the sensor values come in."""
    if not events.num_rows:
        return SCHEMA.empty_table()
    whole = events.unify_dictionaries().combine_chunks()
    codes = whole["code"].chunk(0)
    names = np.array(codes.dictionary.to_pylist(), dtype=object)
    occurred_at, known_from = instants(whole["occurred_at"]), instants(whole["known_from"])
    superseded_at = instants(whole["superseded_at"])
    value = pc.fill_null(whole["value"], np.nan).to_numpy().astype(np.float64)
    night = at_night(occurred_at)
    keys = (
        local_days(superseded_at),
        local_days(known_from),
        night,
        np.argsort(np.argsort(names))[codes.indices.to_numpy()],
        local_days(occurred_at),
        whole["citizen"].to_numpy(),
    )
    # Within a group by value: a sum of floats depends on its order.
    order = np.lexsort((value, *keys))
    first = np.flatnonzero(_begins([key[order] for key in keys]))
    columns = {
        "citizen": whole["citizen"].to_numpy()[order][first],
        "occurred_at": np.maximum.reduceat(occurred_at[order], first),
        "known_from": np.maximum.reduceat(known_from[order], first),
        "superseded_at": np.maximum.reduceat(superseded_at[order], first),
        "sequence": np.minimum.reduceat(whole["sequence"].to_numpy()[order], first),
    }
    code = codes.indices.to_numpy()[order][first]
    told = _statistics(value[order], first)
    tables = [
        _as_events(columns, told[statistic], [f"{statistic}:{part}:{name}" for name in names], code, chosen)
        for statistic in STATISTICS
        for place, part in enumerate(PARTS)
        if (chosen := (night[order][first] == bool(place)) & ~np.isnan(told[statistic])).any()
    ]
    return pa.concat_tables(tables).unify_dictionaries().cast(SCHEMA)


def at_night(occurred_at: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which instants, shape (n,) in microseconds UTC, lie in the night by the clock on the wall."""
    days, place = np.unique(local_days(occurred_at), return_inverse=True)
    ends, begins = (
        np.array([instant(datetime.combine(day_of(day), hour)) for day in days], dtype=np.int64)
        for hour in (NIGHT_ENDS, NIGHT_BEGINS)
    )
    return (occurred_at < ends[place]) | (occurred_at >= begins[place])


def _begins(keys: Sequence[NDArray[np.generic]]) -> NDArray[np.bool_]:
    """Which rows, sorted by the keys, are the first of their group, shape (n,)."""
    begins = np.ones(keys[0].size, dtype=np.bool_)
    begins[1:] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    return begins


def _statistics(value: NDArray[np.float64], first: NDArray[np.int64]) -> Mapping[str, NDArray[np.float64]]:
    """Each statistic of each group, shape (groups,); NaN where no sensor value of the group has a value."""
    has = ~np.isnan(value)
    none = np.add.reduceat(has.astype(np.int64), first) == 0
    sizes = np.diff(np.append(first, value.size)).astype(np.float64)
    return {
        "count": sizes,
        "sum": np.where(none, np.nan, np.add.reduceat(np.where(has, value, 0.0), first)),
        "min": np.where(none, np.nan, np.minimum.reduceat(np.where(has, value, np.inf), first)),
        "max": np.where(none, np.nan, np.maximum.reduceat(np.where(has, value, -np.inf), first)),
    }


def _as_events(
    columns: Mapping[str, NDArray[np.generic]],
    value: NDArray[np.float64],
    names: list[str],
    code: NDArray[np.int32],
    chosen: NDArray[np.bool_],
) -> pa.Table:
    """The chosen groups as events, their codes the names in order."""
    used, place = np.unique(code[chosen], return_inverse=True)
    order = sorted(range(used.size), key=lambda each: names[used[each]])
    rank = np.argsort(np.array(order, dtype=np.int64))
    arrays = {name: column[chosen] for name, column in columns.items()}
    times = {name: timestamps(arrays[name].astype(np.int64)) for name in arrays if name.endswith(("_at", "_from"))}
    return pa.table(
        {
            "citizen": pa.array(arrays["citizen"], pa.int32()),
            **times,
            "code": pa.DictionaryArray.from_arrays(
                rank[place].astype(np.int32), pa.array([names[used[each]] for each in order], pa.string())
            ),
            "value": pa.array(value[chosen].astype(np.float32), pa.float32()),
            "sequence": pa.array(arrays["sequence"], pa.int64()),
        }
    ).select(SCHEMA.names)
