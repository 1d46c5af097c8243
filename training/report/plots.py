"""The five pictures of a run: ROC, precision and recall, calibration, gain, decision curve.

Drawn to PNG, never to a screen.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from models.scoring.calibration import probability
from training.evaluation.decision import net_benefit
from training.evaluation.metrics import Order, calibration_bins

_BLUE, _GREY = "#1f5673", "#8a8a8a"
_POINTS = 2000


def draw(folder: Path, log_odds: NDArray[np.float64], outcome: NDArray[np.int8]) -> tuple[Path, ...]:
    """Write the pictures for calibrated log-odds and outcomes, shape (n,) each; the files, in reading order."""
    order = Order.of(log_odds, outcome)
    positive, negative = order.groups(np.ones(outcome.size))
    caught, others = np.r_[0.0, np.cumsum(positive)], np.r_[0.0, np.cumsum(negative)]
    pictures: dict[str, Callable[[Axes], None]] = {
        "roc": lambda axes: _roc(axes, caught, others),
        "precision_recall": lambda axes: _precision_recall(axes, caught, others),
        "calibration": lambda axes: _calibration(axes, probability(log_odds), outcome),
        "gain": lambda axes: _gain(axes, caught, others),
        "decision": lambda axes: _decision(axes, probability(log_odds), outcome),
    }
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(_save(folder / f"{name}.png", picture) for name, picture in pictures.items())


def _save(path: Path, picture: Callable[[Axes], None]) -> Path:
    figure = Figure(figsize=(4.6, 4.0), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    picture(axes)
    axes.grid(visible=True, alpha=0.25)
    # Without its date and version the picture is the same for the same run.
    figure.savefig(path, metadata={"Software": None})
    return path


def _roc(axes: Axes, caught: NDArray[np.float64], others: NDArray[np.float64]) -> None:
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle=":")
    axes.plot(*_thin(_share(others), _share(caught)), color=_BLUE)
    axes.set(title="ROC", xlabel="share of the others listed", ylabel="share of the admitted listed")


def _precision_recall(axes: Axes, caught: NDArray[np.float64], others: NDArray[np.float64]) -> None:
    listed = caught + others
    axes.axhline(caught[-1] / max(listed[-1], 1.0), color=_GREY, linestyle=":")
    axes.plot(*_thin(_share(caught)[1:], caught[1:] / np.maximum(listed[1:], 1.0)), color=_BLUE)
    axes.set(title="Precision and recall", xlabel="recall", ylabel="precision")


def _gain(axes: Axes, caught: NDArray[np.float64], others: NDArray[np.float64]) -> None:
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle=":")
    axes.plot(*_thin(_share(caught + others), _share(caught)), color=_BLUE)
    axes.set(title="Gain", xlabel="share of citizens listed", ylabel="share of the admitted listed")


def _calibration(axes: Axes, chance: NDArray[np.float64], outcome: NDArray[np.int8]) -> None:
    expected, came, _ = calibration_bins(chance, outcome)
    top = float(max(expected.max(), came.max(), 0.01)) * 1.05
    axes.plot([0, top], [0, top], color=_GREY, linestyle=":")
    axes.plot(expected, came, color=_BLUE, marker="o")
    axes.set(title="Calibration (tenths of the rows)", xlabel="probability said", ylabel="share admitted")


def _decision(axes: Axes, chance: NDArray[np.float64], outcome: NDArray[np.int8]) -> None:
    thresholds, admitted = np.linspace(0.01, 0.4, 79), outcome.astype(np.float64)
    model = [_benefit(chance >= at, admitted, at) for at in thresholds]
    everyone = [_benefit(chance >= 0.0, admitted, at) for at in thresholds]
    axes.axhline(0.0, color=_GREY, linestyle=":")
    axes.plot(thresholds, everyone, color=_GREY)
    axes.plot(thresholds, model, color=_BLUE)
    top = max(*model, 0.001)
    axes.set(title="Decision curve", xlabel="looked at from this probability", ylabel="net benefit")
    axes.set_ylim(-0.3 * top, 1.1 * top)


def _benefit(chosen: NDArray[np.bool_], admitted: NDArray[np.float64], threshold: float) -> float:
    found = admitted[chosen].sum(keepdims=True)
    return float(net_benefit(found, np.count_nonzero(chosen) - found, float(chosen.size), threshold)[0])


def _share(running: NDArray[np.float64]) -> NDArray[np.float64]:
    return running / max(float(running[-1]), 1.0)


def _thin(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    kept = np.unique(np.linspace(0, x.size - 1, min(_POINTS, x.size)).astype(np.int64))
    return x[kept], y[kept]
