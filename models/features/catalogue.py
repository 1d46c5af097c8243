"""The catalogue: every feature of the model, written as data. A feature more is a line more.

Each family says which aggregates of which signals over which windows, and why. Sources are sections of `docs/field.md`:
what precedes an admission, what may differ between towns without meaning anything ("field 8.6": section 8, point 6).
"""

from collections.abc import Iterable, Iterator

from models.features.signals import MEASURED, concern_names, signals
from models.features.spec import (
    EVER,
    Aggregate,
    Aggregation,
    Catalogue,
    Compared,
    Comparison,
    Definition,
    Feature,
    Season,
    Window,
)
from models.notes.lexicon import Lexicon, packaged_lexicon

COUNT, SUM, DAYS, DECAYED = Aggregation.COUNT, Aggregation.SUM, Aggregation.DAYS, Aggregation.DECAYED
MEAN, MIN, MAX, STD = Aggregation.MEAN, Aggregation.MIN, Aggregation.MAX, Aggregation.STD
LAST, SINCE, SLOPE = Aggregation.LAST, Aggregation.SINCE, Aggregation.SLOPE

HALF_LIVES = (4, 10, 30, 120)
YEAR = Window(365)
BASELINE = Window(90, first=7)
"""A citizen's own usual: the 8th to the 90th day before T, so that the last week is compared with what went before."""
_WEEK_OF_BASELINE = 7 / BASELINE.days
_MONITORING = "interchange: monitoring_plans"


def catalogue(lexicon: Lexicon) -> Catalogue:
    """The catalogue for the concerns of a lexicon."""
    concerns = concern_names(lexicon)
    families = (
        *_care(),
        *_documentation(),
        *_all_concerns(),
        *(feature for name in concerns for feature in _concern(name)),
        *_incidents(),
        *_monitoring(),
        *_sensors(),
        *(feature for name in MEASURED for feature in _measured(name)),
        *_weight(),
        *_stays(),
        *_citizen(),
    )
    of_signal = {signal.name: signal for signal in signals(lexicon)}
    return Catalogue(signals(lexicon), tuple(_grouped(families, {n: s.group for n, s in of_signal.items()})))


Line = tuple[Definition, str, str]
"""A definition, its unit, and its source."""


def _grouped(lines: Iterable[Line], group_of: dict[str, str]) -> Iterator[Feature]:
    for definition, unit, source in lines:
        yield Feature(definition, _group(definition, group_of), unit, source)


def _group(definition: Definition, group_of: dict[str, str]) -> str:
    if isinstance(definition, Season):
        return "season"
    return group_of[definition.left.signal if isinstance(definition, Compared) else definition.signal]


def _over(signal: str, aggregation: Aggregation, *days: int) -> Iterator[Aggregate]:
    return (Aggregate(signal, aggregation, Window(end)) for end in days)


def _decayed(signal: str) -> Iterator[Aggregate]:
    """Exponentially decayed counts: recent events weigh most, and no window border makes a number jump."""
    return (_fading(signal, half_life) for half_life in HALF_LIVES)


def _fading(signal: str, half_life: int) -> Aggregate:
    """A decayed count, looked back at until an event weighs less than half a percent, a year at most."""
    return Aggregate(signal, DECAYED, Window(min(8 * half_life, YEAR.end)), half_life)


def _dense(signal: str, against: str, half_lives: tuple[int, ...]) -> Iterator[Compared]:
    """The same per record written: districts write much or little, which says nothing about the citizen."""
    for half_life in half_lives:
        yield Compared(Comparison.RATIO, _fading(signal, half_life), _fading(against, half_life), prior=2.0)


def _rise(signal: str, aggregation: Aggregation, prior: float) -> Compared:
    """The last week against the citizen's own baseline, as a logarithm: doubling and halving weigh the same."""
    recent, usual = Aggregate(signal, aggregation, Window(7)), Aggregate(signal, aggregation, BASELINE)
    return Compared(Comparison.LOG_RATIO, recent, usual, scale=_WEEK_OF_BASELINE, prior=prior)


