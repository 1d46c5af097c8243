"""Sentences quoted from notes: only what counts, only what was known, marked where it says so."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from models.features.catalogue import CATALOGUE
from models.notes.lexicon import packaged_lexicon
from models.notes.reader import NoteReader
from models.notes.reading import read
from models.windows import midnight
from service.intake.readings import read_new_notes
from service.storage import identities
from service.storage.database import Database
from service.storage.notes import Note, notes_as_known
from service.weekly.lists import Quote
from service.weekly.quotes import quotes
from tests.drops import at, load_rows

HOUR = 3_600_000_000
NEWEST = at("2025-03-01T09:00:00")


@pytest.fixture(scope="module")
def reader() -> NoteReader:
    return NoteReader.compile(packaged_lexicon())


def notes(reader: NoteReader, *texts: str, role: str = "SSA") -> list[Note]:
    """Notes as read, newest first, an hour apart."""
    return [Note(text, role, NEWEST - number * HOUR, read(text, reader).places) for number, text in enumerate(texts)]


def quoted(reader: NoteReader, texts: Sequence[str], *signals: str, most: int = 2) -> tuple[Quote, ...]:
    return quotes(notes(reader, *texts), [CATALOGUE.signal(name) for name in signals], most)


def words(found: Sequence[Quote]) -> list[tuple[str, list[str]]]:
    return [(quote.text, [quote.text[start:end] for start, end in quote.marks]) for quote in found]


def test_the_sentence_is_quoted_with_its_words_marked(reader: NoteReader):
    found = quoted(reader, ["Sovet godt. Hun har feber i dag! Ellers fin."], "fever")
    assert words(found) == [("Hun har feber i dag!", ["har feber"])] or words(found) == [
        ("Hun har feber i dag!", ["feber"])
    ]


def test_a_quote_says_who_wrote_it_and_when(reader: NoteReader):
    (quote,) = quotes(notes(reader, "Har feber.", role="SPL"), [CATALOGUE.signal("fever")])
    assert (quote.role, quote.observed_at.isoformat()) == ("SPL", "2025-03-01T09:00:00+00:00")


@pytest.mark.parametrize(
    "text",
    ["Ingen feber.", "Datter har feber.", "Havde feber sidste år.", "Ring til læge hvis hun får feber.", "Alt vel."],
)
def test_what_is_absent_another_persons_past_or_planned_is_not_quoted(reader: NoteReader, text: str):
    assert quoted(reader, [text], "fever") == ()


def test_words_that_tell_the_outcome_are_no_reason_and_not_quoted(reader: NoteReader):
    assert quoted(reader, ["Borger er indlagt."], *[signal.name for signal in CATALOGUE.signals]) == ()


def test_a_measured_value_is_quoted_from_the_note_it_stands_in(reader: NoteReader):
    assert words(quoted(reader, ["Målt i dag: sat 88."], "saturation"))[0][0].endswith("sat 88.")
    assert words(quoted(reader, ["Vægt 62,3"], "weight")) == [("Vægt 62,3", ["Vægt 62,3"])]


def test_a_number_of_nothing_is_not_quoted(reader: NoteReader):
    assert quoted(reader, ["Faldet 0 gange. VAS 0."], "pain_new") == ()


def test_the_newest_come_first_and_no_more_than_asked_for(reader: NoteReader):
    texts = ["Feber igen.", "Har feber i dag.", "Alt vel.", "Havde det varmt, feber."]
    assert [quote.text for quote in quoted(reader, texts, "fever")] == ["Feber igen.", "Har feber i dag."]
    assert len(quoted(reader, texts, "fever", most=1)) == 1


def test_a_copied_sentence_is_quoted_once_from_where_it_stands_last(reader: NoteReader):
    found = quoted(reader, ["Har feber.", "HAR FEBER.", "Feber i nat."], "fever")
    assert [(quote.text, quote.observed_at.hour) for quote in found] == [("Har feber.", 9), ("Feber i nat.", 7)]


def test_two_signals_in_a_sentence_are_both_marked_in_order(reader: NoteReader):
    ((text, marked),) = words(quoted(reader, ["Hun er forvirret og har feber."], "fever", "confusion_new"))
    assert text == "Hun er forvirret og har feber."
    assert [word.split()[-1] for word in marked] == ["forvirret", "feber"]


def test_a_reason_that_no_note_can_say_is_not_quoted(reader: NoteReader):
    assert quoted(reader, ["Har feber."], "minutes", "discharge") == ()
    assert quoted(reader, [], "fever") == ()


SINCE, BEFORE = midnight(date(2025, 1, 30)), midnight(date(2025, 3, 1))


def note(note_id: str, **told: object) -> dict[str, object]:
    """A row of notes; what is not told is usual."""
    usual: dict[str, object] = {
        "note_id": note_id,
        "citizen_id": "A1",
        "observed_at": "2025-02-20T08:00:00Z",
        "recorded_at": "2025-02-20T09:00:00Z",
        "text": note_id,
        "role": "SSA",
        "status": None,
    }
    return usual | told


def known(database: Database, folder: Path, *rows: dict[str, object]) -> dict[str, list[str]]:
    """The texts known before the first of March, by the citizen's own id."""
    load_rows(database, folder, "history", received_at=at("2025-06-01T00:00:00"), notes=rows)
    read_new_notes(database)
    with database.read() as session:
        keys = identities.all_keys(session)
        found = notes_as_known(session, list(keys.values()), SINCE, BEFORE)
    names = {key: citizen_id for citizen_id, key in keys.items()}
    return {names[key]: [one.text for one in of_citizen] for key, of_citizen in found.items()}


