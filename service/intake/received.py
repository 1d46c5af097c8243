"""What was received over the network, loaded by the same code as at the command line.

Live data, known from when loading begins: no list could use it before.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from models.errors import RequestWrong
from service.intake import archive
from service.intake.orders import Group, Loaded, Order
from service.storage.database import Database
from service.storage.times import stored

_UNPACKED: Final = "unpacked"


@dataclass(frozen=True, slots=True)
class Received:
    """Loads what was received, with the mapping in use where there is one.

    Arrow and its friends take a second to import, which no page needs: they are imported when something is loaded.
    """

    mapping_file: Path

    def alone(self, database: Database, order: Order) -> Loaded:
        """Load what an order names.

        Raises `RequestWrong` when its files are gone or its zip cannot be taken, `DataWrong` when the mapping is no
        good.
        """
        from service.intake.drop import find_drop  # noqa: PLC0415
        from service.intake.loading import run_load  # noqa: PLC0415
        from service.intake.mapping.file import mapping_in_use  # noqa: PLC0415
        from service.intake.versions import Load  # noqa: PLC0415

        drop = replace(find_drop(_folder_of(order.path)), name=order.name)
        load = Load(order.load_id, "live", stored(order.received_at), mapping_in_use(self.mapping_file))
        report = run_load(database, load, drop, order.told, order.stopped)
        return Loaded(report.outcome, report.model_dump_json(), report.stopped)

    def together(self, database: Database, group: Group) -> int | None:
        """Load the first of a group, as far as they are messages, as one load; see `load_together`."""
        from service.intake.mapping.file import mapping_in_use  # noqa: PLC0415
        from service.intake.together import load_together  # noqa: PLC0415

        return load_together(database, group, mapping_in_use(self.mapping_file))


def _folder_of(folder: Path) -> Path:
    """The folder with the files, unpacked first where they came as a zip."""
    if not folder.is_dir():
        raise RequestWrong("The received files are gone.", "Send the drop again.")
    packed = folder / archive.ARCHIVE
    if not packed.exists():
        return folder
    unpacked = folder / _UNPACKED
    archive.discard(unpacked)
    unpacked.mkdir()
    archive.unpack(packed, unpacked)
    return unpacked
