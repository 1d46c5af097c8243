"""The catalogue itself: every feature is told apart, explained and computable, and none looks where it must not."""

import re

import numpy as np
import pytest

from models.events import matches
from models.features.catalogue import CATALOGUE, catalogue
from models.features.signals import concern_names, signals
from models.features.spec import EVER, Feature
from models.notes.lexicon import load_lexicon
from models.projection import RULES, STANDING, STREAM
from models.vocabulary import vocabulary

LEXICON = load_lexicon()
STANDING_CODES = (
    *(re.sub(r"\{.*\}", "", rule.code) for table in STANDING if table in RULES for rule in RULES[table]),
    "stay:",
)
STREAM_CODES = [
    *("visit:nursing", "visit:declined", "visit:planned", "note:SSH", "note:SPL", "sensor:bed_exit"),
    *("questionnaire:CAT/total", "local-17", "monitored:NPU03804", "breach:NPU03804", "sum:night:sensor:bed_exit"),
    *vocabulary().names,
    *(f"{kind}:{name}" for kind in ("sign", "mention") for name in LEXICON.concepts),
    *(f"noted:{code}" for code in vocabulary().measured),
]


def test_there_are_more_than_five_hundred_features() -> None:
    assert len(CATALOGUE.features) >= 500


def test_every_name_is_given_once() -> None:
    assert len(set(CATALOGUE.names)) == len(CATALOGUE.names)


@pytest.mark.parametrize("field", ["group", "source"])
def test_every_feature_says_where_it_belongs_and_where_it_comes_from(field: str) -> None:
    assert [feature.name for feature in CATALOGUE.features if not getattr(feature, field)] == []


def test_every_feature_but_the_time_of_year_has_a_unit() -> None:
    assert {feature.name for feature in CATALOGUE.features if not feature.unit} <= {"season.sin", "season.cos"}


def test_every_signal_has_a_group_and_a_name_in_both_languages() -> None:
    lacking = [s.name for s in CATALOGUE.signals if not (s.codes and s.group and s.danish and s.english)]
    assert lacking == []


def test_every_signal_is_looked_at() -> None:
    assert {signal.name for signal in CATALOGUE.signals} == {part.signal for part in CATALOGUE.aggregates}


def test_windows_without_end_look_at_standing_facts_only() -> None:
    """Files of the stream are passed over by date, so what lies in them must not be looked at for ever."""
    for name in {part.signal for part in CATALOGUE.aggregates if part.window.end == EVER}:
        codes = CATALOGUE.signal(name).codes
        assert all(code.startswith(STANDING_CODES) for code in codes), name
        assert not any(matches(code, codes) for code in STREAM_CODES), name


def test_the_codes_called_stream_here_are_no_standing_ones() -> None:
    assert not any(code.startswith(STANDING_CODES) for code in STREAM_CODES)
    assert {table for table in RULES if table not in STANDING} == set(STREAM)


@pytest.mark.parametrize("code", ["district:North", "team:2", "name:Jensen", "citizen:death", "stay:death"])
def test_no_feature_looks_at_where_or_who_a_citizen_is_or_at_their_death(code: str) -> None:
    assert [signal.name for signal in CATALOGUE.signals if matches(code, signal.codes)] == []


def test_no_feature_looks_at_words_that_tell_the_outcome() -> None:
    telling = [name for name, concept in LEXICON.concepts.items() if concept.outcome]
    assert telling
    mentions = [f"mention:{name}{end}" for name in telling for end in ("", ":worse", ":absent")]
    assert [code for code in mentions for signal in CATALOGUE.signals if matches(code, signal.codes)] == []
    # That something was ticked counts as a record written, whatever it was; what was ticked is looked at by nobody.
    signs = [f"sign:{name}" for name in telling]
    assert {signal.name for code in signs for signal in CATALOGUE.signals if matches(code, signal.codes)} == {"records"}
    assert set(concern_names(LEXICON)).isdisjoint(telling)


def test_every_measured_value_of_a_note_is_read_where_the_form_is() -> None:
    for signal in CATALOGUE.signals:
        measured = {code for code in signal.codes if code in vocabulary().measured}
        if signal.name != "measurements":
            assert {f"noted:{code}" for code in measured} <= set(signal.codes), signal.name


def test_every_named_code_of_observations_is_looked_at() -> None:
    unseen = [code for code in vocabulary().names if not any(matches(code, s.codes) for s in CATALOGUE.signals)]
    assert unseen == []


def test_every_concern_of_the_lexicon_is_a_signal_in_its_own_group() -> None:
    for name in concern_names(LEXICON):
        assert CATALOGUE.signal(name).group == LEXICON.concepts[name].group


def test_the_catalogue_of_a_lexicon_is_always_the_same() -> None:
    assert catalogue(LEXICON).fingerprint == CATALOGUE.fingerprint
    assert catalogue(LEXICON).names == CATALOGUE.names
    assert signals(LEXICON) == CATALOGUE.signals


@pytest.mark.parametrize("feature", CATALOGUE.features[:: len(CATALOGUE.features) // 20], ids=lambda each: each.name)
def test_leaving_any_feature_out_changes_the_fingerprint(feature: Feature) -> None:
    without = type(CATALOGUE)(CATALOGUE.signals, [each for each in CATALOGUE.features if each is not feature])
    assert without.fingerprint != CATALOGUE.fingerprint


def test_a_column_is_found_by_the_name_of_its_feature() -> None:
    assert [CATALOGUE.column(name) for name in CATALOGUE.names] == np.arange(len(CATALOGUE.names)).tolist()
