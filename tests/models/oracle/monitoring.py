"""The oracle of home monitoring: each measurement beside the plan, one after another, in plain Python."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from tests.models.happenings import Happening
from tests.models.oracle.times import is_visible, local_date


def judged(found: Iterable[Happening]) -> list[Happening]:
    """The happenings, and after each measurement that somebody has a plan for what it means beside the plan."""
    ordered = sorted(found, key=lambda each: (each.citizen, each.occurred_at, each.known_from, each.sequence))
    return [happening for each in ordered for happening in (each, *_meaning(each, ordered))]


def _meaning(measurement: Happening, found: Sequence[Happening]) -> list[Happening]:
    first, *rest = measurement.code.split(":", maxsplit=2)
    thinned = first in {"count", "sum", "min", "max"} and len(rest) == 2
    aim = rest[1] if thinned else measurement.code
    listed = local_date(measurement.known_from) + timedelta(days=1)
    own = [each for each in found if each.citizen == measurement.citizen and is_visible(each, listed)]
    plan = [each for each in own if each.occurred_at <= measurement.occurred_at]
    standing = _last(plan, f"monitoring:{aim}", f"monitoring_ended:{aim}")
    if standing is None or standing.code.startswith("monitoring_ended"):
        return []
    made: list[Happening] = []
    if not thinned or first == "count":
        made.append(replace(measurement, code=f"monitored:{aim}", value=_late(measurement, standing, own, aim)))
    low, high = _last(plan, f"monitoring_low:{aim}"), _last(plan, f"monitoring_high:{aim}")
    below = first not in {"max", "count"} and _beyond(low, measurement, -1.0)
    above = first not in {"min", "count"} and _beyond(high, measurement, 1.0)
    if first != "sum" and (below or above):
        made.append(replace(measurement, code=f"breach:{aim}", value=None))
    return made


def _last(found: Sequence[Happening], *codes: str) -> Happening | None:
    return next((each for each in reversed(found) if each.code in codes), None)


def _beyond(limit: Happening | None, measurement: Happening, sign: float) -> bool:
    if limit is None or limit.value is None or measurement.value is None:
        return False
    return sign * measurement.value > sign * limit.value


def _late(measurement: Happening, plan: Happening, own: Sequence[Happening], aim: str) -> float | None:
    """Planned intervals since the measurement before, or since the plan began, or of half a year when it is longer."""
    if plan.value is None:
        return None
    earlier = [
        local_date(each.occurred_at)
        for each in own
        if each.occurred_at < measurement.occurred_at and each.code in {aim, f"count:day:{aim}", f"count:night:{aim}"}
    ]
    before: date = max([*earlier, local_date(plan.occurred_at)])
    return min((local_date(measurement.occurred_at) - before).days, 180) * plan.value / 7
