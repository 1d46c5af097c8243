"""Rows on which nurses acted because of a list: learnt from or left out as settings say, and told apart either way."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from models.events import SCHEMA, timestamps
from models.snapshot import Partition, Snapshot
from models.snapshot_change import SnapshotChange
from models.truth.acting import ACTED
from models.windows import NEVER, day_of, midnight
from tests.training.findings_of_a_good_run import good
from tests.training.invented_rows import FIRST, quick_settings, rows, snapshot
from training.evaluation.subgroups import by_acting
from training.matrix import data
from training.matrix.rows import Rows
from training.report.words import verdicts

SETTINGS = quick_settings().data
LEFT_OUT = SETTINGS.model_copy(update={"acted_on": "left_out"})
DAY = FIRST + 150
"""A day on which nurses act on citizens 0 to 9."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("acted")
    before = snapshot(folder, people=60)
    change = SnapshotChange(folder, before.manifest)
    for bucket in range(before.manifest.buckets):
        acted = _acted([citizen for citizen in range(10) if citizen % before.manifest.buckets == bucket])
        standing = next(file for file in before.manifest.files if not file.month and file.bucket == bucket)
        whole = pa.concat_tables([before.table(standing), acted]).unify_dictionaries()
        change.put(Partition("standing", "", bucket), whole)
    return change.commit()


def _acted(citizens: list[int]) -> pa.Table:
    at = timestamps(np.full(len(citizens), midnight(day_of(DAY)), dtype=np.int64))
    return pa.table(
        {
            "citizen": pa.array(citizens, pa.int32()),
            "occurred_at": at,
            "known_from": at,
            "superseded_at": timestamps(np.full(len(citizens), NEVER, dtype=np.int64)),
            "code": pa.array([ACTED] * len(citizens), pa.string()).dictionary_encode(),
            "value": pa.nulls(len(citizens), pa.float32()),
            "sequence": pa.array(range(len(citizens)), pa.int64()),
        },
        schema=SCHEMA,
    )


def pairs(found: Rows) -> set[tuple[int, int]]:
    return set(zip(found.citizen.tolist(), found.as_of.tolist(), strict=True))


def test_rows_are_kept_unless_the_settings_say_otherwise(town: Snapshot) -> None:
    covered = data.span(town, None)
    every = data.labelled(town, covered, SETTINGS, lambda _: None)
    alone = data.labelled(town, covered, LEFT_OUT, lambda _: None)
    gone = pairs(every) - pairs(alone)
    assert gone == {(one, day) for one, day in pairs(every) if one < 10 and day <= DAY < day + 30}
    assert len(gone) > 20
    assert alone.left_out["acted on"] == len(gone)
    assert "acted on" not in every.left_out


def test_what_was_done_after_the_last_known_day_leaves_nothing_out(town: Snapshot) -> None:
    covered = data.span(town, day_of(DAY))
    every = data.labelled(town, covered, SETTINGS, lambda _: None)
    alone = data.labelled(town, covered, LEFT_OUT, lambda _: None)
    assert pairs(every) == pairs(alone)


def test_both_sides_are_told_apart_and_said_in_words() -> None:
    some = rows(people=100, weeks=6)
    acted = some.citizen < 20
    parts = by_acting(np.zeros(len(some)), some, acted, 10, 1)
    assert [(part.name, part.rows) for part in parts] == [("acted within 30 days", 120), ("did not", 480)]
    assert by_acting(np.zeros(len(some)), some, np.zeros(len(some), dtype=np.bool_), 10, 1) == ()
    said = " ".join(verdicts(replace(good(), acted_on=parts)))
    assert "Within 30 days of 120 of 600 test rows nurses acted" in said
    assert "nurses acted" not in " ".join(verdicts(good()))
