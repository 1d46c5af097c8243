"""The words of a reason: a feature group, and the citizen's own numbers, as a Danish and an English phrase.

A phrase is `Head: detail`. Nothing is told that the numbers do not show, no diagnosis is named, and no model word is
used. Age, sex, season, standing conditions and how much is written are part of the score, but nobody can act on them
this week, so they have no words here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isnan

from models.features.signals import MEASURED
from models.features.spec import Catalogue

UNTOLD = frozenset(
    {"age", "sex", "season", "time_in_care", "conditions", "documentation", "reassured", "concerns", "monitoring"}
)
"""Groups that are not told: see above. `concerns` only sums what the groups of concerns say one by one."""

_WEEKS_BEFORE = 83 / 7
"""The 8th to the 90th day before T, in weeks: what "usually" is measured on."""
_UNITS: Mapping[str, tuple[str, int]] = {
    "weight": ("kg", 1),
    "bmi": ("", 1),
    "temperature": ("°C", 1),
    "saturation": ("%", 0),
    "pulse": ("/min", 0),
    "systolic": ("mmHg", 0),
    "diastolic": ("mmHg", 0),
    "respiration": ("/min", 0),
    "glucose": ("mmol/l", 1),
    "crp": ("mg/l", 0),
    "haemoglobin": ("mmol/l", 1),
    "alertness": ("", 0),
    "tobs": ("", 0),
    "pain_score": ("", 0),
    "chair_stand": ("", 0),
    "wellbeing": ("", 0),
}


@dataclass(frozen=True, slots=True)
class Words:
    """A reason's phrases, and the signals they rest on."""

    danish: str
    english: str
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a group may be told from: any feature's value by name, and each signal's share of the log-odds."""

    group: str
    number: Callable[[str], float]
    catalogue: Catalogue
    by_signal: Mapping[str, float]

    def signals(self) -> tuple[str, ...]:
        """The group's signals, in the catalogue's order."""
        return tuple(signal.name for signal in self.catalogue.signals if signal.group == self.group)

    def usual(self, signal: str, aggregation: str = "count") -> float:
        """What there usually is in a week, from the 8th to the 90th day before T."""
        quarter, week = self.number(f"{signal}.{aggregation}.90d"), self.number(f"{signal}.{aggregation}.7d")
        return (quarter - week) / _WEEKS_BEFORE


def speaks_for(facts: Facts) -> Words | None:
    """Why the group raises the risk, or nothing where the citizen's numbers show nothing."""
    if facts.group in UNTOLD:
        return None
    if facts.group in _FOR:
        return _FOR[facts.group](facts)
    return _measured(facts) if facts.group in MEASURED else _concern(facts)


def speaks_against(facts: Facts) -> Words | None:
    """Why the group lowers the risk: what has not happened, for as long as the record reaches."""
    if facts.group in _AGAINST:
        return _AGAINST[facts.group](facts)
    if facts.group in UNTOLD or facts.group in MEASURED or facts.group in _FOR:
        return None
    return _no_concern(facts)


def decimal(value: float, digits: int = 0) -> str:
    """A number as Danish writes it."""
    return f"{value:.{digits}f}".replace(".", ",")


def _times(count: float) -> tuple[str, str]:
    number = round(count)
    return ("1 gang", "once") if number == 1 else (f"{number} gange", f"{number} times")


def _before(usual: float) -> tuple[str, str]:
    """What there was before the last week: by the week where it is common, else counted over the three months."""
    if usual >= 0.95:
        return f"sædvanligt {decimal(usual)} om ugen", f"usually {usual:.0f} a week"
    count = round(usual * _WEEKS_BEFORE)
    if not count:
        return "ikke i de tre måneder før", "not in the three months before"
    danish, english = _times(count)
    return f"{danish} i de tre måneder før", f"{english} in the three months before"


def _concern(facts: Facts) -> Words | None:
    """Concerns seen or written lately, the one that counts most named first."""
    lately = [name for name in facts.signals() if _count(facts, name, 30) > 0]
    if not lately:
        return None
    lately.sort(key=lambda name: (-facts.by_signal.get(name, 0.0), name))
    named = tuple(lately[:2])
    danish, english = (" og ".join(_danish(facts, n) for n in named), " and ".join(_english(facts, n) for n in named))
    week = sum(_count(facts, name, 7) for name in named)
    usual = sum(facts.usual(name) for name in named)
    if week:
        times, before = _times(week), _before(usual)
        detail = (f"noteret {times[0]} på 7 dage, {before[0]}", f"noted {times[1]} in 7 days, {before[1]}")
    else:
        times = _times(sum(_count(facts, name, 30) for name in named))
        detail = (f"noteret {times[0]} på 30 dage", f"noted {times[1]} in 30 days")
    return Words(f"{_head(danish)}: {detail[0]}", f"{_head(english)}: {detail[1]}", named)


