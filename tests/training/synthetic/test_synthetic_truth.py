"""The true risk is true: calibrated, as good as an oracle can be here, at the rate that was asked for."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from tests.training.synthetic.written import Written
from training.synthetic.calibrate import calibrated_hazard
from training.synthetic.course import UNHERALDED, Course, simulate_course
from training.synthetic.hazard import Hazard
from training.synthetic.population import Population, draw_population
from training.synthetic.town import Town, danish_town
from training.synthetic.truth import HORIZON_DAYS, Truth, as_of_dates, true_risks


@pytest.fixture(scope="module")
def latent() -> tuple[Town, Population, Course, Hazard, Truth]:
    """A town large enough for its chance to be small; none of it is written down."""
    town = danish_town(citizens=8000, weeks=82, seed=11)
    hazard = calibrated_hazard(town)
    people = draw_population(town)
    course = simulate_course(town, people, hazard)
    return town, people, course, hazard, true_risks(town, people, course, hazard)


def _told(truth: Truth) -> tuple[np.ndarray, np.ndarray]:
    rows = truth.at_risk & truth.known
    return truth.true_risk[rows], truth.admitted[rows]


def test_mean_risk_is_what_then_happened(latent: tuple[Town, Population, Course, Hazard, Truth]):
    risk, admitted = _told(latent[-1])
    # Admissions of a citizen on overlapping horizons are one admission: the spread is wider than binomial.
    spread = 2 * np.sqrt((risk * (1 - risk)).sum()) / len(risk)
    assert abs(risk.mean() - admitted.mean()) < 3 * spread


def test_risk_is_true_at_every_height(latent: tuple[Town, Population, Course, Hazard, Truth]):
    risk, admitted = _told(latent[-1])
    for rows in np.array_split(np.argsort(risk), 5):
        spread = 2 * np.sqrt((risk[rows] * (1 - risk[rows])).sum()) / len(rows)
        assert abs(risk[rows].mean() - admitted[rows].mean()) < 3 * spread


def test_the_town_has_the_rate_it_was_asked_for(latent: tuple[Town, Population, Course, Hazard, Truth]):
    risk, _ = _told(latent[-1])
    assert risk.mean() == pytest.approx(latent[0].rates.acute_per_30_days, rel=0.12)


def test_two_admissions_in_five_come_unheralded(latent: tuple[Town, Population, Course, Hazard, Truth]):
    town, _, course, *_ = latent
    causes = course.stays.cause[course.stays.acute]
    assert (causes == UNHERALDED).mean() == pytest.approx(town.rates.unheralded_share, abs=0.04)


def test_even_the_oracle_is_often_wrong(latent: tuple[Town, Population, Course, Hazard, Truth]):
    risk, admitted = _told(latent[-1])
    assert 0.76 < roc_auc_score(admitted, risk) < 0.82


def test_one_in_five_is_readmitted_within_thirty_days(latent: tuple[Town, Population, Course, Hazard, Truth]):
    stays = latent[2].stays
    acute = pd.DataFrame({"citizen": stays.citizen, "start": stays.start, "end": stays.end, "died": stays.died})[
        stays.acute
    ].sort_values(["citizen", "start"])
    gap = acute.groupby("citizen").start.shift(-1) - acute.end
    assert 0.15 < (gap[~acute.died] <= 30).mean() < 0.27


def test_the_newest_lists_have_no_outcome_yet(written: Written):
    truth = written.table("truth")
    open_yet = pd.to_datetime(truth.as_of) + pd.Timedelta(days=HORIZON_DAYS) > pd.Timestamp(written.town.end)
    assert truth[open_yet].admitted.isna().all()
    assert truth[~open_yet].admitted.notna().all()
    assert truth.as_of.max() == written.town.end


def test_risk_is_told_of_those_at_risk_only(written: Written):
    truth = written.table("truth")
    assert truth[truth.at_risk].true_risk.between(0, 1, inclusive="neither").all()
    assert truth[~truth.at_risk].true_risk.isna().all()


def test_what_truth_calls_an_admission_the_hospital_has_told(written: Written):
    truth, told = written.table("truth"), written.table("hospital_notifications")
    yes = truth[truth.admitted.fillna(False).astype(bool)]
    arrivals = told[told.activity == "admit-inpatient"]
    pairs = yes.merge(arrivals, on="citizen_id")
    after = (pairs.occurred_at - pd.to_datetime(pairs.as_of)) / pd.Timedelta(days=1)
    assert len(pairs[(after >= 0) & (after < HORIZON_DAYS + 1)][["citizen_id", "as_of"]].drop_duplicates()) == len(yes)


def test_lists_are_dated_on_mondays_four_weeks_apart_at_most():
    dates = as_of_dates(danish_town(weeks=104))
    assert {day.weekday() for day in dates} == {0}
    gaps = [(later - earlier).days for earlier, later in pairwise(dates)]
    assert max(gaps) <= 28
    assert (dates[0] - danish_town(weeks=104).first_day).days <= 30 * 7
