"""FSIII in transition: several ways of writing a concept, one code inside."""

from datetime import date

import pytest

from models.vocabulary import canonical, is_known, name
from models.vocabulary_fsiii import concept_of, fsiii, in_force

CIRCULATION = "3dac3b51-364e-47c0-a043-15b6d7a6c405"
WEIGHT = "42b04f2b-3208-4cce-b52a-a5b293ce8846"


@pytest.mark.parametrize("written", ["I7.2", CIRCULATION, CIRCULATION.upper(), "fsiii:I7.2", f"fsiii:{CIRCULATION}"])
def test_a_legacy_key_and_its_uuid_are_one_code(written: str) -> None:
    assert canonical(written) == "I7.2"
    assert is_known(written)
    assert name(written) == name(written, "en") == "Cirkulationsproblemer"


@pytest.mark.parametrize("written", [WEIGHT, "fsiii:Problemer_med_vaegt", "I3/Problemer_med_vaegt"])
def test_a_simplified_concept_is_named_below_its_area(written: str) -> None:
    # Whoever looks at nutrition as a whole (I3*) sees the legacy codes and this one.
    assert canonical(written) == "I3/Problemer_med_vaegt"
    assert name(written) == "Problemer med vægt"


@pytest.mark.parametrize(
    ("uuid", "code"),
    [
        ("fa6aa904-d06e-4029-b4c4-13ead04ace27", "I1"),
        ("651a82a3-ff4b-44c1-89dd-574363b33e02", "I1.2"),
        ("bb0ea5fa-3462-40de-9047-a16fc4815a47", "I4.4"),
        ("116ff724-09b7-45c0-bee5-8bbf1d500c63", "I12.2"),
        ("ae911e37-1ed5-4c30-9622-c73640f1c606", "I12/Problemer_med_vandladning"),
        ("feb38b55-c2d7-4d57-99c2-93622eaa0025", "J1/Personlig_pleje"),
        ("1ceef776-0cfa-4acd-b222-c5bb2424e0c1", "B4"),
        ("3198a6ba-879c-4d2e-914b-560ba1e0d63a", "G1.29"),
    ],
)
def test_the_pairs_are_those_the_field_document_lists(uuid: str, code: str) -> None:
    assert canonical(uuid) == code


def test_a_concept_with_no_key_above_it_keeps_its_uuid() -> None:
    assert canonical("dd41df82-3c13-4523-b9c5-e83676425299") == "dd41df82-3c13-4523-b9c5-e83676425299"


@pytest.mark.parametrize("written", ["Mobilitet", "Madservice", "I", "A"])
def test_a_word_or_a_letter_that_may_be_anybodys_own_is_not_taken_for_fsiii(written: str) -> None:
    assert canonical(written) == written
    assert not is_known(written)


def test_no_two_concepts_share_a_code() -> None:
    concepts = set(fsiii().values())
    assert len({concept.code for concept in concepts}) == len({concept.uuid for concept in concepts}) == len(concepts)


def test_bringing_a_code_to_its_form_twice_changes_nothing() -> None:
    assert [c.code for c in fsiii().values() if canonical(canonical(c.code)) != canonical(c.code)] == []


def test_simplified_codes_and_those_of_aeldreloven_have_a_first_day() -> None:
    assert not in_force(WEIGHT, date(2024, 5, 29))
    assert in_force(WEIGHT, date(2024, 5, 30))
    care = "fsiii:Personlig_hjaelp_og_pleje"
    assert not in_force(care, date(2025, 6, 30))
    assert in_force(care, date(2025, 7, 1))


def test_legacy_codes_and_codes_of_others_are_in_force_on_any_day() -> None:
    assert in_force("I3.3", date(2030, 1, 1))
    assert in_force("NPU08676", date(2000, 1, 1))
    assert concept_of("NPU08676") is None