def _no_concern(facts: Facts) -> Words | None:
    signals = facts.signals()
    if any(_count(facts, name, 90) > 0 for name in signals):
        return None
    danish, english = _danish(facts, signals[0]), _english(facts, signals[0])
    return Words(
        f"Intet om {danish} eller lignende: ikke noteret i 90 dage",
        f"Nothing about {english} or the like: not noted in 90 days",
        signals,
    )


def _care_time(facts: Facts) -> Words | None:
    week, usual = facts.number("minutes.sum.7d") / 60, facts.usual("minutes", "sum") / 60
    if week <= 0:
        return None
    signals = ("minutes",)
    if usual > 0 and week - usual >= max(0.25, 0.05 * usual):
        return Words(
            f"Hjemmeplejen bruger mere tid: {decimal(week, 1)} t den seneste uge mod sædvanligt {decimal(usual, 1)} t",
            f"Home care takes more time: {week:.1f} h last week, usually {usual:.1f} h",
            signals,
        )
    for name, danish, english in (
        ("acute_visits", "Akutte besøg", "Acute visits"),
        ("night_visits", "Natbesøg", "Night visits"),
    ):
        count = facts.number(f"{name}.count.30d")
        if count > 0:
            return Words(f"{danish}: {round(count)} på 30 dage", f"{english}: {count:.0f} in 30 days", (name,))
    return Words(
        f"Får megen hjælp: {decimal(week, 1)} t den seneste uge", f"Much help: {week:.1f} h last week", signals
    )


def _steady_care(facts: Facts) -> Words | None:
    week, usual = facts.number("minutes.sum.7d") / 60, facts.usual("minutes", "sum") / 60
    if usual <= 0 or week - usual > 0.05 * usual:
        return None
    return Words(
        f"Hjælpen er ikke steget: {decimal(week, 1)} t den seneste uge, sædvanligt {decimal(usual, 1)} t",
        f"Care has not risen: {week:.1f} h last week, usually {usual:.1f} h",
        ("minutes",),
    )


def _admissions(facts: Facts) -> Words | None:
    for days, danish, english in ((90, "90 dage", "90 days"), (365, "et år", "a year")):
        count = facts.number(f"acute_admission.count.{days}d")
        if count > 0:
            last = facts.number("acute_admission.since.ever")
            plural = "akut indlæggelse" if count == 1 else "akutte indlæggelser"
            return Words(
                f"Indlagt før: {round(count)} {plural} på {danish}, senest for {_days_ago(last)[0]}",
                f"Admitted before: {count:.0f} in {english}, last {_days_ago(last)[1]}",
                ("acute_admission",),
            )
    count = facts.number("emergency_ward.count.90d")
    if count > 0:
        return Words(
            f"Akut på sygehus uden indlæggelse: {_times(count)[0]} på 90 dage",
            f"Emergency visits without admission: {_times(count)[1]} in 90 days",
            ("emergency_ward",),
        )
    return None


def _no_admission(facts: Facts) -> Words | None:
    if facts.number("admission.count.365d") > 0:
        return None
    return Words(
        "Ikke indlagt det seneste år: ingen indlæggelser", "No admission in the last year: none", ("admission",)
    )


def _discharge(facts: Facts) -> Words | None:
    since = facts.number("discharge.since.ever")
    if isnan(since) or since > 90:
        return None
    stayed = facts.number("discharge.last.365d")
    length = "under et døgn" if stayed < 1 else f"{decimal(stayed)} {'dag' if round(stayed) == 1 else 'dage'}"
    english = "less than a day" if stayed < 1 else f"{stayed:.0f} days"
    ago = _days_ago(since)
    return Words(
        f"Udskrevet for {ago[0]}: efter {length} på sygehus", f"Discharged {ago[1]}: after {english}", ("discharge",)
    )


def _emergency_call(facts: Facts) -> Words | None:
    week, month = facts.number("emergency_call.count.7d"), facts.number("emergency_call.count.30d")
    if month <= 0:
        return None
    if week <= 0:
        return Words(
            f"Nødkald: {round(month)} på 30 dage", f"Emergency calls: {month:.0f} in 30 days", ("emergency_call",)
        )
    before = _before(facts.usual("emergency_call"))
    return Words(
        f"Nødkald: {round(week)} på 7 dage, {before[0]}",
        f"Emergency calls: {week:.0f} in 7 days, {before[1]}",
        ("emergency_call",),
    )