def _care() -> Iterator[Line]:
    """Visits and minutes; their rise against the citizen's own usual is PATINA's rule (field 2 and 4)."""
    rising = Aggregate("minutes", SUM, Window(30)), Aggregate("minutes", SUM, Window(180, first=30))
    for days in (3, 7, 14, 30, 90):
        yield Aggregate("minutes", SUM, Window(days)), "minutes", "field 2: Aalborg, PATINA"
        yield Aggregate("minutes", COUNT, Window(days)), "visits", "field 2: Aalborg"
    yield _rise("minutes", SUM, 60.0), "log ratio", "field 2: PATINA"
    yield _rise("minutes", COUNT, 1.0), "log ratio", "field 2: PATINA"
    yield Compared(Comparison.LOG_RATIO, *rising, scale=30 / 150, prior=120.0), "log ratio", "field 4: +33 % in a year"
    yield Aggregate("minutes", SLOPE, Window(30)), "minutes/day", "field 4"
    yield Aggregate("minutes", STD, Window(30)), "minutes", "field 4"
    yield (
        Compared(
            Comparison.LOG_RATIO, Aggregate("minutes", SUM, Window(7)), Aggregate("planned", SUM, Window(7)), prior=30.0
        ),
        "log ratio",
        "field 3.2: planned is not delivered",
    )
    granted = Aggregate("granted", SUM, Window(EVER)), Aggregate("granted_ended", SUM, Window(EVER))
    yield Compared(Comparison.DIFFERENCE, *granted), "minutes/week", "field 3.2"
    for name in ("nursing_visits", "night_visits", "acute_visits", "personal_care_visits", "practical_help_visits"):
        yield from ((part, "visits", "field 2: Aalborg") for part in _over(name, COUNT, 7, 30, 90))
        yield _rise(name, COUNT, 0.5), "log ratio", "field 2: Aalborg"
    for name in ("declined", "no_response", "cancelled"):
        yield from ((part, "visits", "field 2: PRESAGE") for part in _over(name, COUNT, 7, 14, 30, 90))
        yield from ((part, "decayed visits", "field 2: PRESAGE") for part in _decayed(name))
        yield from ((part, "per visit", "field 2: PRESAGE") for part in _dense(name, "minutes", (10,)))
        yield _rise(name, COUNT, 0.5), "log ratio", "field 8.6"


def _documentation() -> Iterator[Line]:
    """How much is written, and how long it has been silent: not a sign of illness, but what signs are counted in."""
    for name in ("notes", "nurse_notes", "records", "measurements"):
        yield from ((part, "records", "field 8.18") for part in _over(name, COUNT, 3, 7, 14, 30, 90))
        yield Aggregate(name, SINCE, YEAR), "days", "field 8.18"
        yield _rise(name, COUNT, 1.0), "log ratio", "field 3.5: measuring is itself a sign"
        yield from ((part, "decayed records", "field 8.18") for part in _decayed(name))
    yield from ((part, "days", "field 3.5") for part in _over("measurements", DAYS, 7, 30))
    yield from ((part, "words", "field 4: note style") for part in _over("notes", MEAN, 7, 30, 90))
    yield Aggregate("minutes", SINCE, Window(90)), "days", "field 8.18"


def _all_concerns() -> Iterator[Line]:
    for name in ("concerns", "worse", "absent"):
        yield from ((part, "concerns", "field 2: Omaha concepts") for part in _over(name, COUNT, 3, 7, 14, 30, 90))
        yield from ((part, "days", "field 2") for part in _over(name, DAYS, 14, 30))
        yield from ((part, "decayed concerns", "field 2") for part in _decayed(name))
        yield from ((part, "per record", "field 4: density") for part in _dense(name, "records", HALF_LIVES))
        yield _rise(name, COUNT, 1.0), "log ratio", "field 8.6"
        yield Aggregate(name, SINCE, YEAR), "days", "field 2"


