"""Good rows of a batch as versions of facts: the citizens' keys, hashes of what they say, from when each is known."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from service.intake.hashing import row_hashes, text_keys
from service.intake.mapping.meanings import UNMAPPED, LocalMapping
from service.intake.reading import RawBatch
from service.intake.schema import TableRules
from service.storage.loads import Mode
from service.storage.tables import FACT_COLUMNS


@dataclass(frozen=True, slots=True)
class Load:
    """A load that has a number: how it is to be taken, and when it was received (instant in microseconds UTC).

    `history` means that what is told was known from when it was written down. Otherwise it is known from when it was
    received, if that was later: nobody here knew it before.
    """

    load_id: int
    mode: Mode
    received_at: int
    mapping: LocalMapping = UNMAPPED


def versions(
    load: Load,
    table: TableRules,
    good: pa.Table,
    citizen: pa.Array,
    raw: RawBatch,
    places: NDArray[np.int64],
    parts: NDArray[np.int64],
) -> pa.Table:
    """The rows as the store keeps them; `citizen` are their keys, `places` where they stand in the batch, `parts` whose
    each is."""
    is_citizens = table.name == "citizens"
    source = citizen.cast(pa.string()) if is_citizens else good[table.id_column].combine_chunks()
    told = [*FACT_COLUMNS[table.name], *(("name",) if is_citizens else ())]
    columns = {name: good[name].combine_chunks() for name in told}
    recorded = good["recorded_at"].combine_chunks()
    return pa.table(
        {
            "load_id": pa.array(np.full(good.num_rows, load.load_id, dtype=np.int32)),
            "source_id": source,
            "source_key": text_keys(source),
            "content": row_hashes([citizen, good["retracted"].combine_chunks(), *columns.values()]),
            "citizen": citizen,
            "recorded_at": recorded,
            "known_from": _known_from(load, recorded, good),
            "retracted": good["retracted"],
            **columns,
            **_sent(good),
            **(_files(raw, places) if is_citizens else {}),
            "line": raw.lines[places],
            "part": parts,
        }
    )


def _known_from(load: Load, recorded: pa.Array, good: pa.Table) -> pa.Array:
    """When each row is known: written, sent where a message says when, and received unless it is history."""
    if "sent_at" in good.column_names:
        recorded = pc.max_element_wise(recorded, good["sent_at"].combine_chunks())
    if load.mode == "history":
        return pc.fill_null(recorded, 0)
    return pc.max_element_wise(recorded, load.received_at)


def _sent(good: pa.Table) -> dict[str, pa.Array]:
    """What rows said before it was changed, where any was: no part of the content, so that the same fact stays one."""
    if "sent" not in good.column_names or good["sent"].null_count == good.num_rows:
        return {}
    return {"sent": good["sent"].combine_chunks()}


def _files(raw: RawBatch, places: NDArray[np.int64]) -> dict[str, pa.Array]:
    """The file of each row taken, where rows of several come together."""
    return {"file": pa.array(raw.files, pa.string()).take(pa.array(places))} if raw.files else {}
