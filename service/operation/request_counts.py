"""The requests that were answered, counted as they come: by one process, or by several that count together.

A route is told by its pattern; no label holds an address.
"""

import os
from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, Metric
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The library's own variable: where several processes count together, from when they first import it."""
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 10.0)
_OF: Final = "municipality"


class Requests:
    """The requests answered for a municipality since the start."""

    def __init__(self, municipality: str = "") -> None:
        self._municipality, self._registry = municipality, CollectorRegistry()
        self._count = Counter(
            "omhu_requests", "Requests answered.", [_OF, "method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "omhu_request_seconds", "How long answers took.", [_OF, "route"], buckets=_BUCKETS, registry=self._registry
        )

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; `route` is a pattern, and a method nobody has heard of is told as `other`."""
        known = method if method in _METHODS else "other"
        self._count.labels(self._municipality, known, route, str(status)).inc()
        self._seconds.labels(self._municipality, route).observe(seconds)

    def figures(self) -> Iterator[Metric]:
        """The figures, of all processes that count together."""
        folder = os.environ.get(FOLDER)
        counted = MultiProcessCollector(None, folder) if folder else self._registry
        return _of(self._municipality, counted.collect())


def _of(municipality: str, metrics: Iterable[Metric]) -> Iterator[Metric]:
    """What was counted for one municipality, without saying whose it is: nobody else sees it."""
    for metric in metrics:
        own = [one for one in metric.samples if one.labels.get(_OF) == municipality]
        metric.samples = [
            one._replace(labels={name: value for name, value in one.labels.items() if name != _OF}) for one in own
        ]
        yield metric
