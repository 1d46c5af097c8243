"""Home monitoring (DHO) to rows of `monitoring_plans`: what a citizen is to measure or answer, how often, and limits.

A plan comes as ServiceRequest (the national infrastructure for telemedicine, FUT) or as activities of a CarePlan. An
order of a single test has the same code and is none: a plan has limits, a rhythm, or the citizen to carry it out.

Limits, by the source: FUT's extension `ehealth-referenceRange` (a range that sets off an alarm: RAL the red one, GAL
the yellow one; RELRAL and RELGAL are relative to other values and are passed over), plain reference ranges, and the
targets of goals. A red alarm up to 88 is `low` 88. *Assumed*, since FUT's guide does not say it: the red limit is the
citizen's alarm limit, and a yellow range is used only where it is open to one side and there is no red one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from models.vocabulary import canonical, vocabulary
from service.intake.fhir.bundle import Surroundings
from service.intake.fhir.elements import Element, codes, element, elements, number, text, texts
from service.intake.fhir.facts import fact, recorded_at, retraction
from service.intake.fhir.measurements import code_of, unit_of
from service.intake.fhir.rows import Row

_FAMILIES: Final = ("questionnaire:", "sensor:")
_RED, _YELLOW, _RELATIVE = "RAL", "GAL", ("RELRAL", "RELGAL")
_A_WEEK: Final = {"min": 10_080.0, "h": 168.0, "d": 7.0, "wk": 1.0, "mo": 12 / 52.1775, "a": 1 / 52.1775}
"""How many of each of a timing's units a week has (52.1775 weeks a year, 365.2425 days)."""
_OVER: Final = {"completed", "revoked", "cancelled", "stopped", "on-hold"}


@dataclass(frozen=True, slots=True)
class Limits:
    """Between which values a citizen's own are as they should be; as they were written, in one unit."""

    low: str | None = None
    high: str | None = None
    unit: str | None = None

    def __bool__(self) -> bool:
        return bool(self.low or self.high)


def is_monitored(code: str | None) -> bool:
    """Whether a code is one that is measured or answered at home."""
    return code is not None and (canonical(code) in vocabulary().measured or code.startswith(_FAMILIES))


def read_service_request(resource: Element, around: Surroundings) -> Iterator[Row]:
    """A request to measure at home, one row for each code it names or has limits for."""
    if text(resource, "status") == "draft":
        return
    code, limits = code_of(resource), _limits(resource)
    asked = [code, *(one for one in limits if one != code)]
    timing = element(resource, "occurrenceTiming")
    if not (limits or element(timing, "repeat") or _by_citizen(resource, around)):
        return
    monitored = [one for one in asked if one is not None and is_monitored(one)]
    for one in monitored:
        yield _plan(resource, around, one, limits.get(one, Limits()), timing, resource, len(monitored) > 1)


def read_monitoring(plan: Element, around: Surroundings) -> Iterator[Row]:
    """The activities of a care plan that are measurements at home; requests it points to are read by themselves."""
    if text(plan, "status") == "draft":
        return
    targets = _targets([around.target(goal, plan) for goal in elements(plan, "goal")])
    details = [one for one in elements(plan, "activity", "detail") if is_monitored(code_of(one))]
    for detail in details:
        code = code_of(detail)
        if code is None:
            continue
        own = _targets([around.target(goal, plan) for goal in elements(detail, "goal")])
        limits = _limits(detail).get(code) or own.get(code) or targets.get(code) or Limits()
        timing = element(detail, "scheduledTiming")
        yield _plan(plan, around, code, limits, timing, detail, True)


def _plan(
    holder: Element, around: Surroundings, code: str, limits: Limits, timing: Element, said: Element, several: bool
) -> Row:
    """The row; `said` is what has its own status and period, inside of `holder`."""
    periods = (
        element(said, "occurrencePeriod"),
        element(said, "scheduledPeriod"),
        element(timing, "repeat", "boundsPeriod"),
        element(holder, "period"),
    )
    period = next((one for one in periods if one), {})
    status = {text(holder, "status"), text(said, "status")}
    written = recorded_at(holder, around)
    begin = text(period, "start") or text(holder, "authoredOn") or text(holder, "created") or written
    return fact(
        "monitoring_plans",
        holder,
        around,
        {
            "valid_from": begin,
            "valid_to": text(period, "end") or (written if status & _OVER else None),
            "code": code,
            "times_per_week": _times_per_week(element(timing, "repeat")),
            "low": limits.low,
            "high": limits.high,
            "unit": limits.unit,
            "status": retraction(*status),
        },
        part=code if several else "",
    )


