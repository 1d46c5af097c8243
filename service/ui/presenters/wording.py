"""The words for risk, change, time and roles, as nurses use them.

No probability is ever shown as a number with decimals: a person reads "about 1 in 6" (field 7).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import sqrt
from typing import Final

from service.ui.language import Language
from service.weekly.lists import Band, Change, Entry, Status
from service.weekly.reviews import Action

LEVELS: Final[Mapping[Band, int]] = {Band.USUAL: 1, Band.RAISED: 2, Band.HIGH: 3, Band.VERY_HIGH: 4}
_FULL_BAR: Final = 0.55  # hardly anyone is above it in 30 days
_ROUND_ODDS: Final = (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50, 75, 100)


@dataclass(frozen=True, slots=True)
class Badge:
    """A short remark with a shape beside the word: `kind` names both colour and shape."""

    kind: str
    text: str


@lru_cache(maxsize=64)
def band_word(language: Language, band: Band) -> str:
    """The band in a word."""
    say = language.say
    words = {
        Band.VERY_HIGH: say("Meget høj"),
        Band.HIGH: say("Høj"),
        Band.RAISED: say("Forhøjet"),
        Band.USUAL: say("Sædvanlig"),
    }
    return words[band]


@lru_cache(maxsize=1024)
def odds(language: Language, probability: float) -> str:
    """The probability as a share of people: `ca. 1 ud af 6`; above a half as `flere end 1 ud af 2`."""
    if probability > 0.55:
        return language.say("flere end 1 ud af 2")
    if probability < 1 / 110:
        return language.say("under 1 ud af 100")
    nearest = min(_ROUND_ODDS, key=lambda n: abs(1 / n - probability))
    return language.say("ca. 1 ud af %(n)s", n=nearest)


def bar_length(probability: float) -> int:
    """How much of the bar is filled, in hundredths: by the square root, so that small risks can be told apart."""
    return max(3, min(100, round(100 * sqrt(probability / _FULL_BAR))))


def change_badge(language: Language, entry: Entry) -> Badge | None:
    """What has become of the entry since last week."""
    place, say = entry.previous_rank, language.say
    match entry.change:
        case Change.NEW:
            text = say("Ny på listen, var nr. %(place)s", place=place) if place else say("Ny på listen")
            return Badge("new", text)
        case Change.RISEN:
            return Badge("risen", say("Steget fra nr. %(place)s", place=place))
        case Change.FALLEN:
            return Badge("fallen", say("Faldet fra nr. %(place)s", place=place))
        case Change.KNOWN:
            return Badge("known", say("Kendt, %(week)s. uge", week=entry.weeks))
        case None:
            return None


def discharge_badge(language: Language, discharged_on: date | None, on: date) -> Badge | None:
    """How long ago the citizen came home, seen from a date."""
    if discharged_on is None:
        return None
    days = (on - discharged_on).days
    if days <= 0:
        return Badge("home", language.say("Udskrevet i dag"))
    text = language.count("Udskrevet for %(n)s dag siden", "Udskrevet for %(n)s dage siden", days)
    return Badge("home", text)


def care_hours(language: Language, weekly_minutes: float | None) -> str:
    """`14 t/uge`, below ten hours with a decimal; empty when nothing is known."""
    if weekly_minutes is None:
        return ""
    hours = weekly_minutes / 60
    return language.say("%(hours)s t/uge", hours=language.number(hours, 0 if hours >= 10 else 1))


def born(language: Language, year: int | None) -> str:
    """`f. 1938`."""
    return language.say("f. %(year)s", year=year) if year else ""


def role_word(language: Language, role: str) -> str:
    """Who wrote a note: the roles' own abbreviations stand as they are."""
    say = language.say
    words = {
        "LEADER": say("leder"),
        "citizen": say("borgeren selv"),
        "device": say("måleudstyr"),
        "other": say("anden"),
    }
    return words.get(role, role)


def status_word(language: Language, status: Status) -> str:
    """Why a citizen is not ranked, in a few words."""
    say = language.say
    words = {
        Status.RANKED: say("Vurderet"),
        Status.IN_HOSPITAL: say("Indlagt nu"),
        Status.TERMINAL: say("Livets afslutning"),
        Status.NO_DATA: say("For få oplysninger"),
        Status.OBJECTED: say("Borgeren har gjort indsigelse"),
    }
    return words[status]


def status_reason(language: Language, status: Status) -> str:
    """Why a status keeps a citizen off the ranking, in a sentence."""
    say = language.say
    sentences = {
        Status.RANKED: "",
        Status.OBJECTED: "",
        Status.IN_HOSPITAL: say("Borgeren er allerede på hospitalet. Efter udskrivelsen vurderes borgeren igen."),
        Status.TERMINAL: say("Der er truffet aftale om den sidste tid. Listen skal ikke pege på en indlæggelse."),
        Status.NO_DATA: say(
            "Der er ikke skrevet eller målt noget i 14 dage. Risikoen er ikke nødvendigvis lav, den er ukendt."
        ),
    }
    return sentences[status]


@lru_cache(maxsize=64)
def action_word(language: Language, action: Action) -> str:
    """What was done, as it is offered and as it is told."""
    say = language.say
    words = {
        Action.SEEN: say("Set"),
        Action.PHONED: say("Ringet"),
        Action.VISITED: say("Besøg"),
        Action.TOBS: say("TOBS taget"),
        Action.DOCTOR: say("Læge kontaktet"),
        Action.CARE_CHANGED: say("Indsats ændret"),
        Action.NO_ACTION: say("Ingen handling"),
        Action.WRONG: say("Passer ikke"),
        Action.HANDED_OVER: say("Overdrag til kollega"),
    }
    return words[action]
