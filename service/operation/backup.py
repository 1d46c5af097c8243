"""A copy of an installation for safekeeping, taken while it runs, and put back into a fresh one.

```
copy/manifest.json      written last: without it the copy is not complete; names each file with its digest
copy/tables/*.parquet   every table of the store, all of one moment
copy/files/...          the champion in force, the mapping file, the states of alarms
```

The snapshot is not in it: `omhu snapshot` makes the same one again. Nor is MLflow, which is kept safe where it runs. A
copy goes into SQLite or PostgreSQL, whichever it came from. It holds everything on everyone: guard it like the store.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from models.errors import FileRefused, RequestWrong
from models.home import Home
from service.storage import copying
from service.storage.database import Database, revision_of

Progress = Callable[[str], None]
"""Told of the table under way."""

_FORMAT: Final = 1
_FILES: Final = ("bundles", "mapping.toml", "drift.json")
"""What an installation keeps below its home beside the store and cannot make again."""


class Manifest(BaseModel):
    """What a copy holds: the schema it was taken at, rows by table, the digest of each file, and whose all of it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: int = _FORMAT
    revision: str
    taken_at: datetime
    rows: Mapping[str, int]
    digests: Mapping[str, str]
    municipality: str = ""


def back_up(database: Database, home: Home, out: Path, now: datetime, progress: Progress) -> Manifest:
    """Take a copy into a new folder. Raises `RequestWrong` when the folder is there already."""
    draft = out.with_name(f".{out.name}.draft")
    if out.exists() or draft.exists():
        raise RequestWrong(f"{out} is there already.", "Name a new folder, and remove what a broken-off copy left.")
    draft.mkdir(parents=True, mode=0o700)
    try:
        manifest = _write(database, home, draft, now, progress)
        draft.replace(out)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return manifest


def _write(database: Database, home: Home, draft: Path, now: datetime, progress: Progress) -> Manifest:
    (draft / "tables").mkdir()
    rows: dict[str, int] = {}
    with database.read() as session:
        revision = revision_of(session)
        for name, count in copying.write_out(session, draft / "tables"):
            rows[name] = count
            progress(name)
    _copy_files(home.folder, draft / "files")
    manifest = Manifest(
        revision=revision or "",
        taken_at=now,
        rows=rows,
        digests=dict(_digests(draft)),
        municipality=home.municipality,
    )
    (draft / "manifest.json").write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
    return manifest


def verify(copy: Path) -> Manifest:
    """The manifest of a copy whose every file is as it was written. Raises `FileRefused` naming what is not."""
    try:
        manifest = Manifest.model_validate_json((copy / "manifest.json").read_bytes())
    except (OSError, ValidationError):
        raise FileRefused(copy.name, "is no complete copy: its manifest is missing or damaged.") from None
    found = dict(_digests(copy))
    wrong = sorted(name for name in manifest.digests.keys() | found if manifest.digests.get(name) != found.get(name))
    if wrong:
        raise FileRefused(copy.name, f"is damaged: {', '.join(wrong)}.", "Take another copy.")
    if manifest.format != _FORMAT:
        raise FileRefused(copy.name, f"has format {manifest.format}, this version reads format {_FORMAT}.")
    return manifest


def restore(database: Database, home: Home, copy: Path, progress: Progress) -> Manifest:
    """Put a copy back into an installation that has nothing yet, and bring its schema to this version's.

    Raises `FileRefused` for a damaged copy, `RequestWrong` when there is a store or a champion already, and for a copy
    of another municipality.
    """
    manifest = verify(copy)
    if manifest.municipality not in {"", home.municipality}:
        mine = f"This is {home.municipality}" if home.municipality else "This installation has no name"
        raise RequestWrong(f"{mine}, and the copy is of {manifest.municipality}.", "Name that one: --municipality.")
    if not copying.is_bare(database):
        raise RequestWrong("The store is not empty.", "Point OMHU_DATABASE_URL to a new one: nothing is overwritten.")
    there = [name for name in _FILES if (home.folder / name).exists()]
    if there:
        raise RequestWrong(f"The home has {', '.join(there)} already.", "Set OMHU_HOME to a new folder.")
    database.migrate(manifest.revision)
    with database.write() as session:
        for name, _ in copying.read_in(session, copy / "tables"):
            progress(name)
    database.migrate()
    _copy_files(copy / "files", home.folder)
    return manifest


def _copy_files(source: Path, target: Path) -> None:
    for name in _FILES:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name)
        elif (source / name).is_file():
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name)


def _digests(copy: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(copy.rglob("*")):
        if file.is_file() and file != copy / "manifest.json":
            with file.open("rb") as opened:
                yield file.relative_to(copy).as_posix(), hashlib.file_digest(opened, "sha256").hexdigest()
