"""The words of reasons, as specification: a group, the citizen's own numbers, and the phrase a nurse reads."""

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from models.features.catalogue import CATALOGUE
from models.features.signals import MEASURED
from models.reasons import quantities, wording
from models.reasons.tellers import Facts, Words
from tests.models.rows_by_name import SETTLED, explained

GROUPS = sorted({feature.group for feature in CATALOGUE.features})


def facts(group: str, named: Mapping[str, float], by_signal: Mapping[str, float] | None = None) -> Facts:
    return Facts(group, explained(named, {}).number, CATALOGUE, by_signal or {})


def told(group: str, named: Mapping[str, float], by_signal: Mapping[str, float] | None = None) -> Words:
    words = wording.speaks_for(facts(group, named, by_signal))
    assert words is not None
    return words


SPOKEN_FOR: list[tuple[str, dict[str, float], str, str]] = [
    (
        "nutrition",
        SETTLED | {"fluid_low.count.7d": 5, "fluid_low.count.30d": 5, "fluid_low.count.90d": 5},
        "Drikker for lidt: noteret 5 gange på 7 dage, ikke i de tre måneder før",
        "Drinks too little: noted 5 times in 7 days, not in the three months before",
    ),
    (
        "nutrition",
        SETTLED | {"fluid_low.count.7d": 1, "fluid_low.count.30d": 2, "fluid_low.count.90d": 3},
        "Drikker for lidt: noteret 1 gang på 7 dage, 2 gange i de tre måneder før",
        "Drinks too little: noted once in 7 days, twice in the three months before",
    ),
    (
        "nutrition",
        SETTLED | {"fluid_low.count.7d": 4, "fluid_low.count.30d": 12, "fluid_low.count.90d": 28},
        "Drikker for lidt: noteret 4 gange på 7 dage, sædvanligt 2 om ugen",
        "Drinks too little: noted 4 times in 7 days, usually 2 a week",
    ),
    (
        "nutrition",
        SETTLED | {"fluid_low.count.30d": 2, "fluid_low.count.90d": 2},
        "Drikker for lidt: noteret 2 gange på 30 dage",
        "Drinks too little: noted twice in 30 days",
    ),
    (
        "care_time",
        SETTLED | {"minutes.sum.7d": 948, "minutes.sum.90d": 948 + 840 * 83 / 7},
        "Hjemmeplejen bruger mere tid: 15,8 t den seneste uge mod sædvanligt 14,0 t",
        "Home care takes more time: 15.8 h last week, usually 14.0 h",
    ),
    (
        "care_time",
        SETTLED | {"minutes.sum.7d": 75, "minutes.sum.90d": 75 + 40 * 83 / 7},
        "Hjemmeplejen bruger mere tid: 1,2 t den seneste uge mod sædvanligt 40 min",
        "Home care takes more time: 1.2 h last week, usually 40 min",
    ),
    (
        "care_time",
        SETTLED | {"minutes.sum.7d": 60, "minutes.sum.90d": 800, "acute_visits.count.30d": 2},
        "Akutte besøg: 2 på 30 dage",
        "Acute visits: 2 in 30 days",
    ),
    (
        "care_time",
        SETTLED | {"minutes.sum.7d": 60, "minutes.sum.90d": 800, "night_visits.count.30d": 9},
        "Natbesøg: 9 på 30 dage",
        "Night visits: 9 in 30 days",
    ),
    (
        "care_time",
        SETTLED | {"minutes.sum.7d": 600, "minutes.sum.90d": 600 * 90 / 7},
        "Hjælp fra hjemmeplejen: 10,0 t den seneste uge",
        "Help from home care: 10.0 h last week",
    ),
    (
        "admissions",
        {"admission.count.90d": 1, "admission.count.365d": 2, "admission.since.ever": 12},
        "Indlagt før: 1 gang på 90 dage, senest for 12 dage siden",
        "Admitted before: once in 90 days, last 12 days ago",
    ),
    (
        "admissions",
        {"admission.count.365d": 3, "admission.since.ever": 120},
        "Indlagt før: 3 gange på et år, senest for 120 dage siden",
        "Admitted before: 3 times in a year, last 120 days ago",
    ),
    (
        "admissions",
        {"emergency_ward.count.90d": 1},
        "Akut på sygehus uden indlæggelse: 1 gang på 90 dage",
        "Emergency visits without admission: once in 90 days",
    ),
    (
        "discharge",
        {"discharge.since.ever": 1, "discharge.last.365d": 4.8},
        "Udskrevet for 1 dag siden: efter 5 dage på sygehus",
        "Discharged 1 day ago: after 5 days in hospital",
    ),
    (
        "discharge",
        {"discharge.since.ever": 30, "discharge.last.365d": 1.2},
        "Udskrevet for 30 dage siden: efter 1 dag på sygehus",
        "Discharged 30 days ago: after 1 day in hospital",
    ),
    (
        "discharge",
        {"discharge.since.ever": 8, "discharge.last.365d": 0.4},
        "Udskrevet for 8 dage siden: efter under et døgn på sygehus",
        "Discharged 8 days ago: after less than a day in hospital",
    ),
    (
        "emergency_call",
        SETTLED | {"emergency_call.count.7d": 3, "emergency_call.count.30d": 4, "emergency_call.count.90d": 4},
        "Nødkald: 3 på 7 dage, 1 i de tre måneder før",
        "Emergency calls: 3 in 7 days, 1 in the three months before",
    ),
    ("emergency_call", {"emergency_call.count.30d": 2}, "Nødkald: 2 på 30 dage", "Emergency calls: 2 in 30 days"),
    (
        "cooperation",
        {"declined.count.14d": 1},
        "Besøg, der ikke blev til noget: 1 afvist på 14 dage",
        "Visits that came to nothing: 1 declined in 14 days",
    ),
    (
        "cooperation",
        {"declined.count.14d": 2, "no_response.count.14d": 1},
        "Besøg, der ikke blev til noget: 2 afviste og 1 uden svar på 14 dage",
        "Visits that came to nothing: 2 declined and 1 unanswered in 14 days",
    ),
    (
        "cooperation",
        {"no_response.count.14d": 3},
        "Besøg, der ikke blev til noget: 3 uden svar på 14 dage",
        "Visits that came to nothing: 3 unanswered in 14 days",
    ),
    (
        "cooperation",
        {"refusal.count.30d": 2},
        "Siger nej til hjælp: noteret 2 gange på 30 dage",
        "Refuses help: noted twice in 30 days",
    ),
    ("triage", {"triage.max.7d": 2}, "Triage: rød inden for 7 dage", "Triage: red within 7 days"),
    ("triage", {"triage.max.7d": 1}, "Triage: gul inden for 7 dage", "Triage: yellow within 7 days"),
    (
        "measured",
        SETTLED | {"measurements.count.7d": 18, "measurements.count.90d": 18 + 6 * 83 / 7},
        "Målinger: 18 på 7 dage, sædvanligt 6 om ugen",
        "Measurements: 18 in 7 days, usually 6 a week",
    ),
    (
        "weight",
        {
            "weight.last.90d": 71.4,
            "weight.since.365d": 2,
            "weight.last.45d.difference.weight.mean.31_90d": 2.1,
        },
        "Vægt: 71,4 kg for 2 dage siden, 2,1 kg over det sædvanlige",
        "Weight: 71.4 kg 2 days ago, 2.1 kg above the usual",
    ),
    (
        "temperature",
        {"temperature.last.90d": 36.8, "temperature.since.365d": 40},
        "Temperatur: 36,8 °C for 40 dage siden",
        "Temperature: 36.8 °C 40 days ago",
    ),
    (
        "saturation",
        {
            "saturation.last.90d": 88,
            "saturation.since.365d": 1,
            "saturation.count.7d": 4,
            "saturation.mean.7d.difference.saturation.mean.8_180d": -4.4,
        },
        "Iltmætning: 88 % for 1 dag siden, ugens gennemsnit 4 procentpoint under det sædvanlige",
        "Oxygen saturation: 88% 1 day ago, the week's mean 4 percentage points below the usual",
    ),
    (
        "saturation",
        {
            "saturation.last.90d": 92,
            "saturation.since.365d": 6,
            "saturation.count.7d": 1,
            "saturation.mean.7d.difference.saturation.mean.8_180d": 1.2,
        },
        "Iltmætning: 92 % for 6 dage siden, 1 procentpoint over det sædvanlige",
        "Oxygen saturation: 92% 6 days ago, 1 percentage point above the usual",
    ),
    (
        "pulse",
        {
            "pulse.last.90d": 96,
            "pulse.since.365d": 3,
            "pulse.count.7d": 1,
            "pulse.mean.7d.difference.pulse.mean.8_180d": 0.4,
        },
        "Puls: 96/min for 3 dage siden",
        "Pulse: 96/min 3 days ago",
    ),
]


