"""A drop on disk: which file holds which table, which are FHIR, and which nobody knows."""

import re
from dataclasses import dataclass
from pathlib import Path

from models.errors import NotFound
from service.intake.fhir.discovery import FhirFile, find_files
from service.intake.schema import TABLES

_NAME = re.compile(r"(?P<table>\w+)\.(?P<form>parquet|csv|csv\.gz)")


@dataclass(frozen=True, slots=True)
class TableFile:
    """One file of a drop."""

    table: str
    path: Path

    @property
    def name(self) -> str:
        """The name it is reported by; no folder of any machine."""
        return self.path.name

    @property
    def is_parquet(self) -> bool:
        """Whether it is Parquet; otherwise it is CSV."""
        return self.path.suffix == ".parquet"


@dataclass(frozen=True, slots=True)
class Drop:
    """The files of a drop in the order they are loaded, those of FHIR, and the names of those that are neither."""

    name: str
    files: tuple[TableFile, ...]
    unknown: tuple[str, ...]
    fhir: tuple[FhirFile, ...] = ()


def find_drop(path: Path) -> Drop:
    """The drop at a folder, or the one file of a drop. Raises `NotFound` when nothing is there to load."""
    if not path.exists():
        raise NotFound(f"There is no drop at {path.name or 'that path'}.", "Name a folder, or a file of a drop.")
    found = sorted(path.iterdir()) if path.is_dir() else [path]
    visible = [file for file in found if file.is_file() and not file.name.startswith((".", "_"))]
    files = [TableFile(table, file) for file in visible if (table := _table(file.name))]
    order = list(TABLES)
    files.sort(key=lambda file: (order.index(file.table), file.name))
    fhir = find_files(path)
    known = {file.path for file in (*files, *fhir)}
    return Drop(
        name=path.resolve().name,
        files=tuple(files),
        unknown=tuple(file.name for file in visible if file not in known),
        fhir=fhir,
    )


def _table(name: str) -> str | None:
    match = _NAME.fullmatch(name)
    return match["table"] if match and match["table"] in TABLES else None
