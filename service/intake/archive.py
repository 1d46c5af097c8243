"""Files of a drop that came from outside: which names are taken, and how a zip is opened without harm.

A zip's own words about names and sizes are not believed: a name must be that of a table, and what comes out is counted
while it is written. Nothing is ever written outside the folder that is given.
"""

import re
import shutil
import stat
from pathlib import Path, PurePosixPath
from typing import Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from models.errors import RequestWrong

ARCHIVE: Final = "drop.zip"
"""The name a drop that was sent in as one zip lies under."""
MOST_FILES: Final = 64
MOST_FHIR_FILES: Final = 20_000
"""A message is a file of its own: a week of a large municipality's."""
MOST_BYTES: Final = 20 * 1024**3
"""Unpacked: more than ten years of a large municipality."""
MOST_RATIO: Final = 200
"""Text packs to a tenth, Parquet hardly at all; bombs begin at a thousand."""

_NAME = re.compile(r"[a-z][a-z_]{0,40}\.(parquet|csv|csv\.gz|toml)")
_FHIR = re.compile(r"\w[\w ,()@+.-]{0,180}\.(json|xml|ndjson|jsonl)", re.IGNORECASE)
_BLOCK = 1024 * 1024


def accepted_name(name: str) -> str:
    """The file's own name, if it can be part of a drop; raises `RequestWrong`. Folders before it are refused."""
    if not (_NAME.fullmatch(name) or is_fhir_name(name)):
        raise RequestWrong(
            "A file's name is not one of a drop.",
            "Name files after their table (visits.parquet, notes.csv, notes.csv.gz), FHIR .json, .xml or .ndjson.",
        )
    return name


def is_fhir_name(name: str) -> bool:
    """Whether a name is one that FHIR may come under: any plain one that ends so."""
    return _FHIR.fullmatch(name) is not None


def too_many(tables: int, fhir: int) -> bool:
    """Whether these are more files than are taken at once."""
    return tables > MOST_FILES or fhir > MOST_FHIR_FILES


def check_archive(file: Path) -> None:
    """Raise `RequestWrong` unless the zip can be read and holds only what `unpack` would take."""
    try:
        with ZipFile(file) as archive:
            _accepted_members(archive)
    except BadZipFile:
        raise RequestWrong("The zip cannot be read.", "Pack the drop again.") from None


def unpack(file: Path, folder: Path) -> None:
    """Write a zip's files into the folder, which must exist. Raises `RequestWrong` at the first byte too many."""
    packed = file.stat().st_size
    most = min(MOST_BYTES, max(packed, _BLOCK) * MOST_RATIO)
    try:
        with ZipFile(file) as archive:
            for member in _accepted_members(archive):
                most -= _write(archive, member, folder / PurePosixPath(member.filename).name, most)
    except (BadZipFile, EOFError):
        raise RequestWrong("The zip is damaged.", "Pack the drop again.") from None


def _accepted_members(archive: ZipFile) -> list[ZipInfo]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    fhir = sum(is_fhir_name(PurePosixPath(member.filename).name) for member in members)
    if too_many(len(members) - fhir, fhir):
        raise RequestWrong(f"The zip holds more than {MOST_FILES} tables or {MOST_FHIR_FILES:,} files of FHIR.")
    names = [_accepted_member(member) for member in members]
    if not names or len(set(names)) != len(names):
        raise RequestWrong("The zip is empty, or holds two files of one name.")
    return members


def _accepted_member(member: ZipInfo) -> str:
    """A drop zipped with its folder has one folder before the names, FHIR up to three; anything but a plain file, or
    out of its place, is refused."""
    path = PurePosixPath(member.filename)
    deepest = 4 if is_fhir_name(path.name) else 2
    kind = stat.S_IFMT(member.external_attr >> 16)
    if path.is_absolute() or len(path.parts) > deepest or ".." in path.parts or kind not in {0, stat.S_IFREG}:
        raise RequestWrong("The zip holds something that is no plain file of a drop.")
    return accepted_name(path.name)


def _write(archive: ZipFile, member: ZipInfo, target: Path, most: int) -> int:
    written = 0
    with archive.open(member) as source, target.open("xb") as sink:
        while block := source.read(_BLOCK):
            written += len(block)
            if written > most:
                raise RequestWrong("The zip unpacks to more than is taken.", "Send the drop in smaller parts.")
            sink.write(block)
    return written


def discard(folder: Path) -> None:
    """Remove a received drop; one that is gone already is no error."""
    shutil.rmtree(folder, ignore_errors=True)
