"""What an invented municipality is made of: every setting, as frozen and validated data.

The numbers with their sources stand in `training/config/town_danish.toml`; this module only gives them a shape.
It draws no citizen and must not read a clock: a town is the same for ever.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field, TypeAdapter, ValidationError

from models.errors import RequestWrong
from training.synthetic.chance import stream

CONFIG = Path(__file__).parents[1] / "config"
LAST_MONDAY = date(2025, 6, 30)
"""The default end: no row is recorded on or after it, and the newest list is dated by it."""

Share = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]


@dataclass(frozen=True, slots=True)
class Organisation:
    """How the municipality is divided."""

    districts: Annotated[tuple[str, ...], Field(min_length=1)]
    teams_per_district: Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True)
class Rates:
    """How often what happens; a year is 365 days, a month 30."""

    acute_per_30_days: Annotated[float, Field(gt=0, lt=0.3)]
    unheralded_share: Share
    elective_per_30_days: Share
    emergency_only_per_30_days: Share
    death_at_home_per_year: Share
    terminal_per_year: Share
    terminal_days: Annotated[float, Field(ge=2)]
    death_in_hospital_share: Share
    leave_per_year: Share
    season_amplitude: Annotated[float, Field(ge=0, lt=1)]
    from_hospital_share: Share
    in_care_at_start: Annotated[float, Field(gt=0, le=1)]


@dataclass(frozen=True, slots=True)
class Risk:
    """What the hazard of an acute admission is made of; effects are on its logarithm."""

    static_sd: Amount
    frailty_effect: Amount
    frailty_half_life_days: Positive
    discharge_peak: Amount
    discharge_decay_days: Positive
    terminal_factor: Share


@dataclass(frozen=True, slots=True)
class Stay:
    """How long a hospital stay lasts and how the hospital tells of it."""

    short_share: Share
    mean_days: Annotated[float, Field(ge=2)]
    emergency_first_share: Share
    planned_tag_share: Share
    leave_share: Share
    revised_share: Share
    cancelled_per_stay: Share


@dataclass(frozen=True, slots=True)
class Care:
    """How much help is granted and given."""

    hours_median: Positive
    hours_log_sd: Positive
    hours_risk_correlation: Annotated[float, Field(ge=-1, le=1)]
    minutes_per_frailty: Amount
    reassessment_days: Annotated[float, Field(ge=1)]
    visit_minutes: Positive
    delivered_per_prodrome: Amount
    extra_visits_per_prodrome: Amount
    refused_share: Share
    no_response_share: Share
    cancelled_share: Share


@dataclass(frozen=True, slots=True)
class Documentation:
    """What is written down, how often and in which words."""

    notes_per_day: Amount
    notes_per_prodrome: Amount
    mentions_chronic: Amount
    mentions_frailty: Amount
    mentions_prodrome: Amount
    negated: Amount
    signs_per_day: Amount
    signs_frailty: Amount
    signs_prodrome: Amount
    frailty_slope: Amount
    team_density_sd: Amount
    copied_share: Share
    typo_share: Share
    baseline_share: Share
    other_person: Amount
    heading_share: Share
    falls_per_day: Amount
    emergency_calls_per_day: Amount
    missed_medication_per_day: Amount
    measured_routine_per_day: Amount
    measured_prodrome_per_day: Amount
    weighed_share: Share
    monitored_share: Share
    vocabulary_share: Annotated[float, Field(gt=0, le=1)]
    other_words_share: Share
    own_words_share: Share
    signs_in_use: Annotated[float, Field(gt=0, le=1)]


@dataclass(frozen=True, slots=True)
class Recording:
    """How what happened becomes known, and what goes wrong on the way."""

    late_share: Share
    late_days: Annotated[int, Field(ge=1)]
    delay_minutes: Positive
    backdated_share: Share
    corrected_share: Share
    retracted_share: Share
    unreported_share: Share
    plan_only_share: Share


@dataclass(frozen=True, slots=True)
class Prodrome:
    """An acute illness that shows for some days before it ends in an admission or passes.

    Shifts of measured values are at full strength: degrees, beats and breaths a minute, percent, mmHg; `weight` is kg
    a day. `signs` weighs the concepts by which it shows; `susceptible` names the diagnoses that make it more frequent.
    """

    name: str
    share: Positive
    admitted: Annotated[float, Field(gt=0, le=0.66)]
    mean_days: Positive
    least_days: Annotated[int, Field(ge=1)]
    susceptible: tuple[str, ...]
    temperature: float
    pulse: float
    respiration: float
    saturation: float
    systolic: float
    weight: float
    signs: dict[str, Positive]


@dataclass(frozen=True, slots=True)
class Town:
    """An invented municipality: who lives there is decided by `seed`, how things go by the rest.

    `citizens` counts everybody who ever receives home care in the `weeks` weeks that end with the day before `end`.
    """

    citizens: Annotated[int, Field(ge=1)]
    weeks: Annotated[int, Field(ge=2)]
    seed: Annotated[int, Field(ge=0)]
    end: date
    organisation: Organisation
    rates: Rates
    risk: Risk
    stay: Stay
    care: Care
    documentation: Documentation
    recording: Recording
    prodromes: Annotated[tuple[Prodrome, ...], Field(min_length=1)]

    @property
    def days(self) -> int:
        """Number of simulated days."""
        return 7 * self.weeks

    @property
    def first_day(self) -> date:
        """The first simulated day."""
        return self.end - timedelta(days=self.days)

    @property
    def teams(self) -> int:
        """Number of home-care teams over all districts."""
        return len(self.organisation.districts) * self.organisation.teams_per_district


_TOWN = TypeAdapter(Town)


def danish_town(citizens: int = 2000, weeks: int = 104, seed: int = 1, end: date = LAST_MONDAY) -> Town:
    """A municipality at Danish rates.

    Raises:
        RequestWrong: when a number is outside what a town can be.
    """
    return town_from(_read("town_danish.toml"), citizens=citizens, weeks=weeks, seed=seed, end=end)


def varied_town(citizens: int, weeks: int, seed: int, end: date = LAST_MONDAY) -> Town:
    """A municipality whose rates, wording, signs, delays and habits are drawn by `seed` from wide ranges.

    For testing a model on towns unlike those it was tuned on; the ranges stand in `town_varied.toml`.

    Raises:
        RequestWrong: when a number is outside what a town can be.
    """
    return _drawn(_read("town_varied.toml"), citizens, weeks, seed, end)


def wordy_town(citizens: int, weeks: int, seed: int, end: date = LAST_MONDAY) -> Town:
    """A varied municipality that writes much, ticks few everyday observations, and words most things its own way.

    What it does otherwise than a varied one stands in `town_wordy.toml`.

    Raises:
        RequestWrong: when a number is outside what a town can be.
    """
    ranges = _read("town_varied.toml")
    for section, otherwise in _read("town_wordy.toml").items():
        ranges[section] |= otherwise
    return _drawn(ranges, citizens, weeks, seed, end)


def _drawn(ranges: dict[str, Any], citizens: int, weeks: int, seed: int, end: date) -> Town:
    rng = stream(seed, "varied town")
    settings = _read("town_danish.toml")
    factors = ranges.pop("prodromes")
    for section, drawn in ranges.items():
        for name, (low, high) in drawn.items():
            settings[section][name] = _log_uniform(rng, low, high)
    for prodrome in settings["prodromes"]:
        for name, (low, high) in factors.items():
            prodrome[name] *= _log_uniform(rng, low, high)
        prodrome["signs"] = {sign: weight * _log_uniform(rng, 0.4, 2.5) for sign, weight in prodrome["signs"].items()}
    return town_from(settings, citizens=citizens, weeks=weeks, seed=seed, end=end)


def town_from(settings: Mapping[str, object], *, citizens: int, weeks: int, seed: int, end: date) -> Town:
    """A town of given settings, in the form of `town_danish.toml`.

    Raises:
        RequestWrong: when a setting is missing, unknown or outside its bounds.
    """
    try:
        return _TOWN.validate_python({**settings, "citizens": citizens, "weeks": weeks, "seed": seed, "end": end})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RequestWrong(f"The town cannot be made: {where}: {first['msg']}.", "Correct this setting.") from error


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((CONFIG / name).read_text(encoding="utf-8"))


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
