"""The local copy of the champion: which registered version is in force, and where its bundle lies on this machine.

```
bundles/champion.json     written last, as a whole: what it names is complete
bundles/7/...             the bundle of registered version 7
bundles/7-again/...       version 7 too, where it was in force already when it was installed
```

So a list can be made without asking the registry, which takes seconds and 200 MB. Whether the copy is still current is
the caller's question: `registry_stamp` is what the registry's own file looked like when the copy was made.
"""

import os
import shutil
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from models.folder_lock import held
from models.scoring.bundle import Manifest, read_manifest

Gate = Literal["passed", "accepted", "returned", "unknown"]
"""The gate had no objection, somebody accepted what it could not tell, or it was gone back to."""


class Champion(BaseModel):
    """The version in force, the run it came from, and what the registry looked like when that was found out."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: str
    run_id: str
    tracking_uri: str
    registry_stamp: str
    model: str = "omhu"
    """The registered model it is a version of; copies made before it was written down were all of this one."""
    gate: Gate = "unknown"
    """How it came to be in force; unknown of copies made before it was written down."""
    place: str = ""
    """The folder its bundle lies in, where that is not named for the version alone."""

    def folder(self, bundles: Path) -> Path:
        """Where its bundle lies."""
        return bundles / (self.place or self.version)

    def manifest(self, bundles: Path) -> Manifest:
        """What its bundle is. Raises `BundleRefused` when it is damaged."""
        return read_manifest(self.folder(bundles))


def read(bundles: Path) -> Champion | None:
    """The local copy's champion, or nothing when there is no complete copy."""
    try:
        champion = Champion.model_validate_json((bundles / "champion.json").read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    return champion if (champion.folder(bundles) / "manifest.json").exists() else None


def install(bundles: Path, champion: Champion, source: Path) -> Champion:
    """Copy a bundle from `source` into place and name it champion; gives it with its place.

    A crash leaves the old one or the new one: the copy in force is not touched, not by one of the same version either.
    """
    with held(bundles):
        placed = champion.model_copy(update={"place": _free(bundles, champion.version)})
        draft, target = bundles / f"draft-{os.getpid()}", placed.folder(bundles)
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(source, draft)
        shutil.rmtree(target, ignore_errors=True)
        draft.replace(target)
        name(bundles, placed)
    return placed


def _free(bundles: Path, version: str) -> str:
    """Of the two places of a version the one the copy in force does not lie in."""
    present = read(bundles)
    return f"{version}-again" if present is not None and present.folder(bundles) == bundles / version else ""


def name(bundles: Path, champion: Champion) -> None:
    """Name the champion of a copy that already is in place."""
    draft = bundles / f"champion-{os.getpid()}.draft"
    draft.write_text(champion.model_dump_json(indent=1), encoding="utf-8")
    draft.replace(bundles / "champion.json")


def registry_stamp(tracking_uri: str) -> str:
    """What an embedded registry's file looks like now: equal stamps, nothing was written; empty for a server."""
    if not tracking_uri.startswith("sqlite:///"):
        return ""
    path = Path(tracking_uri.removeprefix("sqlite:///"))
    files = [path, path.with_name(path.name + "-wal")]
    seen = [(file.stat().st_mtime_ns, file.stat().st_size) for file in files if file.exists()]
    return ";".join(f"{changed}:{size}" for changed, size in seen)
