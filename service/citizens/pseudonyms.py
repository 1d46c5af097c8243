"""A table about citizens, its own ids exchanged for the keys that everything outside the store uses.

What comes out may be handed to training, which never sees an id. Rows of citizens the store does not know are left out.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from models.errors import FileRefused
from service.storage import identities
from service.storage.database import Database

OWN_ID, KEY = "citizen_id", "citizen"


def exchange(database: Database, path: Path, out: Path) -> tuple[int, int]:
    """Write the table of a Parquet file with `citizen` instead of `citizen_id`; gives rows written and rows left out.

    Raises `FileRefused` for a file that is no Parquet or has no such column, and for one that holds names.
    """
    table = _read(path)
    with database.read() as session:
        keys = identities.all_keys(session)
    known = pa.array([keys.get(own) for own in table[OWN_ID].cast(pa.string()).to_pylist()], pa.int32())
    place = table.column_names.index(OWN_ID)
    exchanged = table.set_column(place, KEY, known).filter(pc.is_valid(known))
    pq.write_table(exchanged, out, compression="zstd")
    return exchanged.num_rows, table.num_rows - exchanged.num_rows


def _read(path: Path) -> pa.Table:
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise FileRefused(path.name, f"it cannot be read as Parquet ({type(error).__name__}).") from None
    if OWN_ID not in table.column_names:
        raise FileRefused.lacking(path.name, [OWN_ID], table.column_names)
    if "name" in table.column_names:
        raise FileRefused(path.name, "it holds names.", "Leave the column out: it would travel on with the keys.")
    return table
