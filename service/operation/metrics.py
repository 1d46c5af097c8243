"""Figures for whoever is on call: of requests as they come, and of the store when they are asked for.

No figure is of a person, and no label holds an address, a name or a district: a route is told by its pattern.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from models.home import Home
from service.clock import danish_date
from service.operation.drift_found import last_found
from service.operation.model_check import GATES, champion_gate, champion_version
from service.storage import figures, lists, uploads
from service.storage.database import Database, ReadSession

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
COUNTS: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The library's own variable: a folder in which several processes count together, from when they import it."""
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OF: Final = "municipality"
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 10.0)


class Requests:
    """The requests answered for a municipality since the start, by this process and those it counts together with."""

    def __init__(self, municipality: str = "") -> None:
        self._municipality, self._registry = municipality, CollectorRegistry()
        self._count = Counter(
            "omhu_requests",
            "Requests answered.",
            [_OF, "method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "omhu_request_seconds",
            "How long answers took.",
            [_OF, "route"],
            buckets=_BUCKETS,
            registry=self._registry,
        )

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; `route` is a pattern, and a method nobody has heard of is told as `other`."""
        known = method if method in _METHODS else "other"
        self._count.labels(self._municipality, known, route, str(status)).inc()
        self._seconds.labels(self._municipality, route).observe(seconds)

    def written(self) -> bytes:
        """The figures in Prometheus' text format."""
        folder = os.environ.get(COUNTS)
        counted = MultiProcessCollector(None, folder) if folder else self._registry
        return generate_latest(_Own(counted, self._municipality))


@dataclass(frozen=True, slots=True)
class _Own(Collector):
    """What was counted for one municipality, of what processes count for all of theirs."""

    counted: Collector
    municipality: str

    def collect(self) -> Iterator[Metric]:
        """The figures, without saying whose they are: nobody else sees them."""
        for metric in self.counted.collect():
            own = [one for one in metric.samples if one.labels.get(_OF) == self.municipality]
            metric.samples = [
                one._replace(labels={key: one.labels[key] for key in one.labels if key != _OF}) for one in own
            ]
            if metric.samples:
                yield metric


def of_store(database: Database, home: Home, now: datetime) -> bytes:
    """The figures of the store and the model now, in Prometheus' text format; an age is in seconds."""
    registry = CollectorRegistry()
    _model(home.bundles, registry)
    _drift(home.drift, registry, now)
    with database.read() as session:
        _counts(session, registry)
        _ages(session, registry, now)
    return generate_latest(registry)


def _model(bundles: Path, registry: CollectorRegistry) -> None:
    version = champion_version(bundles)
    if version is None:
        return
    Gauge("omhu_model", "The champion on this machine.", ["version"], registry=registry).labels(version).set(1)
    told = "How the champion passed the gate: 1 for the way that holds."
    gate, held = Gauge("omhu_gate", told, ["state"], registry=registry), champion_gate(bundles)
    for state in GATES:
        gate.labels(state).set(state == held)


def _drift(states: Path, registry: CollectorRegistry, now: datetime) -> None:
    """What the worker found last: alarms by what they are about, for one of a district would name it."""
    found = last_found(states)
    if found is None:
        return
    alarms = Gauge("omhu_drift_alarms", "Alarms of drift that are raised.", ["about"], registry=registry)
    for about, count in found.alarms.items():
        alarms.labels(about).set(count)
    told = "How far the scores have moved (population stability index beyond chance)."
    Gauge("omhu_score_drift", told, registry=registry).set(found.scores)
    days = (danish_date(now) - found.measured).days
    Gauge("omhu_drift_age_days", "Since drift was last measured.", registry=registry).set(days)


def _counts(session: ReadSession, registry: CollectorRegistry) -> None:
    waiting = Gauge("omhu_uploads_unfinished", "Uploads that wait or are being loaded.", registry=registry)
    waiting.set(uploads.count_unfinished(session))
    for name, told, labels, found in (
        ("omhu_loads", "Loads there have been, by what became of them.", ["status"], figures.loads(session)),
        ("omhu_job_runs", "Runs of the worker's jobs, by state.", ["job", "state"], figures.job_runs(session)),
        ("omhu_webhook_deliveries", "Deliveries to webhooks, by state.", ["state"], figures.deliveries(session)),
    ):
        gauge = Gauge(name, told, labels, registry=registry)
        for values, count in found.items():
            gauge.labels(*values).set(count)


def _ages(session: ReadSession, registry: CollectorRegistry, now: datetime) -> None:
    came = figures.data_came_at(session)
    if came is not None:
        age = Gauge("omhu_data_age_seconds", "Since data last was loaded.", registry=registry)
        age.set((now - came).total_seconds())
    made = Gauge("omhu_list_age_seconds", "Since the newest list was made.", ["kind"], registry=registry)
    known = Gauge("omhu_list_data_age_seconds", "Since the newest thing a list knew.", ["kind"], registry=registry)
    for kind in ("shown", "silent"):
        for head in lists.list_heads(session, limit=1, silent=kind == "silent"):
            made.labels(kind).set((now - head.made_at).total_seconds())
            known.labels(kind).set((now - head.data_until).total_seconds())
