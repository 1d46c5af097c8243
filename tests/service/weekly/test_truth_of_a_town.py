"""The truth of a tiny town finds its citizens, and nobody's name goes with it."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.cohort import Status
from models.engines.local import matrix
from models.errors import FileRefused
from models.windows import day_number
from service.citizens import pseudonyms
from service.storage.database import Database
from tests.service.tiny_town import SECOND, TinyTown
from training import settings
from training.commands.truth import oracle_of
from training.evaluation import acts
from training.matrix import data


def test_a_towns_truth_is_exchanged_for_keys_and_read(
    tiny_town: TinyTown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OMHU_HOME", str(tiny_town.folder))
    oracle = oracle_of(tiny_town.folder / "town" / "truth.parquet")
    assert oracle is not None
    ranked = matrix(tiny_town.snapshot, [day_number(SECOND)])
    ranked = ranked.rows(ranked.status == Status.RANKED)
    mine = oracle.as_of == day_number(SECOND)
    assert np.isin(ranked.citizen, oracle.citizen[mine]).mean() > 0.95
    assert oracle_of(None) is None
    wrong = tmp_path / "wrong.parquet"
    pq.write_table(pa.table({"citizen": pa.array([1])}), wrong)
    with pytest.raises(FileRefused, match="required column missing: as_of, true_risk"):
        oracle_of(wrong)


def test_names_do_not_travel_with_keys(tiny_town: TinyTown, tmp_path: Path):
    with Database.open(tiny_town.home.database_url) as database:
        with pytest.raises(FileRefused, match="holds names"):
            pseudonyms.exchange(database, tiny_town.drop / "citizens.parquet", tmp_path / "out.parquet")
        table = pa.table({"citizen_id": ["nobody"], "as_of": [SECOND]})
        pq.write_table(table, tmp_path / "one.parquet")
        assert pseudonyms.exchange(database, tmp_path / "one.parquet", tmp_path / "out.parquet") == (0, 1)
        assert "citizen_id" not in pq.read_schema(tmp_path / "out.parquet").names
        (tmp_path / "text.parquet").write_text("no parquet")
        with pytest.raises(FileRefused, match="cannot be read as Parquet"):
            pseudonyms.exchange(database, tmp_path / "text.parquet", tmp_path / "out.parquet")


def test_the_act_is_told_by_what_is_granted_on_the_day(tiny_town: TinyTown):
    snapshot = tiny_town.snapshot
    covered = data.span(snapshot, None)
    everyone = data.rows(snapshot, covered, settings.read().data, lambda _: None)
    last = everyone.on([int(everyone.as_of.max())])
    told = acts.acts(snapshot, last)
    # Nearly everyone has a grant, and an invented town grants nursing with the help.
    assert (told == acts.NAMES.index("SUL and SEL or ÆL")).mean() > 0.5
    assert (told == 0).mean() < 0.2
