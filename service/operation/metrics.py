"""Figures of the store and the model, worked out when somebody on call asks for them.

No figure is of a person, and no label holds an address, a name or a district.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from prometheus_client import Metric, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

from models.home import Home
from service.clock import danish_date
from service.operation.drift_found import last_found
from service.operation.model_check import GATES, champion_gate, champion_version
from service.storage import figures, lists, uploads
from service.storage.database import Database, ReadSession

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


def written(metrics: Iterable[Metric]) -> bytes:
    """Figures in Prometheus' text format."""
    return generate_latest(_Told(metrics))


def of_store(database: Database, home: Home, now: datetime) -> Iterator[Metric]:
    """The figures of the store and the model now; an age is in seconds."""
    yield from _model(home.bundles)
    yield from _drift(home.drift, now)
    with database.read() as session:
        yield from _counts(session)
        yield from _ages(session, now)


@dataclass(frozen=True, slots=True)
class _Told(Collector):
    """Figures as the library takes them. Its own gauges would be kept for good where several processes count."""

    metrics: Iterable[Metric]

    def collect(self) -> Iterable[Metric]:
        return self.metrics


def _model(bundles: Path) -> Iterator[Metric]:
    version = champion_version(bundles)
    if version is None:
        return
    model = GaugeMetricFamily("omhu_model", "The champion on this machine.", labels=["version"])
    model.add_metric([version], 1)
    told = "How the champion passed the gate: 1 for the way that holds."
    gate, held = GaugeMetricFamily("omhu_gate", told, labels=["state"]), champion_gate(bundles)
    for state in GATES:
        gate.add_metric([state], state == held)
    yield from (model, gate)


def _drift(states: Path, now: datetime) -> Iterator[Metric]:
    """What the worker found last: alarms by what they are about, for one of a district would name it."""
    found = last_found(states)
    if found is None:
        return
    alarms = GaugeMetricFamily("omhu_drift_alarms", "Alarms of drift that are raised.", labels=["about"])
    for about, count in found.alarms.items():
        alarms.add_metric([about], count)
    yield alarms
    told = "How far the scores have moved (population stability index beyond chance)."
    yield GaugeMetricFamily("omhu_score_drift", told, found.scores)
    days = (danish_date(now) - found.measured).days
    yield GaugeMetricFamily("omhu_drift_age_days", "Since drift was last measured.", days)


def _counts(session: ReadSession) -> Iterator[Metric]:
    told = "Uploads that wait or are being loaded."
    yield GaugeMetricFamily("omhu_uploads_unfinished", told, uploads.count_unfinished(session))
    for name, told, labels, found in (
        ("omhu_loads", "Loads there have been, by what became of them.", ["status"], figures.loads(session)),
        ("omhu_job_runs", "Runs of the worker's jobs, by state.", ["job", "state"], figures.job_runs(session)),
        ("omhu_webhook_deliveries", "Deliveries to webhooks, by state.", ["state"], figures.deliveries(session)),
    ):
        gauge = GaugeMetricFamily(name, told, labels=labels)
        for values, count in found.items():
            gauge.add_metric(values, count)
        yield gauge


def _ages(session: ReadSession, now: datetime) -> Iterator[Metric]:
    came = figures.data_came_at(session)
    if came is not None:
        yield GaugeMetricFamily("omhu_data_age_seconds", "Since data last was loaded.", (now - came).total_seconds())
    made = GaugeMetricFamily("omhu_list_age_seconds", "Since the newest list was made.", labels=["kind"])
    known = GaugeMetricFamily("omhu_list_data_age_seconds", "Since the newest thing a list knew.", labels=["kind"])
    for kind in ("shown", "silent"):
        for head in lists.list_heads(session, limit=1, silent=kind == "silent"):
            made.add_metric([kind], (now - head.made_at).total_seconds())
            known.add_metric([kind], (now - head.data_until).total_seconds())
    yield from (made, known)