@pytest.mark.parametrize(("group", "named", "danish", "english"), SPOKEN_FOR)
def test_a_group_is_told_in_the_citizens_own_numbers(group: str, named: dict[str, float], danish: str, english: str):
    words = told(group, named)
    assert (words.danish, words.english) == (danish, english)


SPOKEN_AGAINST: list[tuple[str, dict[str, float], str, str]] = [
    (
        "nutrition",
        SETTLED | {"records.count.90d": 12},
        "Mad, drikke og vægt: intet bekymrende noteret i 90 dage",
        "Food, drink and weight: no concern noted in 90 days",
    ),
    (
        "care_time",
        SETTLED | {"minutes.sum.7d": 840, "minutes.sum.90d": 840 + 852 * 83 / 7},
        "Hjælpen er ikke steget: 14,0 t den seneste uge, sædvanligt 14,2 t",
        "Care has not risen: 14.0 h last week, usually 14.2 h",
    ),
    ("admissions", SETTLED, "Ingen indlæggelser: det seneste år", "No admissions: in the last year"),
    ("emergency_call", SETTLED, "Ingen nødkald: de seneste 90 dage", "No emergency calls: in the last 90 days"),
]


@pytest.mark.parametrize(("group", "named", "danish", "english"), SPOKEN_AGAINST)
def test_what_has_not_happened_speaks_against(group: str, named: dict[str, float], danish: str, english: str):
    words = wording.speaks_against(facts(group, named))
    assert words is not None
    assert (words.danish, words.english) == (danish, english)


