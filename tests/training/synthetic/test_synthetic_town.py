"""A town is settings and a seed: the same give the same bytes, others another town."""

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from models.errors import RequestWrong
from training.synthetic.measured import tobs
from training.synthetic.recording import existing
from training.synthetic.shortening import Shortening
from training.synthetic.town import Town, danish_town, varied_town, wordy_town
from training.synthetic.wording import wording_of
from training.synthetic.write import synthesise


def _digests(town: Town, folder: Path) -> dict[str, str]:
    synthesise(town, folder)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*.parquet"))}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path):
    town = danish_town(citizens=40, weeks=10, seed=5)
    first = _digests(town, tmp_path / "first")
    assert first == _digests(town, tmp_path / "again")
    other = _digests(replace(town, seed=6), tmp_path / "other")
    assert all(first[name] != other[name] for name in first if name != "monitoring_plans.parquet")


def test_a_town_of_one_citizen_can_be_made(tmp_path: Path):
    assert len(_digests(danish_town(citizens=1, weeks=3, seed=2), tmp_path)) == 9


def test_varied_towns_differ_in_rates_and_words():
    one, other = varied_town(100, 60, 1), varied_town(100, 60, 2)
    assert one.rates != other.rates
    assert one.documentation != other.documentation
    assert one.prodromes != other.prodromes
    words, others = set(wording_of(one).sentences), set(wording_of(other).sentences)
    assert len(words & others) < 0.8 * min(len(words), len(others))


def test_a_varied_town_is_the_same_for_the_same_seed():
    assert varied_town(100, 60, 9) == varied_town(100, 60, 9)


@pytest.mark.parametrize("seed", range(1, 30))
def test_every_varied_town_is_one_that_can_be(seed: int):
    town = varied_town(50, 30, seed)
    assert 0.02 < town.rates.acute_per_30_days < 0.07


@pytest.mark.parametrize("seed", range(1, 8))
def test_a_wordy_town_writes_much_and_ticks_little(seed: int):
    habit, usual = wordy_town(50, 30, seed).documentation, varied_town(50, 30, seed).documentation
    assert habit.notes_per_day >= 0.25
    assert habit.signs_per_day <= 0.012
    assert habit.own_words_share > usual.own_words_share == 0.0


def test_a_wordy_town_shortens_words_as_no_other_does():
    one, other = (set(wording_of(wordy_town(100, 60, seed)).sentences) for seed in (1, 2))
    assert len(one & other) < 0.3 * min(len(one), len(other))


def test_a_word_is_shortened_alike_wherever_it_stands():
    short = Shortening(seed=3, share=1.0)
    first, again = short.apply("hoster meget"), short.apply("Borgeren hoster")
    assert first.split()[0] == again.split()[1]
    assert len(first) < len("hoster meget")


def test_a_town_without_words_of_its_own_shortens_nothing():
    assert Shortening(seed=3, share=0.0).apply("Hoster Meget") == "Hoster Meget"


def test_the_last_week_ends_where_it_was_asked_to():
    town = danish_town(weeks=10, end=date(2025, 3, 31))
    assert town.first_day == date(2025, 1, 20)


def test_a_town_that_cannot_be_is_refused_with_the_setting_named():
    with pytest.raises(RequestWrong, match="citizens"):
        danish_town(citizens=0)


def test_a_moment_in_the_skipped_hour_is_moved_and_others_stay():
    skipped, before, after = (
        np.array([np.datetime64(moment, "s").astype(np.int64)])
        for moment in ("2025-03-30T02:30:00", "2025-03-30T01:59:59", "2025-03-30T03:00:00")
    )
    assert existing(skipped)[0] == skipped[0] + 3600
    assert existing(before)[0] == before[0]
    assert existing(after)[0] == after[0]


@pytest.mark.parametrize(
    ("pulse", "consciousness", "respiration", "temperature", "systolic", "points"),
    [
        (75, 0, 16, 36.8, 130, 0),
        (95, 0, 16, 36.8, 130, 1),
        (115, 1, 22, 38.4, 95, 7),
        (135, 3, 26, 40.2, 65, 15),
        (45, 0, 10, 35.0, 205, 6),
    ],
)
def test_tobs_is_scored_by_its_table(
    pulse: float, consciousness: float, respiration: float, temperature: float, systolic: float, points: int
):
    values = (np.array([value], float) for value in (pulse, consciousness, respiration, temperature, systolic))
    assert tobs(*values)[0] == points
