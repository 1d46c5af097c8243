"""By which rules events were made: another rule, another digest; and the same one in every process."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import time

import pytest

from models import projection, snapshot_rules, thinning, vocabulary
from models.snapshot_rules import rules_hash
from models.truth import episodes


def _another_projection(patch: pytest.MonkeyPatch) -> None:
    visits = (replace(projection.RULES["visits"][0], value="planned_minutes"), *projection.RULES["visits"][1:])
    patch.setattr(projection, "RULES", {**projection.RULES, "visits": visits})


def _another_where(patch: pytest.MonkeyPatch) -> None:
    ended = replace(projection.RULES["conditions"][1], where={"status": frozenset({"inactive", "resolved"})})
    patch.setattr(projection, "RULES", {**projection.RULES, "conditions": (projection.RULES["conditions"][0], ended)})


def _more_dense(patch: pytest.MonkeyPatch) -> None:
    known = vocabulary.vocabulary()
    patch.setattr(snapshot_rules, "vocabulary", lambda: replace(known, dense=(*known.dense, "NPU*")))


def _a_longer_night(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(thinning, "NIGHT_ENDS", time(8))


def _a_longer_transfer(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(episodes, "TRANSFER", episodes.TRANSFER + 1)


def _other_code(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(snapshot_rules, "RULES_VERSION", "2")


@pytest.mark.parametrize(
    "changed", [_another_projection, _another_where, _more_dense, _a_longer_night, _a_longer_transfer, _other_code]
)
def test_another_rule_is_another_digest(
    monkeypatch: pytest.MonkeyPatch, changed: Callable[[pytest.MonkeyPatch], None]
) -> None:
    before = rules_hash(["phoned", "visited"])
    changed(monkeypatch)
    assert rules_hash(["phoned", "visited"]) != before


def test_what_counts_as_acted_is_a_rule_and_its_order_is_not() -> None:
    assert rules_hash(["phoned", "visited"]) == rules_hash(["visited", "phoned"]) != rules_hash(["phoned"])


def test_every_process_finds_the_same_digest() -> None:
    program = "from models.snapshot_rules import rules_hash; print(rules_hash(['phoned']))"
    told = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert told == {rules_hash(["phoned"])}