def _no_call(facts: Facts) -> Words | None:
    if facts.number("emergency_call.count.90d") > 0:
        return None
    return Words("Ingen nødkald: i 90 dage", "No emergency calls: in 90 days", ("emergency_call",))


def _cooperation(facts: Facts) -> Words | None:
    declined = facts.number("declined.count.14d")
    missed = facts.number("no_response.count.14d")
    if declined + missed <= 0:
        return _concern(facts)
    danish = [f"{round(declined)} afviste"] * (declined > 0) + [f"{round(missed)} uden svar"] * (missed > 0)
    english = [f"{declined:.0f} declined"] * (declined > 0) + [f"{missed:.0f} unanswered"] * (missed > 0)
    return Words(
        f"Besøg, der ikke blev til noget: {' og '.join(danish)} på 14 dage",
        f"Visits that came to nothing: {' and '.join(english)} in 14 days",
        ("declined", "no_response", "refusal", "no_answer"),
    )


def _triage(facts: Facts) -> Words | None:
    colours = {1: ("gul", "yellow"), 2: ("rød", "red")}
    worst = facts.number("triage.max.7d")
    if isnan(worst) or round(worst) not in colours:
        return None
    danish, english = colours[round(worst)]
    return Words(f"Triage: {danish} inden for 7 dage", f"Triage: {english} within 7 days", ("triage",))


def _taken(facts: Facts) -> Words | None:
    """That somebody thought it worth measuring is itself a sign: nurses measure on suspicion."""
    week = facts.number("measurements.count.7d")
    if week <= 0:
        return None
    before = _before(facts.usual("measurements"))
    return Words(
        f"Der måles: {_times(week)[0]} på 7 dage, {before[0]}",
        f"Measurements taken: {_times(week)[1]} in 7 days, {before[1]}",
        ("measurements",),
    )


def _measured(facts: Facts) -> Words | None:
    name = facts.group
    last = facts.number(f"{name}.last.90d")
    if isnan(last):
        return None
    unit, digits = _UNITS[name]
    signal = facts.catalogue.signal(name)
    difference = _difference(facts, name)
    shown, shown_english = f"{decimal(last, digits)} {unit}".strip(), f"{last:.{digits}f} {unit}".strip()
    if not isnan(difference) and round(abs(difference), digits) > 0:
        apart = round(abs(difference), digits)
        over, above = ("over", "above") if difference > 0 else ("under", "below")
        shown += f", {decimal(apart, digits)} {over} det sædvanlige"
        shown_english += f", {apart:.{digits}f} {above} the usual"
    ago = _days_ago(facts.number(f"{name}.since.365d"))
    return Words(
        f"{_head(signal.danish)}: {shown} for {ago[0]}", f"{_head(signal.english)}: {shown_english}, {ago[1]}", (name,)
    )


def _difference(facts: Facts, name: str) -> float:
    if name == "weight":
        return facts.number("weight.last.45d.difference.weight.mean.31_90d")
    return facts.number(f"{name}.mean.7d.difference.{name}.mean.8_180d")


def _count(facts: Facts, signal: str, days: int) -> float:
    """Events of a signal, where the catalogue counts them; 0 where it does not."""
    name = f"{signal}.count.{days}d"
    return facts.number(name) if name in facts.catalogue.names else 0.0


def _danish(facts: Facts, signal: str) -> str:
    return facts.catalogue.signal(signal).danish


def _english(facts: Facts, signal: str) -> str:
    return facts.catalogue.signal(signal).english


def _head(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]


def _days_ago(days: float) -> tuple[str, str]:
    number = round(days)
    return ("1 dag siden", "yesterday") if number == 1 else (f"{number} dage siden", f"{number} days ago")


_Teller = Callable[[Facts], Words | None]
_FOR: Mapping[str, _Teller] = {
    "care_time": _care_time,
    "admissions": _admissions,
    "discharge": _discharge,
    "emergency_call": _emergency_call,
    "cooperation": _cooperation,
    "triage": _triage,
    "measured": _taken,
}
_AGAINST: Mapping[str, _Teller] = {
    "care_time": _steady_care,
    "admissions": _no_admission,
    "emergency_call": _no_call,
}
