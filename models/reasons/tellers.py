"""The tellers: for each kind of feature group, what the citizen's own numbers show of it, in words.

A phrase is `Head: detail`. A teller says nothing that the numbers do not show, and gives nothing where they show
nothing. Which group is told by which teller stands in `models.reasons.wording`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isnan

from models.features.spec import Catalogue
from models.reasons.quantities import WEEKS_BEFORE, Said, ago, before, care, length, number, times

SETTLED_DAYS = 90
"""Days in care before anything is said of what is usual, or of what has not happened."""
_UNITS: Mapping[str, tuple[Said, Said, int]] = {
    # behind a value, behind a difference, and decimals
    "weight": ((" kg", " kg"), (" kg", " kg"), 1),
    "bmi": (("", ""), ("", ""), 1),
    "temperature": ((" °C", " °C"), (" °C", " °C"), 1),
    "saturation": ((" %", "%"), (" procentpoint", " percentage points"), 0),
    "pulse": (("/min", "/min"), ("", ""), 0),
    "systolic": ((" mmHg", " mmHg"), (" mmHg", " mmHg"), 0),
    "diastolic": ((" mmHg", " mmHg"), (" mmHg", " mmHg"), 0),
    "respiration": (("", ""), ("", ""), 0),
    "glucose": ((" mmol/l", " mmol/l"), (" mmol/l", " mmol/l"), 1),
    "crp": ((" mg/l", " mg/l"), (" mg/l", " mg/l"), 0),
    "haemoglobin": ((" mmol/l", " mmol/l"), (" mmol/l", " mmol/l"), 1),
    "alertness": (("", ""), ("", ""), 0),
    "tobs": (("", ""), ("", ""), 0),
    "pain_score": (("", ""), ("", ""), 0),
    "chair_stand": (("", ""), ("", ""), 0),
    "wellbeing": (("", ""), ("", ""), 0),
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

    def count(self, signal: str, days: int) -> float:
        """Events of a signal, where the catalogue counts them; 0 where it does not."""
        name = f"{signal}.count.{days}d"
        return self.number(name) if name in self.catalogue.names else 0.0

    def usual(self, signal: str, aggregation: str = "count") -> float | None:
        """What there usually is in a week, from the 8th to the 90th day before T; None where nobody can know."""
        if not self.reaches_back(SETTLED_DAYS):
            return None
        quarter, week = self.number(f"{signal}.{aggregation}.90d"), self.number(f"{signal}.{aggregation}.7d")
        return max(quarter - week, 0.0) / WEEKS_BEFORE

    def reaches_back(self, days: int) -> bool:
        """Whether the citizen was in care for so long, and something of the second and third month is on record.

        Someone in care for ten days has no usual week, and that nothing was noted in 90 days is no news of them.
        """
        seen = sum(
            self.number(f"{name}.count.90d") - self.number(f"{name}.count.30d") for name in ("minutes", "records")
        )
        return self.number("care.since.ever") >= days and seen > 0

    def word(self, signal: str) -> Said:
        """What a signal is called."""
        found = self.catalogue.signal(signal)
        return found.danish, found.english


def concern(facts: Facts) -> Words | None:
    """Concerns seen or written lately, the one that counts most named first."""
    lately = [name for name in facts.signals() if facts.count(name, 30) > 0]
    lately.sort(key=lambda name: (-facts.by_signal.get(name, 0.0), name))
    named = tuple(lately[:2])
    if not named:
        return None
    danish, english = zip(*(facts.word(name) for name in named), strict=True)
    week = sum(facts.count(name, 7) for name in named)
    if week > 0:
        often, usual = times(week), _together([facts.usual(name) for name in named])
        detail = _compared((f"noteret {often[0]} på 7 dage", f"noted {often[1]} in 7 days"), usual)
    else:
        often = times(sum(facts.count(name, 30) for name in named))
        detail = (f"noteret {often[0]} på 30 dage", f"noted {often[1]} in 30 days")
    return _words((" og ".join(danish), " and ".join(english)), detail, named)


def no_concern(facts: Facts, topic: Said) -> Words | None:
    """That somebody wrote about the citizen, and nothing of this."""
    signals = facts.signals()
    if not facts.reaches_back(90) or facts.count("records", 90) <= 0:
        return None
    if any(facts.count(name, 90) > 0 for name in signals):
        return None
    return _words(topic, ("intet bekymrende noteret i 90 dage", "no concern noted in 90 days"), signals)


def care_time(facts: Facts) -> Words | None:
    """More care than usual, else acute or night visits, else how much care there is."""
    week, usual = facts.number("minutes.sum.7d"), facts.usual("minutes", "sum")
    now = care(week)
    if usual and week - usual >= max(15.0, 0.05 * usual):
        then = care(usual)
        detail = (f"{now[0]} den seneste uge mod sædvanligt {then[0]}", f"{now[1]} last week, usually {then[1]}")
        return _words(("Hjemmeplejen bruger mere tid", "Home care takes more time"), detail, ("minutes",))
    for name in ("acute_visits", "night_visits"):
        if facts.count(name, 30) > 0:
            return _words(facts.word(name), _number_in(facts.count(name, 30), 30), (name,))
    if round(week) <= 0:
        return None
    detail = (f"{now[0]} den seneste uge", f"{now[1]} last week")
    return _words(("Hjælp fra hjemmeplejen", "Help from home care"), detail, ("minutes",))


def steady_care(facts: Facts) -> Words | None:
    """That there is no more care than usual."""
    week, usual = facts.number("minutes.sum.7d"), facts.usual("minutes", "sum")
    if not usual or week - usual > 0.05 * usual:
        return None
    now, then = care(week), care(usual)
    detail = (f"{now[0]} den seneste uge, sædvanligt {then[0]}", f"{now[1]} last week, usually {then[1]}")
    return _words(("Hjælpen er ikke steget", "Care has not risen"), detail, ("minutes",))


def admissions(facts: Facts) -> Words | None:
    """Earlier stays. They are not called acute: of many the hospital never says whether they were planned."""
    for days, danish, english in ((90, "90 dage", "90 days"), (365, "et år", "a year")):
        count = facts.count("admission", days)
        if count > 0:
            often, last = times(count), ago(facts.number("admission.since.ever"))
            detail = (f"{often[0]} på {danish}, senest {last[0]}", f"{often[1]} in {english}, last {last[1]}")
            return _words(("Indlagt før", "Admitted before"), detail, ("admission",))
    count = facts.count("emergency_ward", 90)
    if count <= 0:
        return None
    detail = (f"{times(count)[0]} på 90 dage", f"{times(count)[1]} in 90 days")
    head = ("Akut på sygehus uden indlæggelse", "Emergency visits without admission")
    return _words(head, detail, ("emergency_ward",))


def no_admission(facts: Facts) -> Words | None:
    """That a year has passed without a stay."""
    if facts.count("admission", 365) > 0 or not facts.reaches_back(365):
        return None
    return _words(("Ingen indlæggelser", "No admissions"), ("det seneste år", "in the last year"), ("admission",))


def discharge(facts: Facts) -> Words | None:
    """A discharge of the last three months."""
    since, stayed = facts.number("discharge.since.ever"), facts.number("discharge.last.365d")
    if isnan(since) or since > 90:
        return None
    when, long = ago(since), length(stayed)
    detail = (f"efter {long[0]} på sygehus", f"after {long[1]} in hospital")
    return _words((f"Udskrevet {when[0]}", f"Discharged {when[1]}"), detail, ("discharge",))


def emergency_call(facts: Facts) -> Words | None:
    """Calls of the last week against what is usual, else of the last month."""
    week, month = facts.count("emergency_call", 7), facts.count("emergency_call", 30)
    if month <= 0:
        return None
    usual = facts.usual("emergency_call")
    detail = _compared(_number_in(week, 7), usual, numbered=True) if week > 0 else _number_in(month, 30)
    return _words(("Nødkald", "Emergency calls"), detail, ("emergency_call",))


def no_call(facts: Facts) -> Words | None:
    """That three months have passed without a call."""
    if facts.count("emergency_call", 90) > 0 or not facts.reaches_back(90):
        return None
    head = ("Ingen nødkald", "No emergency calls")
    return _words(head, ("de seneste 90 dage", "in the last 90 days"), ("emergency_call",))


def cooperation(facts: Facts) -> Words | None:
    """Visits declined or unanswered, else what else there is of the group."""
    declined, missed = facts.count("declined", 14), facts.count("no_response", 14)
    if declined + missed <= 0:
        return concern(facts)
    danish = [f"{declined:.0f} {'afvist' if round(declined) == 1 else 'afviste'}"] * (declined > 0)
    english = [f"{declined:.0f} declined"] * (declined > 0)
    danish += [f"{missed:.0f} uden svar"] * (missed > 0)
    english += [f"{missed:.0f} unanswered"] * (missed > 0)
    shown = [name for name in ("declined", "no_response") if facts.count(name, 14) > 0]
    written = [name for name in ("refusal", "no_answer") if facts.count(name, 30) > 0]
    return _words(
        ("Besøg, der ikke blev til noget", "Visits that came to nothing"),
        (f"{' og '.join(danish)} på 14 dage", f"{' and '.join(english)} in 14 days"),
        (*shown, *written),
    )


def triage(facts: Facts) -> Words | None:
    """The worst colour of the week, when it is not green."""
    colours = {1: ("gul", "yellow"), 2: ("rød", "red")}
    worst = facts.number("triage.max.7d")
    if isnan(worst) or round(worst) not in colours:
        return None
    danish, english = colours[round(worst)]
    return _words(("Triage", "Triage"), (f"{danish} inden for 7 dage", f"{english} within 7 days"), ("triage",))


def taken(facts: Facts) -> Words | None:
    """That somebody thought it worth measuring is itself a sign: nurses measure on suspicion."""
    week = facts.count("measurements", 7)
    if week <= 0:
        return None
    detail = _compared(_number_in(week, 7), facts.usual("measurements"), numbered=True)
    return _words(("Målinger", "Measurements"), detail, ("measurements",))


def measured(facts: Facts) -> Words | None:
    """The last value, when it was measured, and how far off the usual it is."""
    name = facts.group
    last, since = facts.number(f"{name}.last.90d"), facts.number(f"{name}.since.365d")
    if isnan(last) or isnan(since):
        return None
    unit, unit_apart, digits = _UNITS[name]
    value, when, off = number(last, digits), ago(since), ("", "")
    difference, what = _off_usual(facts)
    if not isnan(difference) and round(abs(difference), digits) > 0:
        apart = number(abs(difference), digits)
        singular = unit_apart[1].removesuffix("s") if apart[1] == "1" else unit_apart[1]
        way = ("over", "above") if difference > 0 else ("under", "below")
        off = (
            f", {what[0]}{apart[0]}{unit_apart[0]} {way[0]} det sædvanlige",
            f", {what[1]}{apart[1]}{singular} {way[1]} the usual",
        )
    detail = (f"{value[0]}{unit[0]} {when[0]}{off[0]}", f"{value[1]}{unit[1]} {when[1]}{off[1]}")
    return _words(facts.word(name), detail, (name,))


def _off_usual(facts: Facts) -> tuple[float, Said]:
    """How far off the usual, and what is: the value told, or the mean of the week when it was measured again."""
    name = facts.group
    if name == "weight":
        return facts.number("weight.last.45d.difference.weight.mean.31_90d"), ("", "")
    difference = facts.number(f"{name}.mean.7d.difference.{name}.mean.8_180d")
    once = facts.count(name, 7) <= 1
    return difference, ("", "") if once else ("ugens gennemsnit ", "the week's mean ")


def _number_in(count: float, days: int) -> Said:
    return f"{round(count)} på {days} dage", f"{round(count)} in {days} days"


def _together(usual: list[float | None]) -> float | None:
    known = [one for one in usual if one is not None]
    return sum(known) if known else None


def _compared(detail: Said, usual: float | None, *, numbered: bool = False) -> Said:
    """The detail, followed by what there was before where that is known."""
    if usual is None:
        return detail
    then = before(usual, numbered=numbered)
    return f"{detail[0]}, {then[0]}", f"{detail[1]}, {then[1]}"


def _words(head: Said, detail: Said, signals: tuple[str, ...]) -> Words:
    danish, english = (f"{part[:1].upper()}{part[1:]}: {tail}" for part, tail in zip(head, detail, strict=True))
    return Words(danish, english, signals)
