"""One small invented municipality, written once and looked at by many tests."""

import json
from pathlib import Path

import pytest

from tests.made_once import made_once
from tests.training.synthetic.written import Written
from training.synthetic.town import danish_town
from training.synthetic.write import synthesise

TOWN = danish_town(citizens=220, weeks=56, seed=3)


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = made_once(tmp_path_factory, "written_town", _write)
    told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    return Written(TOWN, folder / "town", tuple((share, what) for share, what in told))


def _write(folder: Path) -> None:
    told: list[tuple[float, str]] = []
    synthesise(TOWN, folder / "town", lambda share, what: told.append((share, what)))
    (folder / "told.json").write_text(json.dumps(told), encoding="utf-8")
