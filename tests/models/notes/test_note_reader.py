"""What the reader promises of its answers, trap by trap; the breadth of wording is the corpus's business."""

import threading

import pytest

from models.notes.lexicon import Lexicon
from models.notes.mention import Certainty, Change, Mention, Polarity, Subject, Time
from models.notes.reader import NoteReader


def only(mentions: tuple[Mention, ...]) -> Mention:
    (mention,) = mentions
    return mention


def concepts(reader: NoteReader, text: str) -> list[str]:
    return [mention.concept for mention in reader.read(text)]


def test_a_mention_knows_its_words_and_its_sentence(reader: NoteReader) -> None:
    text = "Sovet godt.  Klager over ondt i maven i dag! Ellers fin."
    mention = reader.read(text)[1]
    assert text[mention.start : mention.end] == "Klager over ondt"
    assert text[mention.sentence_start : mention.sentence_end] == "Klager over ondt i maven i dag!"


def test_the_last_sentence_may_lack_its_full_stop(reader: NoteReader) -> None:
    text = "Set tv. har feber  "
    mention = only(reader.read(text))
    assert text[mention.sentence_start : mention.sentence_end] == "har feber"


def test_the_dot_of_an_abbreviation_ends_no_sentence_unless_a_capital_follows(reader: NoteReader) -> None:
    assert only(reader.read("Obs. for tryksår")).certainty is Certainty.UNCERTAIN
    assert only(reader.read("Ingen obs. Forvirret")).polarity is Polarity.PRESENT


def test_a_not_reaches_to_the_end_of_its_clause_and_through_its_list(reader: NoteReader) -> None:
    polarities = [mention.polarity for mention in reader.read("Ingen feber, kvalme eller hoste, men smerter")]
    assert polarities == [Polarity.ABSENT, Polarity.ABSENT, Polarity.ABSENT, Polarity.PRESENT]


@pytest.mark.parametrize("text", ["Ingen feber, træt og svimmel", "Ingen feber, det er koldt ude i dag eller træt"])
def test_a_not_ends_at_a_comma_that_opens_no_list(text: str, reader: NoteReader) -> None:
    assert reader.read(text)[1].polarity is Polarity.PRESENT


def test_a_not_after_the_finding_denies_it(reader: NoteReader) -> None:
    assert only(reader.read("Svimmel er hun ikke")).polarity is Polarity.ABSENT
    assert [mention.polarity for mention in reader.read("Svimmel ikke forvirret")] == ["present", "absent"]


def test_absence_that_is_bad_is_present_and_no_not_before_it_turns_it_round(reader: NoteReader) -> None:
    assert only(reader.read("Spiser ikke")).polarity is Polarity.PRESENT
    assert reader.read("Ingen feber spiser ikke")[1].polarity is Polarity.PRESENT


def test_an_intact_function_is_absent_and_denied_it_is_present(reader: NoteReader) -> None:
    assert only(reader.read("I godt humør")).polarity is Polarity.ABSENT
    assert only(reader.read("Ikke i godt humør")).polarity is Polarity.PRESENT


def test_a_longer_term_takes_the_shorter_ones_inside_it(reader: NoteReader) -> None:
    assert concepts(reader, "Faldet i søvn") == []
    assert concepts(reader, "Mere glemsom end vanligt") == ["confusion_new"]


def test_a_refusal_is_found_beside_what_is_refused(reader: NoteReader) -> None:
    assert concepts(reader, "Nægter at spise") == ["refusal", "appetite_low"]


def test_somebody_else_is_the_subject_only_where_a_clause_begins_with_him(reader: NoteReader) -> None:
    assert only(reader.read("Datter har feber")).subject is Subject.OTHER
    assert only(reader.read("Hos datter med feber")).subject is Subject.CITIZEN
    assert only(reader.read("Datter fortæller om feber")).subject is Subject.CITIZEN
    assert only(reader.read("Datter har ringet til egen læge")).subject is Subject.CITIZEN


def test_what_is_usual_ends_history(reader: NoteReader) -> None:
    assert [mention.time for mention in reader.read("Tidligere hoftebrud nu smerter")] == [Time.PAST, Time.CURRENT]


def test_a_condition_makes_what_follows_and_what_is_to_be_done_a_plan(reader: NoteReader) -> None:
    times = [mention.time for mention in reader.read("Har ondt. Kontakt læge ved feber.")]
    assert times == [Time.CURRENT, Time.PLANNED, Time.PLANNED]
    assert reader.read("Ondt ved feber")[1].time is Time.CURRENT


def test_a_vital_sign_without_a_number_is_said_only_within_a_plan(reader: NoteReader) -> None:
    assert reader.read("Målt blodtryk") == ()
    assert only(reader.read("Skal have målt blodtryk")).time is Time.PLANNED


