"""The local copy of the champion: which registered version is in force, and where its bundle lies on this machine.

```
bundles/champion.json     written last, as a whole: what it names is complete
bundles/7/...             the bundle of registered version 7
```

So a list can be made without asking the registry, which takes seconds and 200 MB. Whether the copy is still current is
the caller's question: `registry_stamp` is what the registry's own file looked like when the copy was made.
"""

import os
import shutil
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

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

    def folder(self, bundles: Path) -> Path:
        """Where its bundle lies."""
        return bundles / self.version

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


def install(bundles: Path, champion: Champion, source: Path) -> None:
    """Copy a bundle from `source` into place and name it champion; a crash leaves the old one or the new one."""
    target = champion.folder(bundles)
    draft = bundles / f"draft-{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(source, draft)
    shutil.rmtree(target, ignore_errors=True)
    draft.replace(target)
    name(bundles, champion)


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