@pytest.mark.parametrize("group", GROUPS)
def test_somebody_without_events_is_told_nothing(group: str):
    assert wording.speaks_for(facts(group, {})) is None
    assert wording.speaks_against(facts(group, {})) is None


@pytest.mark.parametrize("group", sorted(wording.UNTOLD))
def test_what_nobody_can_act_on_is_never_told(group: str):
    everything = dict.fromkeys(CATALOGUE.names, 5.0)
    assert wording.speaks_for(facts(group, everything)) is None
    assert wording.speaks_against(facts(group, everything)) is None


@pytest.mark.parametrize("group", sorted(set(GROUPS) - wording.UNTOLD))
def test_every_other_group_has_words_when_there_is_something_to_tell(group: str):
    words = told(group, dict.fromkeys(CATALOGUE.names, 2.0))
    for phrase in (words.danish, words.english):
        assert re.fullmatch(r"[A-ZÆØÅ][^:]*: [^:]*[^:.,; ]", phrase), phrase
        assert not re.search(r"risiko|sandsynlig|model|score|signal|feature|\bnan\b|None", phrase), phrase


@pytest.mark.parametrize(
    ("group", "named"),
    [
        ("nutrition", {"fluid_low.count.90d": 4}),
        ("care_time", {"minutes.sum.90d": 300}),
        ("admissions", {"admission.since.ever": 800}),
        ("discharge", {"discharge.since.ever": 91, "discharge.last.365d": 3}),
        ("emergency_call", {"emergency_call.count.90d": 2}),
        ("cooperation", {"declined.count.30d": 0, "declined.count.90d": 2}),
        ("triage", {"triage.max.7d": 0}),
        ("triage", {"triage.max.30d": 2}),
        ("measured", {"measurements.count.30d": 2}),
        ("weight", {"weight.since.365d": 120}),
    ],
)
def test_what_is_long_past_is_no_reason(group: str, named: dict[str, float]):
    assert wording.speaks_for(facts(group, named)) is None


@pytest.mark.parametrize(
    ("group", "named"),
    [
        ("nutrition", {"records.count.90d": 5, "fluid_low.count.90d": 1}),
        ("nutrition", {"records.count.90d": 0}),
        ("care_time", {"minutes.sum.7d": 900, "minutes.sum.90d": 900 + 800 * 83 / 7}),
        ("care_time", {"minutes.sum.7d": 0, "minutes.sum.90d": 0}),
        ("admissions", {"admission.count.365d": 1}),
        ("emergency_call", {"emergency_call.count.90d": 1}),
        ("pulse", {}),
        ("worry", {"records.count.90d": 5}),
    ],
)
def test_nothing_speaks_against_where_it_did_happen(group: str, named: dict[str, float]):
    assert wording.speaks_against(facts(group, SETTLED | named)) is None


