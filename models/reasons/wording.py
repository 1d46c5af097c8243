"""The words of a reason: a feature group, and the citizen's own numbers, as a Danish and an English phrase.

A phrase is `Head: detail`. Nothing is told that the numbers do not show, nothing is concluded from them, and no model
word is used. Age, sex, season, standing conditions and how much is written are part of the score, but nobody can act
on them this week, so they have no words here.
"""

from collections.abc import Callable, Mapping

from models.features.signals import MEASURED
from models.reasons import tellers
from models.reasons.quantities import Said
from models.reasons.tellers import Facts, Words

UNTOLD = frozenset(
    {"age", "sex", "season", "time_in_care", "conditions", "documentation", "reassured", "concerns", "monitoring"}
)
"""Groups that are not told: see above. `concerns` only sums what the groups of concerns say one by one."""

TOPICS: Mapping[str, Said] = {
    "nutrition": ("mad, drikke og vægt", "food, drink and weight"),
    "stomach": ("mave og afføring", "stomach and bowels"),
    "urine": ("vandladning", "urination"),
    "infection": ("feber og hoste", "fever and cough"),
    "breathing": ("vejrtrækning", "breathing"),
    "circulation": ("hjerte og kredsløb", "heart and circulation"),
    "pain": ("smerter", "pain"),
    "movement": ("fald og bevægelse", "falls and movement"),
    "general": ("træthed og sløvhed", "tiredness and drowsiness"),
    "mind": ("forvirring og uro", "confusion and unrest"),
    "mood": ("humør", "mood"),
    "sleep": ("søvn", "sleep"),
    "skin": ("hud og sår", "skin and wounds"),
    "medicine": ("medicin", "medicine"),
    "carers": ("pårørende", "family"),
}
"""What the groups of concerns are about, to say that nothing was noted of it."""


def speaks_for(facts: Facts) -> Words | None:
    """Why the group raises the risk, or nothing where the citizen's numbers show nothing."""
    if facts.group in UNTOLD:
        return None
    if facts.group in _FOR:
        return _FOR[facts.group](facts)
    return tellers.measured(facts) if facts.group in MEASURED else tellers.concern(facts)


def speaks_against(facts: Facts) -> Words | None:
    """Why the group lowers the risk: what has not happened, for as long as the record reaches."""
    if facts.group in _AGAINST:
        return _AGAINST[facts.group](facts)
    return tellers.no_concern(facts, TOPICS[facts.group]) if facts.group in TOPICS else None


_Teller = Callable[[Facts], Words | None]
_FOR: Mapping[str, _Teller] = {
    "care_time": tellers.care_time,
    "admissions": tellers.admissions,
    "discharge": tellers.discharge,
    "emergency_call": tellers.emergency_call,
    "cooperation": tellers.cooperation,
    "triage": tellers.triage,
    "measured": tellers.taken,
}
_AGAINST: Mapping[str, _Teller] = {
    "care_time": tellers.steady_care,
    "admissions": tellers.no_admission,
    "emergency_call": tellers.no_call,
}
