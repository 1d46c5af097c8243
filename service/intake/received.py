"""What was received over the network, loaded by the same code as at the command line.

Live data, known from when loading begins: no list could use it before.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

from models.errors import RequestWrong
from service.intake import archive
from service.intake.uploads import ARCHIVE, Loaded, Order
from service.storage.database import Database
from service.storage.times import stored
from service.storage.uploads import Status

_UNPACKED: Final = "unpacked"


def load_received(database: Database, order: Order, mapping_file: Path) -> Loaded:
    """Load what an order names, with the mapping in use where there is one.

    Raises `RequestWrong` when its files are gone or its zip cannot be taken, `DataWrong` when the mapping is no good.
    """
    # Only here: Arrow and its friends take a second to import, which no page needs.
    from service.intake.drop import find_drop  # noqa: PLC0415
    from service.intake.loading import run_load  # noqa: PLC0415
    from service.intake.mapping.file import mapping_in_use  # noqa: PLC0415
    from service.intake.versions import Load  # noqa: PLC0415

    drop = replace(find_drop(_folder_of(order.path)), name=order.name)
    load = Load(order.load_id, "live", stored(order.received_at), mapping_in_use(mapping_file))
    report = run_load(database, load, drop, order.told, order.stopped)
    status: Status = "loaded" if not report.refused else "partly" if report.tables else "refused"
    return Loaded(status, report.model_dump_json(), report.stopped)


def _folder_of(folder: Path) -> Path:
    """The folder with the files, unpacked first where they came as a zip."""
    if not folder.is_dir():
        raise RequestWrong("The received files are gone.", "Send the drop again.")
    packed = folder / ARCHIVE
    if not packed.exists():
        return folder
    unpacked = folder / _UNPACKED
    archive.discard(unpacked)
    unpacked.mkdir()
    archive.unpack(packed, unpacked)
    return unpacked
