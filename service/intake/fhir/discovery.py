"""Which files at a path may be FHIR, by their names alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

SUFFIXES: Final = frozenset({".json", ".xml", ".ndjson", ".jsonl"})


@dataclass(frozen=True, slots=True)
class FhirFile:
    """A file of FHIR: where it is, and the name it is reported by, which is that below the folder it came in."""

    name: str
    path: Path


def is_fhir(path: Path) -> bool:
    """Whether a file's name says it may be FHIR."""
    return path.suffix.lower() in SUFFIXES


def find_files(path: Path) -> tuple[FhirFile, ...]:
    """The FHIR files at a path: the file itself, or those below a folder, by name; hidden ones are passed over."""
    if path.is_file():
        return (FhirFile(path.name, path),) if is_fhir(path) else ()
    found = ((file.relative_to(path), file) for file in path.rglob("*") if is_fhir(file) and file.is_file())
    visible = ((name, file) for name, file in found if not any(part.startswith((".", "_")) for part in name.parts))
    return tuple(FhirFile(name.as_posix(), file) for name, file in sorted(visible))