def test_change_belongs_to_the_nearest_finding(reader: NoteReader) -> None:
    changes = [mention.change for mention in reader.read("Svimmel og smerterne er værre")]
    assert changes == [Change.NONE, Change.WORSE]
    assert only(reader.read("Hosten, nu er den værre")).change is Change.NONE
    assert only(reader.read("Ingen nye smerter")).change is Change.NONE
    assert only(reader.read("Ingen kroniske smerter")).change is Change.BASELINE
    assert [m.change for m in reader.read("Hoste mere forvirret")] == [Change.NONE, Change.WORSE]
    assert only(reader.read("Træt hele den lange dag og aften og nat værre")).change is Change.NONE
    assert only(reader.read("Tiltagende hoste sidste år")).change is Change.NONE


def test_a_flag_makes_nothing_uncertain(reader: NoteReader) -> None:
    assert only(reader.read("obs! forvirret")).certainty is Certainty.CERTAIN
    assert only(reader.read("obs forvirret")).certainty is Certainty.UNCERTAIN
    assert only(reader.read("forvirret obs")).certainty is Certainty.CERTAIN


def test_a_question_is_uncertain(reader: NoteReader) -> None:
    certainties = [mention.certainty for mention in reader.read("Hoster, UVI? Træt.")]
    assert certainties == [Certainty.CERTAIN, Certainty.UNCERTAIN, Certainty.CERTAIN]


def test_a_number_with_a_name_is_a_measurement_and_a_finding(reader: NoteReader) -> None:
    measured, finding = reader.read("Tp i dag 38,4")
    assert (measured.concept, measured.value) == ("temperature", 38.4)
    assert (finding.concept, finding.value, finding.polarity) == ("fever", 38.4, Polarity.PRESENT)


@pytest.mark.parametrize("text", ["tp 384", "puls 3", "BT 1/1", "vægt 12345678901234"])
def test_an_impossible_number_is_no_measurement(text: str, reader: NoteReader) -> None:
    assert reader.read(text) == ()


def test_a_number_that_is_also_a_word_of_the_lexicon_is_still_a_number(reader: NoteReader) -> None:
    assert [mention.value for mention in reader.read("puls 112")] == [112, 112]
    assert [mention.value for mention in reader.read("Ingen afføring i 2 dage")] == [2]


def test_two_numbers_with_a_stroke_are_a_blood_pressure(reader: NoteReader) -> None:
    values = {mention.concept: mention.value for mention in reader.read("BT 190/95")}
    assert values == {"systolic": 190, "hr_bp_abn": 190, "diastolic": 95}


def test_a_year_is_history_and_no_measurement(reader: NoteReader) -> None:
    assert only(reader.read("Apopleksi i 2019")).time is Time.PAST


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("aandenoed", "dyspnoea"),  # written without å and ø
        ("a\u030andenød", "dyspnoea"),  # å as a and a combining ring
        ("lungebetændlse", "pneumonia"),  # a letter missing
        ("kvlame", "nausea_vomit"),  # two letters swapped
        ("forrvirret", "confusion_new"),  # a letter doubled
        ("spiserikke", "appetite_low"),  # two words joined
        ("knæsmerter", "pain_new"),  # a compound
        ("hævedeben", "oedema"),  # also when other words may stand between
    ],
)
def test_usual_slips_are_forgiven(text: str, concept: str, reader: NoteReader) -> None:
    mention = only(reader.read(text))
    assert mention.concept == concept
    assert (mention.start, mention.end) == (0, len(text))


@pytest.mark.parametrize(
    "text",
    [
        "fald" * 20,
        "fld",
        "kager",
        "alder 91",
        "Har taget på tur",
        "gemmer tøjet",
        "i",
        "lægge sig",
        "hele tiden",
        "en rose",
    ],
)
def test_false_friends_and_short_words_with_slips_say_nothing(text: str, reader: NoteReader) -> None:
    assert reader.read(text) == ()


def test_outcome_words_are_found_so_that_they_can_be_masked(reader: NoteReader, lexicon: Lexicon) -> None:
    found = concepts(reader, "Indlagt på sygehus, ambulance rekvireret, udskrevet mandag. Afgået ved døden.")
    assert set(found) == {concept.id for concept in lexicon.concepts.values() if concept.outcome}


def test_a_joined_word_may_be_the_only_one_that_says_something(reader: NoteReader) -> None:
    assert concepts(reader, "hun varforvirret, megettræt") == ["fatigue"]


def test_reading_from_many_threads_gives_what_reading_alone_gives(lexicon: Lexicon, reader: NoteReader) -> None:
    fresh = NoteReader(lexicon, reader._compiled)  # has seen no word yet
    texts = [f"Forvirret{'t' * (n % 3)} og hævedeben, ord{n} megettræt" for n in range(200)]
    answers: dict[int, list[tuple[Mention, ...]]] = {}

    def read(number: int) -> None:
        answers[number] = [fresh.read(text) for text in texts]

    threads = [threading.Thread(target=read, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = [reader.read(text) for text in texts]
    assert all(answer == alone for answer in answers.values())


def test_the_memory_of_words_is_bounded(lexicon: Lexicon, reader: NoteReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.notes.words._MOST_WORDS", 10)
    fresh = NoteReader(lexicon, reader._compiled)
    for number in range(100):
        fresh.read(f"ukendt{'a' * (number % 50)}b feber")
    assert len(fresh._words) <= 10
    assert concepts(fresh, "feber") == ["fever"]
