"""From a training to a registered version: the bundle and report written, the run logged.

The files are made in a folder that goes away; what stays is in MLflow.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import JsonValue

from models.features.catalogue import CATALOGUE
from models.home import Home
from models.scoring import bundle
from models.scoring.bundle import Manifest
from models.scoring.score import RiskModel
from training import tracking
from training.evaluation.evaluate import Evaluation
from training.evaluation.findings import FILE, Findings
from training.evaluation.resampling import Interval
from training.pipeline import Trained
from training.release import served
from training.release.gate import Objection, objections
from training.report import plots, report
from training.report.card import card
from training.tracking import Registered, Run

PAGE = "report.html"


def publish(home: Home, trained: Trained, until: date | None) -> tuple[Registered, tuple[Objection, ...]]:
    """Log the run and register its model; gives the version and what the gate would say."""
    findings = trained.findings
    text = card(trained.manifest, findings, trained.model.calibration)
    against = objections(findings, text, trained.manifest.fingerprint, CATALOGUE.fingerprint)
    with TemporaryDirectory() as folder:
        bundle_folder, report_folder = Path(folder) / "bundle", Path(folder) / "report"
        manifest = bundle.write(bundle_folder, trained.manifest, trained.model, trained.reference, text)
        _write_report(report_folder, trained, against)
        served.write(Path(folder) / "served", bundle_folder)
        run = Run(
            name=f"training until {manifest.known_before}",
            parameters=_parameters(manifest, until),
            metrics=_metrics(findings),
            tags=_tags(manifest, findings),
            dataset=dataset(manifest.snapshot, manifest.rows, manifest.admissions),
            folders={
                tracking.BUNDLE: bundle_folder,
                tracking.REPORT: report_folder,
                tracking.SERVED: Path(folder) / "served",
            },
        )
        return tracking.log(home, run), against


def dataset(snapshot: str, rows: int, admissions: int) -> dict[str, str]:
    """What a run learnt from, as MLflow keeps it: the snapshot's hash and the matrix's columns, and nobody's row."""
    return {
        "name": "snapshot",
        "digest": snapshot[:36],
        "source_type": "omhu-snapshot",
        "source": json.dumps({"snapshot": snapshot, "fingerprint": CATALOGUE.fingerprint}),
        "schema": tracking.columns(CATALOGUE.names),
        "profile": json.dumps({"num_rows": rows, "num_admissions": admissions, "num_features": len(CATALOGUE.names)}),
    }


def current_champion(home: Home) -> tuple[Manifest, RiskModel] | None:
    """The champion in force, to compare with. Raises `BundleRefused` when this code cannot use it."""
    found = tracking.champion(home)
    if found is None:
        return None
    with tracking.artifacts(home, found.run_id) as folder:
        return bundle.read_manifest(folder / tracking.BUNDLE), bundle.load(folder / tracking.BUNDLE)


def _write_report(folder: Path, trained: Trained, against: Sequence[Objection]) -> None:
    pictures = plots.draw(folder, trained.log_odds, trained.outcome)
    (folder / FILE).write_text(trained.findings.text(), encoding="utf-8")
    (folder / PAGE).write_text(report.page(trained.findings, against, pictures), encoding="utf-8")


def settings_of(configuration: Mapping[str, JsonValue]) -> dict[str, str]:
    """A configuration's settings as MLflow keeps parameters: `section.name`, as text."""
    return {
        f"{section}.{key}": str(value)
        for section, values in configuration.items()
        if isinstance(values, dict)
        for key, value in values.items()
    }


def _parameters(manifest: Manifest, until: date | None) -> dict[str, str]:
    return settings_of(manifest.configuration) | {
        "seed": str(manifest.seed),
        "until": until.isoformat() if until else "",
        "snapshot": manifest.snapshot,
        "fingerprint": manifest.fingerprint,
        "features": str(len(manifest.features)),
        "rows": str(manifest.rows),
        "admissions": str(manifest.admissions),
        "code": manifest.code or "",
    }


def metrics_of(evaluation: Evaluation) -> dict[str, float]:
    """The figures of an evaluation under the names they have in MLflow, with the ends of their intervals."""
    found = with_ends(evaluation.figures)
    for at in evaluation.capacities:
        key = at.capacity.key
        found |= with_ends({f"{key}.precision": at.precision, f"{key}.recall": at.recall, f"{key}.lift": at.lift})
    for rival in evaluation.comparisons:
        found |= {
            f"baseline.{rival.name}.recall": rival.recall.value,
            f"baseline.{rival.name}.auroc": rival.auroc.value,
        }
        found[f"baseline.{rival.name}.gain"] = rival.recall_gain.value
    return found


def _metrics(findings: Findings) -> dict[str, float]:
    second = findings.second
    other = {f"{second.policy.replace('@', '_')}.{name}": figure.value for name, figure in second.figures.items()}
    return {**findings.recipe, **metrics_of(findings.evaluation), **other, **_trust(findings), **_truth(findings)}


def _trust(findings: Findings) -> dict[str, float]:
    """Whether decisions and reasons hold."""
    found = {f"net_benefit_gain.at_{at.threshold:g}": at.gain.value for at in findings.decision}
    if findings.faithfulness:
        found |= {"faithfulness": findings.faithfulness.share, "faithfulness.drop": findings.faithfulness.drop}
    if findings.preventable:
        found |= with_ends({f"preventable.{key}.recall": each for key, each in findings.preventable.recall.items()})
    return found


def _truth(findings: Findings) -> dict[str, float]:
    """What only an invented municipality can tell."""
    if findings.oracle is None:
        return {}
    captures = {f"capture.{key}": each for key, each in findings.oracle.captures.items()}
    return with_ends(captures | {"oracle.auroc": findings.oracle.best_auroc})


def with_ends(figures: Mapping[str, Interval]) -> dict[str, float]:
    """Figures, and the ends of their intervals beside them."""
    return {
        f"{name}{end}": value
        for name, figure in figures.items()
        for end, value in (("", figure.value), (".low", figure.low), (".high", figure.high))
    }


def _tags(manifest: Manifest, findings: Findings) -> dict[str, str]:
    return {
        "label_policy": manifest.label_policy,
        "snapshot": manifest.snapshot,
        "fingerprint": manifest.fingerprint,
        "known_before": manifest.known_before.isoformat(),
        "invented": str(manifest.invented).lower(),
        "auroc": f"{findings.evaluation.figures['auroc'].value:.4f}",
    }