NEW_IN_CARE = SETTLED | {"care.since.ever": 12.0}
SHORT_RECORD = SETTLED | {"minutes.count.30d": 200.0}


@pytest.mark.parametrize("reach", [NEW_IN_CARE, SHORT_RECORD], ids=["new in care", "short record"])
def test_nothing_is_called_usual_or_missing_where_the_record_does_not_reach_back(reach: dict[str, float]):
    care = reach | {"minutes.sum.7d": 600, "minutes.sum.90d": 700, "records.count.30d": 9, "records.count.90d": 9}
    assert told("care_time", care).danish == "Hjælp fra hjemmeplejen: 10,0 t den seneste uge"
    calls = reach | {"emergency_call.count.7d": 1, "emergency_call.count.30d": 1, "emergency_call.count.90d": 1}
    assert told("emergency_call", calls).danish == "Nødkald: 1 på 7 dage"
    noted = reach | {"fever.count.7d": 1, "fever.count.30d": 1, "fever.count.90d": 1}
    assert told("infection", noted).danish == "Feber: noteret 1 gang på 7 dage"
    for group in ("nutrition", "care_time", "admissions", "emergency_call"):
        assert wording.speaks_against(facts(group, care)) is None


def test_a_year_without_admission_needs_a_year_in_care():
    assert wording.speaks_against(facts("admissions", SETTLED | {"care.since.ever": 364})) is None


def test_of_several_concerns_the_two_that_count_most_are_named():
    noted = {f"{name}.count.30d": 1.0 for name in ("appetite_low", "fluid_low", "weight_loss")}
    words = told("nutrition", noted, {"weight_loss": 0.4, "appetite_low": 0.1, "fluid_low": 0.2})
    assert words.danish == "Vægttab og drikker for lidt: noteret 2 gange på 30 dage"
    assert words.english == "Weight loss and drinks too little: noted twice in 30 days"
    assert words.signals == ("weight_loss", "fluid_low")


def test_visits_that_came_to_nothing_rest_on_what_there_is():
    named = {"no_response.count.14d": 1.0, "no_answer.count.30d": 1.0}
    assert told("cooperation", named).signals == ("no_response", "no_answer")


def test_every_group_of_concerns_has_a_topic_or_never_speaks_against():
    of_concerns = {signal.group for signal in CATALOGUE.signals if signal.found_only} - {"concerns"}
    assert of_concerns - wording.TOPICS.keys() == {"cooperation", "worry"}
    assert wording.TOPICS.keys() <= of_concerns


@pytest.mark.parametrize("name", sorted(MEASURED))
def test_every_measured_value_is_told_with_the_name_it_has(name: str):
    words = told(name, {f"{name}.last.90d": 6.0, f"{name}.since.365d": 4.0})
    signal = CATALOGUE.signal(name)
    assert words.danish.lower().startswith(f"{signal.danish.lower()}: 6")
    assert words.english.lower().endswith("4 days ago")


def test_a_catalogue_that_does_not_count_a_concern_tells_nothing_of_it():
    without = replace(facts("nutrition", {}), group="nobody knows it")
    assert wording.speaks_for(without) is None


@pytest.mark.parametrize(
    ("said", "danish", "english"),
    [
        (quantities.number(1234.5, 1), "1234,5", "1234.5"),
        (quantities.times(1), "1 gang", "once"),
        (quantities.times(2), "2 gange", "twice"),
        (quantities.times(7), "7 gange", "7 times"),
        (quantities.ago(1), "for 1 dag siden", "1 day ago"),
        (quantities.ago(14), "for 14 dage siden", "14 days ago"),
        (quantities.length(0.99), "under et døgn", "less than a day"),
        (quantities.length(1), "1 dag", "1 day"),
        (quantities.length(21.6), "22 dage", "22 days"),
        (quantities.care(59.4), "59 min", "59 min"),
        (quantities.care(59.6), "1,0 t", "1.0 h"),
        (quantities.before(0.0), "ikke i de tre måneder før", "not in the three months before"),
        (
            quantities.before(1 / quantities.WEEKS_BEFORE),
            "1 gang i de tre måneder før",
            "once in the three months before",
        ),
        (quantities.before(0.95), "sædvanligt 1 om ugen", "usually 1 a week"),
    ],
)
def test_quantities_are_said_as_one_says_them(said: quantities.Said, danish: str, english: str):
    assert said == (danish, english)
