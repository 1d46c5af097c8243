"""A training from snapshot to findings and final model, as a table of contents.

    learn from the past -> settle on a later slice -> measure on a still later one -> fit again on everything

The measured model and the final one learn the same way; the final one has more to learn from, and is calibrated by its
parts that had not seen a citizen instead of on weeks none of it had seen. Nothing here is logged or registered, and no
clock is read: the same snapshot, settings and code give the same model.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from models.engines.local import acted_on
from models.errors import BundleRefused
from models.features.catalogue import CATALOGUE
from models.scoring.bundle import Manifest
from models.scoring.score import RiskModel
from models.snapshot import Snapshot
from models.truth.label import POLICIES
from models.windows import day_number, day_of
from training.evaluation import acts, baselines, honesty, subgroups
from training.evaluation.decision import decision_curve
from training.evaluation.evaluate import Comparison, Evaluation, evaluate
from training.evaluation.faithfulness import faithfulness
from training.evaluation.findings import Check, Dates, Findings
from training.evaluation.importance import weights
from training.evaluation.oracle import Oracle, against_oracle
from training.evaluation.preventable import preventable
from training.fitting.calibrate import calibrate, undone
from training.fitting.fit import Recipe, choose, fit
from training.matrix import data, use
from training.matrix.rows import Rows
from training.matrix.splits import Slices, slices
from training.release import bundling
from training.settings import Settings
from training.stages import Stage

Rival = Callable[[], tuple[Manifest, RiskModel] | None]
"""The champion in force, when it is wanted; may raise `BundleRefused`."""


@dataclass(frozen=True, slots=True)
class Trained:
    """The final model and all that was found out. `log_odds` and `outcome` are of the test rows, shape (n,) each."""

    model: RiskModel
    manifest: Manifest
    reference: NDArray[np.float32]
    findings: Findings
    log_odds: NDArray[np.float64]
    outcome: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class _Given:
    """What a training is given, once, for whoever needs it. Nothing known on the day `known_before` is used."""

    snapshot: Snapshot
    settings: Settings
    stage: Stage
    rival: Rival
    oracle: Oracle | None
    known_before: int


def train(
    snapshot: Snapshot,
    settings: Settings,
    until: date | None,
    rival: Rival,
    stage: Stage,
    oracle: Oracle | None = None,
) -> Trained:
    """Train on everything known before `until` (or all of the snapshot); `oracle` only measures, nothing learns of it.

    Raises `DataWrong` where there is too little to train on at all, `RequestWrong` for a date before the data.
    """
    covered = data.span(snapshot, until)
    given = _Given(snapshot, settings, stage, rival, oracle, covered.known_before)
    everyone = use.everyone(snapshot, covered, settings, stage)
    parts = slices(np.unique(everyone.as_of).tolist(), settings.split)
    measured = _measure(given, everyone, parts)
    (rows,) = use.with_features(snapshot, (use.to_learn(everyone, settings),), stage)
    model = _final(rows, parts, measured.recipe, settings, stage)
    return Trained(
        model,
        bundling.manifest(snapshot, everyone, model, settings, covered.known_before).model_copy(
            update={"invented": measured.findings.invented}
        ),
        bundling.reference_rows(rows, settings.seed),
        measured.findings,
        measured.log_odds,
        measured.outcome,
    )


@dataclass(frozen=True, slots=True)
class _Measured:
    """What came of fitting on the past: the recipe, and all that was found out on the test rows."""

    recipe: Recipe
    findings: Findings
    log_odds: NDArray[np.float64]
    outcome: NDArray[np.int8]


def _measure(given: _Given, everyone: Rows, parts: Slices) -> _Measured:
    """Fit on the past and measure later. The features of the slices are gone again before the final model is fitted."""
    settings, stage = given.settings, given.stage
    there = [everyone.on(part) for part in (parts.train, parts.calibration, parts.test)]
    learnt, later, test = use.with_features(given.snapshot, use.slices_of(there, settings), stage)
    recipe, model = choose(learnt, later, settings, stage("Fitting on the past", settings.trees.bags + 1))
    log_odds = model.calibration.log_odds(model.log_odds(test.values))
    evaluation, second = _evaluations(log_odds, learnt, test, settings, stage("Measuring", 2))
    champion, champion_words = _champion(given.rival, log_odds, test, settings)
    groups, features = weights(model, test, lambda name: CATALOGUE.feature(name).group)
    findings = Findings(
        invented=given.snapshot.manifest.invented or given.oracle is not None,
        dates=_dates(parts, given.known_before),
        recipe={"rounds": float(recipe.rounds), "penalty": recipe.penalty, "tree_weight": recipe.tree_weight},
        evaluation=evaluation,
        second=second,
        checks=_checks(given, (learnt, later, test), parts, recipe),
        parts=_parts(given.snapshot, log_odds, test, settings),
        champion=champion,
        champion_words=champion_words,
        groups=groups,
        features=features[:60],
        left_out=everyone.left_out,
        used=use.told(there, (learnt, later, test)),
    )
    return _Measured(recipe, _with_trust(given, findings, model, log_odds, test), log_odds, test.outcome)


def _with_trust(
    given: _Given, findings: Findings, model: RiskModel, log_odds: NDArray[np.float64], test: Rows
) -> Findings:
    """The findings with whether decisions and reasons hold, and what only a known truth can tell."""
    measured, seed = given.settings.evaluation, given.settings.seed
    step = given.stage("Asking whether reasons and decisions hold", 3)
    curve = decision_curve(log_odds, test, measured.resamples, seed)
    step()
    told = faithfulness(given.snapshot, model, test, log_odds)
    step()
    caught = preventable(given.snapshot, log_odds, test, given.known_before, measured, seed)
    oracle = against_oracle(given.oracle, log_odds, test, measured, seed) if given.oracle else None
    acted = acted_on(given.snapshot, test.citizen, test.as_of, given.known_before)
    beside = subgroups.by_acting(log_odds, test, acted, measured.resamples, seed)
    step()
    return replace(findings, decision=curve, faithfulness=told, preventable=caught, oracle=oracle, acted_on=beside)


def _parts(
    snapshot: Snapshot, log_odds: NDArray[np.float64], test: Rows, settings: Settings
) -> tuple[subgroups.Part, ...]:
    by_act = subgroups.Division("act", acts.NAMES, acts.acts(snapshot, test))
    return subgroups.parts(log_odds, test, (by_act,), settings.evaluation.resamples, settings.seed)


def _evaluations(
    log_odds: NDArray[np.float64], learnt: Rows, test: Rows, settings: Settings, step: Callable[[], None]
) -> tuple[Evaluation, Evaluation]:
    """Under both label policies; the model learnt the first."""
    found: list[Evaluation] = []
    for policy, outcome in ((settings.data.label_policy, test.outcome), (settings.data.second_policy, test.second)):
        rows = replace(test, outcome=outcome)
        rivals = baselines.scores(learnt, rows)
        found.append(evaluate(log_odds, rows, rivals, settings.evaluation, policy, settings.seed))
        step()
    return found[0], found[1]


def _checks(given: _Given, used: tuple[Rows, Rows, Rows], parts: Slices, recipe: Recipe) -> tuple[Check, ...]:
    settings, (learnt, later, test) = given.settings, used
    step = given.stage("Looking for what flatters", 2 + 2 * settings.trees.bags)
    weeks = [rows.on([rows.as_of[at]]) for rows, at in ((learnt, 0), (later, 0), (test, -1))]
    future = honesty.future_changes_nothing(given.snapshot, weeks)
    step()
    canary = honesty.no_feature_is_the_outcome(test)
    step()
    shuffle = honesty.shuffled_outcomes_tell_nothing(learnt, test, recipe, settings, step)
    embargo = honesty.slices_apart(parts, POLICIES[settings.data.label_policy].horizon_days)
    return future, canary, shuffle, embargo


def _champion(
    rival: Rival, log_odds: NDArray[np.float64], test: Rows, settings: Settings
) -> tuple[Comparison | None, str]:
    """The champion on the test rows it cannot have learnt from, and what is to be said of it."""
    try:
        found = rival()
    except BundleRefused as error:
        return None, f"The champion in force cannot be compared: {error.message}"
    if found is None:
        return None, "There is no champion to compare with."
    manifest, model = found
    unseen = test.as_of >= day_number(manifest.unseen_from)
    if not test.outcome[unseen].any():
        return None, "The champion in force learnt from the test weeks, so it cannot be compared on them."
    rows = test.where(unseen)
    scores: Mapping[str, NDArray[np.float64]] = {"champion": model.log_odds(rows.values)}
    policy = settings.data.label_policy
    found_out = evaluate(log_odds[unseen], rows, scores, settings.evaluation, policy, settings.seed)
    comparison = found_out.comparisons[0]
    return comparison, f"The champion in force: {comparison.verdict} on {found_out.weeks} weeks neither had seen."


def _final(rows: Rows, parts: Slices, recipe: Recipe, settings: Settings, stage: Stage) -> RiskModel:
    """The model to be used: fitted as settled on all weeks, calibrated on the latest by bags that had not seen them."""
    bags = fit(rows, recipe, settings, stage("Fitting on everything", 2 * settings.trees.bags))
    latest = rows.as_of >= parts.calibration[0]
    raw = bags.unseen_log_odds(rows, recipe.tree_weight, latest)
    calibration = calibrate(raw, rows.outcome[latest], rows.citizen[latest], settings.seed)
    calibration = undone(calibration, settings.data.negatives)
    return bags.model(rows.names, recipe.tree_weight, calibration)


def _dates(parts: Slices, known_before: int) -> Dates:
    ends = [
        (day_of(part[0]).isoformat(), day_of(part[-1]).isoformat())
        for part in (parts.train, parts.calibration, parts.test)
    ]
    return Dates(ends[0], ends[1], ends[2], day_of(known_before).isoformat())
