"""Whether reasons, decisions and truths are measured as they are meant."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.events import Events
from models.features.build import build
from models.features.catalogue import CATALOGUE
from models.reasons.proving import without_evidence
from models.scoring.calibration import Platt
from models.scoring.score import Additive, RiskModel
from models.snapshot import Snapshot
from models.windows import day_number
from tests.training.findings_of_a_good_run import CARD, good
from tests.training.invented_rows import FIRST, quick_settings, rows, snapshot
from training.evaluation import decision, preventable
from training.evaluation.faithfulness import Faithfulness, faithfulness
from training.evaluation.oracle import Oracle, against_oracle
from training.matrix import data
from training.release import gate
from training.release.gate import Kind

SETTINGS = quick_settings()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return snapshot(tmp_path_factory.mktemp("town"), people=120)


def _model(**weights: float) -> RiskModel:
    """A model that adds so much for a standard deviation of each named feature."""
    width = len(CATALOGUE.names)
    one, nothing = np.ones(width), np.zeros(width)
    coefficient = nothing.copy()
    for name, weight in weights.items():
        coefficient[CATALOGUE.column(name.replace("__", "."))] = weight
    return RiskModel(
        CATALOGUE.names, (), Additive(one, nothing, one, coefficient, nothing, -3.0, 20.0), 0.0, Platt(1.0, 0.0)
    )


class TestFaithfulness:
    def test_a_model_that_counts_signs_is_faithful(self, town: Snapshot):
        everyone = data.rows(town, data.span(town, None), SETTINGS.data, lambda _: None)
        test = everyone.on(np.unique(everyone.as_of)[-3:].tolist())
        model = _model(dyspnoea__count__30d=0.8, dyspnoea__count__90d=0.2)
        found = faithfulness(town, model, test, model.log_odds(test.values), most=30)
        assert found.reasoned > 5
        assert found.lowered == found.reasoned
        assert found.passed_over == 0
        assert found.drop > 0.1
        assert found.by_group == {"breathing": (found.reasoned, found.reasoned)}

    def test_a_model_that_gives_it_back_elsewhere_is_not(self, town: Snapshot):
        """Breathlessness of the oldest counts, but any concern counts against: without it they score higher."""
        everyone = data.rows(town, data.span(town, None), SETTINGS.data, lambda _: None)
        test = everyone.on(np.unique(everyone.as_of)[-3:].tolist())
        model = _model(birth__since__ever=300.0, dyspnoea__count__30d=0.8, concerns__count__30d=-1.5)
        found = faithfulness(town, model, test, model.log_odds(test.values), most=30)
        assert found.listed > 10
        assert found.by_group == {"breathing": (found.reasoned, 0)}
        assert found.passed_over == found.reasoned > 2
        assert found.lowered == found.share == 0

    def test_what_is_taken_out_is_what_the_row_loses(self, town: Snapshot):
        day = np.array([day_number(date(2024, 10, 7))], np.int32)
        events = town.read(3)
        own = events.where(events.citizen == 3)
        left = without_evidence(own, ["dyspnoea"], CATALOGUE)
        assert 0 < len(left) < len(own)
        before, after = (build(each, np.array([3], np.int32), day, CATALOGUE)[0] for each in (own, left))
        assert after[CATALOGUE.column("dyspnoea.count.90d")] == 0.0 < before[CATALOGUE.column("dyspnoea.count.90d")]
        same = [CATALOGUE.column(name) for name in ("minutes.sum.7d", "admission.count.365d", "birth.since.ever")]
        np.testing.assert_array_equal(before[same], after[same])
        assert len(without_evidence(Events.of([]), ["dyspnoea"], CATALOGUE)) == 0

    @pytest.mark.parametrize(
        ("found", "kind"),
        [
            (None, Kind.UNTOLD),
            (Faithfulness(20, 20, 20, 0.1, {}), Kind.UNTOLD),
            (Faithfulness(100, 100, 86, 0.1, {}), Kind.UNTOLD),
            (Faithfulness(200, 200, 120, 0.1, {}), Kind.UNTOLD),
            (Faithfulness(200, 200, 80, 0.1, {}), Kind.REFUSED),
            (Faithfulness(0, 0, 0, float("nan"), {}), Kind.UNTOLD),
        ],
    )
    def test_the_gate_asks_for_faithful_reasons(self, found: Faithfulness | None, kind: Kind):
        against = gate.objections(replace(good(), faithfulness=found), CARD, "f", "f")
        assert [objection.kind for objection in against] == [kind]


class TestDecision:
    @given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(1, 3)), min_size=1, max_size=20))
    def test_net_benefit_is_its_definition(self, drawn: list[tuple[bool, bool, int]]):
        chosen, outcome, weight = (np.array(column, dtype=np.float64) for column in zip(*drawn, strict=True))
        true = sum(w for c, o, w in drawn if c and o)
        false = sum(w for c, o, w in drawn if c and not o)
        expected = (true - false * 0.1 / 0.9) / sum(w for _, _, w in drawn)
        several = np.repeat(np.arange(chosen.size), weight.astype(np.int64))
        day, key = np.zeros(several.size, np.int32), np.arange(several.size, dtype=np.int32)
        some = replace(rows(people=1, weeks=1), citizen=key, as_of=day, outcome=outcome[several].astype(np.int8))
        curve = decision.decision_curve(np.where(chosen[several] == 1.0, 9.0, -9.0), some, 2, 1)
        assert next(at for at in curve if at.threshold == 0.10).model.value == pytest.approx(expected)

    def test_a_good_score_does_more_good_than_looking_at_everyone(self):
        some = rows(people=400, weeks=6)
        log_odds = some.values[:, 0].astype(np.float64) * 1.3 - 2.5
        curve = {at.threshold: at for at in decision.decision_curve(log_odds, some, 30, 1)}
        assert curve[0.10].gain.low > 0.0
        assert curve[0.30].everyone.value < 0.0 < curve[0.30].model.value


class TestTruth:
    def _oracle(self, people: int = 60, weeks: int = 4) -> Oracle:
        some = rows(people=people, weeks=weeks)
        risk = 1.0 / (1.0 + np.exp(2.5 - 1.5 * some.values[:, 0].astype(np.float64)))
        return Oracle(some.citizen, some.as_of, risk)

    def test_each_row_finds_its_own_risk(self):
        some, oracle = rows(people=60, weeks=6), self._oracle()
        risk = oracle.risks(some)
        known = some.as_of < FIRST + 28
        np.testing.assert_array_equal(~np.isnan(risk), known)
        np.testing.assert_array_equal(risk[known], oracle.risk)
        nobody = Oracle(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))
        assert np.isnan(nobody.risks(some)).all()

    def test_who_ranks_as_the_truth_does_captures_all_of_it(self):
        some, oracle = rows(people=60, weeks=4), self._oracle()
        found = against_oracle(oracle, oracle.risk, some, SETTINGS.evaluation, 1)
        assert found is not None
        assert found.captures["top_5_percent"].value == pytest.approx(1.0)
        assert found.auroc == found.best_auroc
        later = replace(some, as_of=some.as_of + 700)
        assert against_oracle(oracle, oracle.risk, later, SETTINGS.evaluation, 1) is None

    def test_training_itself_knows_no_store(self):
        listed = "import sys, training.cli, training.commands.truth; print('sqlalchemy' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "False"


class TestDiagnoses:
    def test_only_a_diagnosis_written_after_the_date_makes_it_preventable(self):
        some = rows(people=4, weeks=1)
        some = replace(some, outcome=np.ones(4, np.int8))
        day = int(some.as_of[0])
        wanted = {0: (day + 10, "condition:diag:DE869"), 1: (day - 1, "condition:diag:DJ15")}
        wanted[2] = (day + 3, "condition:I7")
        found = preventable.preventable_rows(_Standing(wanted), some, day + 100)
        assert found.tolist() == [True, False, False, False]
        assert not preventable.preventable_rows(_Standing(wanted), some, day + 5).any()
        none = preventable.preventable(_Standing({}), np.zeros(4), some, day + 100, SETTINGS.evaluation, 1)
        assert none is None
        one = preventable.preventable(_Standing(wanted), np.arange(4.0)[::-1], some, day + 100, SETTINGS.evaluation, 1)
        assert one is not None
        assert one.recall["top_10"].value == 1.0


class _Standing(Snapshot):
    """A snapshot of standing facts made up on the spot: a day and a code by citizen, known on that day."""

    __slots__ = ("_facts",)

    def __init__(self, facts: dict[int, tuple[int, str]]) -> None:
        from models.snapshot import Manifest

        super().__init__(Path("nowhere"), Manifest())
        object.__setattr__(self, "_facts", facts)

    def standing(self, bucket: int, codes: Sequence[str] | None = None) -> Events:
        mine = [(who, *fact) for who, fact in sorted(self._facts.items()) if who % self.manifest.buckets == bucket]
        day = np.array([day for _, day, _ in mine], np.int32)
        every = Events(
            citizen=np.array([who for who, _, _ in mine], np.int32),
            occurred_at=day.astype(np.int64) * 86_400_000_000,
            day=day,
            known_day=day,
            superseded_day=np.full(len(mine), 2**30, np.int32),
            code=np.arange(len(mine), dtype=np.int32),
            value=np.full(len(mine), np.nan, np.float32),
            codes=tuple(code for _, _, code in mine),
        )
        return every if codes is None else every.with_codes(codes)