def test_a_note_is_known_from_the_moment_it_was_written_down(database: Database, tmp_path: Path):
    rows = (
        note("in time", recorded_at="2025-02-28T22:59:59Z"),
        note("at midnight", recorded_at="2025-02-28T23:00:00Z"),
        note("dated back", recorded_at="2025-03-02T09:00:00Z"),
    )
    assert known(database, tmp_path, *rows) == {"A1": ["in time"]}


def test_a_retracted_note_is_gone_and_one_retracted_later_is_not(database: Database, tmp_path: Path):
    rows = (
        note("gone"),
        note("gone", recorded_at="2025-02-21T09:00:00Z", status="entered-in-error"),
        note("still there"),
        note("still there", recorded_at="2025-02-28T23:00:00Z", status="entered-in-error"),
    )
    assert known(database, tmp_path, *rows) == {"A1": ["still there"]}


def test_a_corrected_note_is_read_as_it_stood_then(database: Database, tmp_path: Path):
    rows = (
        note("n", text="first"),
        note("n", text="second", recorded_at="2025-02-25T09:00:00Z"),
        note("n", text="third", recorded_at="2025-03-05T09:00:00Z"),
    )
    assert known(database, tmp_path, *rows) == {"A1": ["second"]}


def test_only_notes_about_the_last_days_come_the_newest_first_by_citizen(database: Database, tmp_path: Path):
    rows = (
        note("too old", observed_at="2025-01-29T22:59:59Z"),
        note("oldest", observed_at="2025-01-29T23:00:00Z"),
        note("newest", observed_at="2025-02-27T08:00:00Z", recorded_at="2025-02-27T08:30:00Z"),
        note("of somebody else", citizen_id="B2", role=None),
        note("foreseen", observed_at="2025-02-28T23:00:00Z", recorded_at="2025-02-28T08:00:00Z"),
    )
    assert known(database, tmp_path, *rows) == {"A1": ["newest", "oldest"], "B2": ["of somebody else"]}


def test_citizens_beyond_one_query_are_asked_for_in_several(database: Database, tmp_path: Path):
    rows = [note(f"n{number}", citizen_id=f"C{number:04}") for number in range(601)]
    assert len(known(database, tmp_path, *rows)) == 601
