"""The settings of each municipality: a folder that `OMHU_MUNICIPALITIES` names, with a file `NAME.env` for each.

A municipality is a whole environment, read as the only one of an installation is. Its file comes first; what is common
to all, such as how long things are kept, may stand in the process's own environment. Where its data is and who may log
in is never taken from there, so that what a file forgets is missing and not somebody else's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models import home
from models.errors import NotFound, SystemWrong
from models.home import Home, require_name
from service.municipalities.files import read_variables
from service.settings import Settings

FOLDER, NAMED = "OMHU_MUNICIPALITIES", "OMHU_MUNICIPALITY"
_COMMON: Final = ("OMHU_RETENTION_", "OMHU_WEBHOOK_")
"""What a municipality takes from the process's environment of all that is Omhu's: rules, and no place or right."""
_OF_MLFLOW: Final = "MLFLOW_TRACKING_"
_SUFFIX: Final = ".env"


@dataclass(frozen=True, slots=True)
class Municipality:
    """One of several: its name, the environment that is its own, and the settings in it."""

    name: str
    environment: Mapping[str, str]
    settings: Settings

    @classmethod
    def read(cls, name: str, surroundings: Mapping[str, str]) -> "Municipality":
        """The municipality of this name. Raises `NotFound`, `SystemWrong`, or pydantic's `ValidationError`."""
        own = environment(name, surroundings)
        return cls(name, own, Settings.read(own))


def names(surroundings: Mapping[str, str]) -> tuple[str, ...]:
    """The names of all, in order; none where the surroundings name no folder.

    Raises `SystemWrong` for a folder that is not there or has none, `RequestWrong` for a file's name that is no name.
    """
    if not surroundings.get(FOLDER):
        return ()
    folder = Path(surroundings[FOLDER])
    try:
        files = [file for file in sorted(folder.iterdir()) if file.suffix == _SUFFIX and not file.name.startswith(".")]
    except OSError:
        raise SystemWrong(f"The folder that {FOLDER} names cannot be read.", "Check its path and its rights.") from None
    if not files:
        raise SystemWrong(f"The folder that {FOLDER} names has no file NAME{_SUFFIX}.", "Write one for each.")
    return tuple(require_name(file.stem) for file in files)


def environment(name: str, surroundings: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of one of several, for reading its settings and for programs that work for it."""
    known = names(surroundings)
    if name not in known:
        raise NotFound(f"There is no municipality {name!r}.", f"There are: {', '.join(known)}.")
    own = read_variables(Path(surroundings[FOLDER]) / f"{name}{_SUFFIX}")
    _require_known(name, own)
    folder = Home.of({"OMHU_HOME": own.get("OMHU_HOME") or str(_base(surroundings) / name)}).folder
    common = {key: value for key, value in surroundings.items() if _is_common(key)}
    return {**common, **own, "OMHU_HOME": str(folder), NAMED: name}


def _base(surroundings: Mapping[str, str]) -> Path:
    return Home.of({"OMHU_HOME": surroundings.get("OMHU_HOME", "")}).folder


def _is_common(variable: str) -> bool:
    return not variable.startswith("OMHU_") or variable.startswith(_COMMON)


def _require_known(name: str, own: Mapping[str, str]) -> None:
    """A word nobody knows is a slip of the pen, and what was meant would be missing."""
    known = (home.VARIABLES.keys() | {variable for _, variable in Settings.variables()}) - {FOLDER, NAMED}
    known |= {f"{variable}_FILE" for variable in Settings.secrets()}
    strange = sorted(variable for variable in own.keys() - known if not variable.startswith(_OF_MLFLOW))
    if strange:
        raise SystemWrong(
            f"{name}{_SUFFIX} sets {', '.join(strange)}, which is no setting of a municipality.",
            "docs/reference/settings.md has those there are.",
        )