def _by_citizen(resource: Element, around: Surroundings) -> bool:
    performers = [around.target(one, resource) or one for one in elements(resource, "performer")]
    named = any(
        text(one, "resourceType") == "Patient" or (text(one, "reference") or "").rpartition("/")[0].endswith("Patient")
        for one in performers
    )
    return named or any("servicerequest" in one and "ehealth" in one for one in texts(resource, "meta", "profile"))


def _times_per_week(repeat: Element) -> str | None:
    """How often a week, from a timing; None where it does not say."""
    days, times = len(list(texts(repeat, "dayOfWeek"))), len(list(texts(repeat, "timeOfDay")))
    if days:
        return str(days * max(times, int(_number(repeat, "frequency") or 1)))
    frequency, period = _number(repeat, "frequency"), _number(repeat, "period")
    per_week = _A_WEEK.get(text(repeat, "periodUnit") or "")
    if per_week is None or not period:
        return str(times * 7) if times else None
    return f"{(frequency or 1.0) / period * per_week:.6g}"


def _number(of: Element, name: str) -> float | None:
    written = number(of, name) or ""
    return float(written) if re.fullmatch(r"\d{1,6}([.]\d{1,6})?", written) else None


def _limits(holder: Element) -> dict[str, Limits]:
    """The limits a resource has in extensions, by code; a range that names no code is for the resource's own."""
    found: dict[str, dict[str, Element]] = {}
    own = code_of(holder)
    for one in elements(holder, "extension"):
        if not (text(one, "url") or "").lower().endswith("referencerange"):
            continue
        kinds = [code for _, code in codes(_part(one, "type"), "valueCodeableConcept")]
        about = next((canonical(kind) for kind in kinds if is_monitored(kind)), own)
        if about is not None and not set(kinds) & set(_RELATIVE):
            kind = next((kind for kind in (_RED, _YELLOW) if kind in kinds), "")
            found.setdefault(about, {}).setdefault(kind, one)
    read = {code: _alarm_limits(ranges) for code, ranges in found.items()}
    return {code: limits for code, limits in read.items() if limits}


def _alarm_limits(ranges: dict[str, Element]) -> Limits:
    """The red alarm's limit, else the yellow one's where it is open to one side, else the range said to be as usual."""
    for kind in (_RED, _YELLOW):
        alarm = _range(ranges[kind]) if kind in ranges else Limits()
        if bool(alarm.low) != bool(alarm.high):  # what sets off an alarm begins where what should be ends
            return Limits(low=alarm.high, high=alarm.low, unit=alarm.unit)
    return _range(ranges[""]) if "" in ranges else Limits()


def _range(holder: Element) -> Limits:
    low, high = element(_part(holder, "low"), "valueQuantity"), element(_part(holder, "high"), "valueQuantity")
    return _between(low, high)


def _part(holder: Element, name: str) -> Element:
    return next((one for one in elements(holder, "extension") if text(one, "url") == name), {})


def _between(low: Element, high: Element) -> Limits:
    """Limits of two quantities; where their units differ, the upper one is left out."""
    unit = unit_of(low) or unit_of(high)
    upper = number(high, "value") if unit_of(high) in {unit, None} else None
    return Limits(number(low, "value"), upper, unit)


def _targets(goals: Sequence[Element]) -> dict[str, Limits]:
    """What goals say a value is to lie between, by code."""
    found: dict[str, Limits] = {}
    for target in (one for goal in goals for one in elements(goal, "target")):
        code = code_of({"code": target.get("measure")})
        limits = _between(element(target, "detailRange", "low"), element(target, "detailRange", "high"))
        if code is not None and limits:
            found.setdefault(code, limits)
    return found
