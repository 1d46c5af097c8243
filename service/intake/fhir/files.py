"""FHIR files read one after the other into rows; what each file holds stays together.

A file is taken as a whole or refused as a whole. Patients are looked for before anything is read: a bulk export has
them in a file of their own, and the others only point to them.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from models.errors import FileRefused
from service.intake.fhir.bundle import Citizens
from service.intake.fhir.discovery import FhirFile
from service.intake.fhir.elements import Element, element, elements, text
from service.intake.fhir.parsing import Foreign, Unread, read_file
from service.intake.fhir.resources import rows_of
from service.intake.fhir.rows import Resources, Row
from service.intake.fhir.spool import Spool
from service.storage.loads import SetAside

_PATIENT: Final = re.compile(rb'"resourceType"\s*:\s*"Patient"|<(\w+:)?Patient\b')
_MESSAGE: Final = re.compile(rb'"MessageHeader"|<(\w+:)?MessageHeader\b')


@dataclass(slots=True)
class ReadFiles:
    """What some files came to: their rows, the lines that hold no resource, and the resources by type."""

    rows: Spool = field(default_factory=Spool)
    unread: list[SetAside] = field(default_factory=list[SetAside])
    resources: Resources = field(default_factory=Resources)
    files: list[str] = field(default_factory=list[str])

    def take(self, name: str, found: Iterable[Row | Unread]) -> None:
        """Take what was found in a file, numbered as it comes."""
        self.files.append(name)
        for number, one in enumerate(found, 1):
            if isinstance(one, Row):
                self.rows.add(name, number, one)
            else:
                record = json.dumps({"line": one.line, "record": one.text}, ensure_ascii=False)
                self.unread.append(SetAside(name, number, "", one.reason, record))


def is_lines(file: FhirFile) -> bool:
    """Whether a file is NDJSON, which may be of any size and is read line by line."""
    return file.path.suffix.lower() in {".ndjson", ".jsonl"}


def read(file: FhirFile, citizens: Citizens, into: ReadFiles) -> bool:
    """Read a file into what others were read into; False when nothing in it is FHIR.

    Raises `FileRefused`. Nothing of the file is kept then, unless it is NDJSON, for which `into` must be its own.
    """
    if is_lines(file):
        into.take(file.name, _found(file, citizens, into.resources))
        return True
    counted = Resources()
    found = list(_found(file, citizens, counted))
    if not found and not counted.read:
        return False
    into.take(file.name, found)
    into.resources.add(counted)
    return True


def _found(file: FhirFile, citizens: Citizens, counted: Resources) -> Iterator[Row | Unread]:
    try:
        for one in read_file(file.path, file.name):
            if isinstance(one, Unread):
                yield one
            elif not isinstance(one, Foreign):
                yield from rows_of(one, citizens, counted)
    except RecursionError:  # just shallow enough to be read, and too deep to be looked into
        raise FileRefused(file.name, "its objects stand too deep in one another.") from None


def meet_citizens(files: Sequence[FhirFile]) -> Citizens:
    """The patients of all files, so that a resource may point to one in another file.

    Messages are passed over: they bring their own patient. Files that cannot be read are left to be refused later.
    """
    citizens = Citizens()
    if len(files) == 1 and files[0].path.suffix.lower() in {".json", ".xml"}:
        return citizens  # what is in one bundle is found within it
    for file in files:
        try:
            for patient in _patients(file):
                citizens.meet(patient)
        except (FileRefused, OSError):
            continue
    return citizens


def _patients(file: FhirFile) -> Iterator[Element]:
    if not _names_a_patient(file.path):
        return
    for found in read_file(file.path, file.name, _PATIENT):
        if isinstance(found, (Foreign, Unread)):
            continue
        for one in (found, *elements(found, "entry", "resource")):
            if text(one, "resourceType") == "Patient" and element(one, "identifier"):
                yield one


def _names_a_patient(path: Path) -> bool:
    """Whether a patient stands in a file that is no message; looked for without reading what the file says."""
    patient, tail = False, b""
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            seen = tail + block  # a name may stand across two blocks
            if _MESSAGE.search(seen):
                return False
            patient = patient or _PATIENT.search(seen) is not None
            tail = block[-100:]
    return patient


_BLOCK: Final = 1 << 20
