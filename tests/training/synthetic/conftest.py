"""One small invented municipality, written once and looked at by many tests."""

import pytest

from tests.training.synthetic.written import Written
from training.synthetic.town import danish_town
from training.synthetic.write import synthesise


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    town = danish_town(citizens=220, weeks=56, seed=3)
    folder = tmp_path_factory.mktemp("town")
    told: list[tuple[float, str]] = []
    synthesise(town, folder, lambda share, what: told.append((share, what)))
    return Written(town, folder, tuple(told))