def _concern(name: str) -> Iterator[Line]:
    """One concept of the lexicon, however it was noticed."""
    yield from ((part, "times", "field 5") for part in _over(name, COUNT, 7, 30, 90))
    yield from ((part, "decayed times", "field 5") for part in _decayed(name))
    yield from ((part, "per record", "field 4: density") for part in _dense(name, "records", (10, 30)))
    yield _rise(name, COUNT, 0.5), "log ratio", "field 8.6"
    yield Aggregate(name, SINCE, YEAR), "days", "field 5"


def _incidents() -> Iterator[Line]:
    yield from (
        (part, "calls", "field 1: emergency calls") for part in _over("emergency_call", COUNT, 3, 7, 14, 30, 90, 180)
    )
    yield from ((part, "decayed calls", "field 1") for part in _decayed("emergency_call"))
    yield _rise("emergency_call", COUNT, 0.5), "log ratio", "field 1"
    yield Aggregate("emergency_call", SINCE, YEAR), "days", "field 1"
    yield from ((part, "times", "field 3.6") for part in _over("fall", COUNT, 180, 365))
    yield from (
        (part, "colour 0-2", "field 3.6") for part in (*_over("triage", LAST, 30), *_over("triage", MAX, 7, 30))
    )
    yield from ((part, "days", "field 3.6") for part in _over("triage", SINCE, 365))
    yield from ((part, "times", _MONITORING) for part in _over("questionnaire", COUNT, 3, 7, 30, 90))
    yield _rise("questionnaire", COUNT, 1.0), "log ratio", _MONITORING


def _monitoring() -> Iterator[Line]:
    """Home monitoring: kept to the plan or not, beyond the citizen's own limits or not, and what sensors tell."""
    yield from ((part, "measurements", _MONITORING) for part in _over("monitored", COUNT, 7, 30, 90))
    yield from (
        (part, "planned intervals", _MONITORING) for kind in (MEAN, MAX) for part in _over("monitored", kind, 7, 30)
    )
    yield _rise("monitored", COUNT, 1.0), "log ratio", _MONITORING
    yield from ((part, "times", _MONITORING) for part in _over("breach", COUNT, 3, 7, 30, 90))
    yield from ((part, "days", _MONITORING) for part in _over("breach", DAYS, 14, 30))
    yield from ((part, "per measurement", _MONITORING) for part in _dense("breach", "monitored", (4, 10, 30)))
    yield _rise("breach", COUNT, 0.5), "log ratio", _MONITORING
    yield from ((Aggregate(name, SINCE, YEAR), "days", _MONITORING) for name in ("monitored", "breach", "cat", "who5"))
    for name in ("cat", "who5"):
        usual = Aggregate(name, MEAN, Window(180, first=14))
        yield Aggregate(name, LAST, Window(90)), "points", _MONITORING
        yield Compared(Comparison.DIFFERENCE, Aggregate(name, LAST, Window(45)), usual), "points", "field 8.6"
        yield Aggregate(name, SLOPE, Window(180)), "points/day", _MONITORING
    for name in ("pulse", "saturation", "systolic", "respiration", "glucose"):
        yield from ((part, "value/day", _MONITORING) for part in _over(name, SLOPE, 14, 30))
        spread = Aggregate(name, STD, Window(14)), Aggregate(name, STD, Window(180, first=14))
        yield Compared(Comparison.DIFFERENCE, *spread), "value", "field 8.6"


