"""The reader against the sentences a nurse would correct; `-s` prints precision and recall of every concept."""

import pytest

from models.notes.lexicon import Lexicon
from models.notes.reader import NoteReader
from tests.models.notes.corpus_report import Case, cases, misreadings, report, scores


def test_the_corpus_has_over_four_hundred_sentences_and_a_large_part_held_out() -> None:
    tune, held_out = list(cases("tune")), list(cases("held_out"))
    assert len(tune) + len(held_out) >= 420
    assert len(held_out) >= 140
    assert not {case.text for case in tune} & {case.text for case in held_out} - {_SHORT}


_SHORT = "Spiser og drikker som vanligt."


@pytest.mark.parametrize("part", ["tune", "held_out"])
def test_every_concept_is_asked_for_in_both_parts(part: str, lexicon: Lexicon) -> None:
    asked = {concept for case in cases(part) for concept, _, _ in case.expected}
    wanted = {concept.id for concept in lexicon.concepts.values() if not concept.outcome and not concept.code}
    assert wanted - {"pain_score"} <= asked


@pytest.mark.parametrize("part", ["tune", "held_out"])
def test_the_corpus_names_only_concepts_of_the_lexicon(part: str, lexicon: Lexicon) -> None:
    assert {concept for case in cases(part) for concept, _, _ in case.expected} <= set(lexicon.concepts)


@pytest.mark.parametrize("part", ["tune", "held_out"])
def test_the_reader_reaches_ninety_five_percent(part: str, reader: NoteReader) -> None:
    print("\n" + report(reader, part))
    assert scores(reader, cases(part))["all"].f1 >= 0.95


def test_what_is_misread_of_the_tuning_part_is_little(reader: NoteReader) -> None:
    assert len(list(misreadings(reader))) <= 3


def test_a_misread_mention_counts_against_precision_and_recall(reader: NoteReader) -> None:
    wrong = Case("Hoster.", frozenset({("fever", frozenset[str](), None)}), "invented")
    score = scores(reader, [wrong])
    assert (score["all"].found, score["all"].right, score["all"].expected) == (1, 0, 1)
    assert score["all"].f1 == 0
