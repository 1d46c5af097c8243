"""The packaged lexicon is whole, its hash follows its content, and a wrong one is refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from models.errors import FileRefused
from models.notes import lexicon as lexicon_module
from models.notes.lexicon import PACKAGED, Lexicon, load_lexicon
from models.notes.reader import NoteReader
from models.notes.terms import expansions

SIXTY = [
    "appetite_low",
    "forgets_to_eat",
    "fluid_low",
    "dry_mouth_skin",
    "weight_loss",
    "weight_gain_fast",
    "dysphagia",
    "nausea_vomit",
    "constipation",
    "diarrhoea",
    "stool_blood",
    "stool_incont",
    "urine_change",
    "dysuria_freq",
    "urine_incont_new",
    "retention",
    "catheter_problem",
    "urinstix",
    "fever",
    "cough_sputum",
    "dyspnoea",
    "resp_rate",
    "sat_low_o2",
    "pneumonia",
    "copd_exac",
    "oedema",
    "chest_pain",
    "hr_bp_abn",
    "dizzy_faint",
    "pale_cold",
    "pain_new",
    "headache_stroke",
    "fall",
    "fall_risk_balance",
    "fracture",
    "mobility_decline",
    "transfer_help_more",
    "fatigue",
    "consciousness",
    "confusion_new",
    "agitation",
    "memory",
    "hallucination",
    "mood_low",
    "anxiety",
    "lonely",
    "sleep",
    "wound_pressure",
    "wound_infected",
    "skin",
    "diabetes_dys",
    "medication_missed",
    "medication_change",
    "refusal",
    "no_answer",
    "self_neglect",
    "alcohol",
    "caregiver_strain",
    "staff_worry",
    "contact_doctor_acute",
]


def test_the_sixty_concepts_are_there_with_phrases_and_group(lexicon: Lexicon) -> None:
    assert len(SIXTY) == 60
    for concept_id in SIXTY:
        concept = lexicon.concepts[concept_id]
        assert not concept.outcome
        assert concept.danish_phrase
        assert concept.english_phrase
        assert concept.group


def test_beside_the_sixty_there_are_only_outcomes_and_measurements(lexicon: Lexicon) -> None:
    others = [concept for concept_id, concept in lexicon.concepts.items() if concept_id not in SIXTY]
    assert all(concept.outcome or concept.code for concept in others)


def test_every_finding_of_a_measurement_is_a_concept(lexicon: Lexicon) -> None:
    for measure in lexicon.measures:
        assert not measure.finding or measure.finding in lexicon.concepts
        assert measure.low < measure.high


def test_the_hash_follows_the_content_and_the_reader(
    lexicon: Lexicon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "lexicon.toml"
    copy.write_bytes(PACKAGED.read_bytes())
    assert load_lexicon(copy).hash == lexicon.hash
    monkeypatch.setattr(lexicon_module, "READER_VERSION", "other")
    assert load_lexicon(copy).hash != lexicon.hash
    monkeypatch.undo()
    copy.write_bytes(PACKAGED.read_bytes() + b"\n# another word\n")
    assert load_lexicon(copy).hash != lexicon.hash


@pytest.mark.parametrize("content", [b"no [toml", b"\xff\xfe", b"words = 3"])
def test_a_file_that_is_no_lexicon_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_bytes(content)
    with pytest.raises(FileRefused, match=r"own\.toml.*Compare it"):
        load_lexicon(file)


def test_a_term_whose_words_may_all_be_missing_is_found_only_by_its_words(lexicon: Lexicon) -> None:
    tiny = replace(lexicon, terms={}, measures=(), cues={}, false_friends=("måske?",))
    assert NoteReader.compile(tiny).read("Måske feber") == ()


def test_a_missing_lexicon_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="none"):
        load_lexicon(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("term", "rows"),
    [
        ("ingen feber", [("ingen", "feber")]),
        ("(kan|kunne) gå", [("kan", "gå"), ("kunne", "gå")]),
        ("ingen @eat", [("ingen", "spiser"), ("ingen", "spist", "op")]),
        ("hoster meget?", [("hoster", "meget"), ("hoster",)]),
        ("tp (er|målt til)? #", [("tp", "er", "#"), ("tp", "målt", "til", "#"), ("tp", "#")]),
        ("var det ?", [("var", "det", "?")]),
    ],
)
def test_a_term_stands_for_its_rows(term: str, rows: list[tuple[str, ...]]) -> None:
    assert list(expansions(term, {"eat": ("spiser", "spist op")})) == rows