def _sensors() -> Iterator[Line]:
    """Readings by day and by night, against the citizen's own usual: a restless night is news of one who slept well."""
    for part in ("day", "night"):
        for name in (f"readings_{part}", f"bed_exits_{part}", f"door_{part}"):
            yield from ((total, "times", _MONITORING) for total in _over(name, SUM, 3, 7, 30))
            yield _rise(name, SUM, 1.0), "log ratio", "field 8.6"
        yield Aggregate(f"readings_{part}", SINCE, Window(90)), "days", _MONITORING
        idle = f"inactivity_{part}"
        yield from ((most, "hours", _MONITORING) for most in (*_over(idle, MAX, 3, 7), *_over(idle, MEAN, 30)))
        usual = Aggregate(idle, MEAN, Window(180, first=7))
        yield Compared(Comparison.DIFFERENCE, Aggregate(idle, MEAN, Window(7)), usual), "hours", "field 8.6"


def _measured(name: str) -> Iterator[Line]:
    """A measured value: its level, its spread, its distance from the citizen's own usual, and that it was taken."""
    usual = Aggregate(name, MEAN, Window(180, first=7))
    yield Aggregate(name, LAST, Window(90)), "value", "field 3.7"
    yield from ((Aggregate(name, kind, Window(30)), "value", "field 3.7") for kind in (MEAN, MIN, MAX, STD))
    yield from ((part, "value", "field 3.5") for kind in (MIN, MAX) for part in _over(name, kind, 7))
    yield Compared(Comparison.DIFFERENCE, Aggregate(name, MEAN, Window(7)), usual), "value", "field 8.6"
    yield from ((part, "times", "field 3.5: missing not at random") for part in _over(name, COUNT, 7, 30, 90))
    yield Aggregate(name, SINCE, YEAR), "days", "field 3.5"


def _weight() -> Iterator[Line]:
    """Unplanned change of a kilogram matters within months, fast gain within weeks (field 3.6 and 4)."""
    last = Aggregate("weight", LAST, Window(45))
    for first, end in ((14, 60), (30, 90), (90, 180), (180, 365)):
        yield (
            Compared(Comparison.DIFFERENCE, last, Aggregate("weight", MEAN, Window(end, first))),
            "kg",
            "field 3.6: EVS",
        )
    yield from ((part, "kg/day", "field 3.6: EVS") for part in _over("weight", SLOPE, 90, 180))


def _stays() -> Iterator[Line]:
    """Earlier stays; the weeks after a discharge are the most dangerous of all (field 4)."""
    for name in ("acute_admission", "admission", "emergency_ward"):
        yield from ((part, "stays", "field 4") for part in _over(name, COUNT, 30, 90, 180, 365))
        yield from ((part, "decayed stays", "field 4") for part in _decayed(name))
        yield Aggregate(name, SINCE, Window(EVER)), "days", "field 4"
    yield Aggregate("discharge", SINCE, Window(EVER)), "days", "field 4: hazard by week"
    yield from ((part, "decayed discharges", "field 4: hazard by week") for part in _decayed("discharge"))
    yield Aggregate("discharge", LAST, YEAR), "days in hospital", "field 2: LACE"
    yield Aggregate("discharge", SUM, YEAR), "days in hospital", "field 2: LACE"


def _citizen() -> Iterator[Line]:
    yield Aggregate("birth", SINCE, Window(EVER)), "days", "field 2"
    yield Aggregate("female", COUNT, Window(EVER)), "0 or 1", "field 4"
    yield Aggregate("care", SINCE, Window(EVER)), "days", "field 4: new home care"
    yield from (
        (Aggregate("function", kind, Window(EVER)), "level 0-4", "field 3.2") for kind in (LAST, MAX, SUM, COUNT)
    )
    for name in (
        *("nursing_conditions", "breathing_condition", "nutrition_condition", "skin_condition", "memory_condition"),
        *("elimination_condition", "diagnoses", "heart_failure", "copd", "diabetes", "dementia", "stroke", "cancer"),
    ):
        yield Aggregate(name, COUNT, Window(EVER)), "conditions", "field 3.2"
    yield Aggregate("nursing_conditions", COUNT, Window(90)), "conditions", "field 3.2"
    yield from ((season, "", "field 4: seasonality") for season in Season)


CATALOGUE = catalogue(packaged_lexicon())
"""The catalogue of the packaged lexicon: what is trained on and scored."""
