"""What everybody saw: times and statuses by kind of request, and what the service acknowledged."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.stress.wire import Answer


@dataclass(slots=True)
class Tally:
    """Safe to be told by many threads. `reviews` and `loads` hold what was acknowledged, by what names it.

    `seconds` holds when each answer came (`time.perf_counter`), and how long it took.
    """

    seconds: dict[str, list[tuple[float, float]]] = field(
        default_factory=lambda: defaultdict[str, list[tuple[float, float]]](list)
    )
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])
    unexpected: list[Answer] = field(default_factory=list[Answer])
    reviews: set[str] = field(default_factory=set[str])
    loads: dict[str, str] = field(default_factory=dict[str, str])
    """By the notification's own id, the address where the service tells what became of it."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, answer: Answer, *expected: int) -> bool:
        """Note an answer; whether its status was one of those expected."""
        fine = answer.status in expected
        with self._lock:
            self.statuses[kind, answer.status] += 1
            if fine:
                self.seconds[kind].append((time.perf_counter(), answer.seconds))
            else:
                self.unexpected.append(answer)
        return fine

    def acknowledge_review(self, comment: str) -> None:
        """A review that was said to be stored."""
        with self._lock:
            self.reviews.add(comment)

    def acknowledge_load(self, notification: str, address: str) -> None:
        """A notification that was said to be taken."""
        with self._lock:
            self.loads[notification] = address

    def times(self, *kinds: str, at: Callable[[float], bool] = lambda _: True) -> list[float]:
        """Seconds of the requests of some kinds that were answered as expected, at chosen moments, sorted."""
        with self._lock:
            answered = [one for kind in kinds for one in self.seconds.get(kind, [])]
        return sorted(seconds for moment, seconds in answered if at(moment))

    def failures(self) -> int:
        """How many answers were none of those expected."""
        with self._lock:
            return len(self.unexpected)


def percentile(times: Sequence[float], share: float) -> float:
    """The value below which the share of sorted values lies (nearest rank); 0 of none."""
    if not times:
        return 0.0
    return times[min(len(times) - 1, max(0, int(share * len(times))))]
