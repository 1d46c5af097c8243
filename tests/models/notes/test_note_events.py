"""Notes on their way into the snapshot: that they were written, and what they mention."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from models.events import SCHEMA
from models.notes import reading
from models.notes.events import note_events
from models.notes.lexicon import Lexicon
from models.notes.reader import NoteReader

WRITTEN = datetime(2025, 3, 4, 9, 30, tzinfo=UTC)
INSTANT = pa.timestamp("us", tz="UTC")
COLUMNS = pa.schema(
    [
        ("citizen", pa.int32()),
        ("observed_at", INSTANT),
        ("recorded_at", INSTANT),
        ("known_from", INSTANT),
        ("superseded_at", INSTANT),
        ("received_at", INSTANT),
        ("sequence", pa.int64()),
        ("role", pa.string()),
        ("words", pa.int32()),
        ("codes", pa.string()),
    ]
)


def rows(reader: NoteReader, *told: Mapping[str, object]) -> pa.Table:
    """Rows of the table `notes` as read; what is not told is usual, and rows are numbered as they come."""
    usual: dict[str, object] = {
        "citizen": 7,
        "observed_at": WRITTEN - timedelta(minutes=30),
        "recorded_at": WRITTEN,
        "known_from": WRITTEN,
        "superseded_at": None,
        "received_at": WRITTEN,
        "role": "SSA",
    }
    whole = [{**usual, "sequence": n, **one} for n, one in enumerate(told, start=1)]
    made = [reading.read(str(one.get("text", "")), reader) for one in whole]
    return pa.Table.from_pylist(
        [one | {"words": said.words, "codes": said.codes} for one, said in zip(whole, made, strict=True)], COLUMNS
    )


def codes(events: pa.Table) -> list[tuple[int, str, float | None]]:
    """Sequence, code and value of each event, sorted by the first two."""
    columns = (events[name].to_pylist() for name in ("sequence", "code", "value"))
    return sorted(zip(*columns, strict=True), key=lambda event: event[:2])


def read(reader: NoteReader, text: str, **told: object) -> list[tuple[str, float | None]]:
    """Code and value of each event of one note."""
    return [event[1:] for event in codes(note_events(rows(reader, {"text": text} | told)))]


def test_a_note_is_counted_with_its_words_by_who_wrote_it(reader: NoteReader) -> None:
    assert read(reader, "Set til frokost.\nAlt vel i dag", role="SPL") == [("note:SPL", 7.0)]


@pytest.mark.parametrize("text", ["", "  \n "])
def test_an_empty_note_was_written_all_the_same(reader: NoteReader, text: str) -> None:
    assert read(reader, text) == [("note:SSA", 0.0)]


def test_a_note_without_a_role_is_still_a_note(reader: NoteReader) -> None:
    assert read(reader, "Forvirret.", role=None) == [("mention:confusion_new", 1.0), ("note:other", 1.0)]


def test_numbers_in_the_text_become_values(reader: NoteReader) -> None:
    found = dict(read(reader, "tp 38,4 og ingen hoste"))
    assert found["noted:NPU08676"] == pytest.approx(38.4)
    assert found["mention:cough_sputum:absent"] == 1.0


@pytest.mark.parametrize(
    "text", ["Indlagt i går.", "Borger er blevet indlagt på medicinsk afd.", "Ringet 112, hentet i ambulance."]
)
def test_words_that_tell_the_outcome_give_no_event(reader: NoteReader, lexicon: Lexicon, text: str) -> None:
    told = {mention.concept for mention in reader.read(text)}
    assert any(lexicon.concepts[concept].outcome for concept in told)
    assert [code for code, _ in read(reader, text)] == ["note:SSA"]


def test_no_event_of_any_text_names_a_concept_that_tells_the_outcome(reader: NoteReader, lexicon: Lexicon) -> None:
    words = [term for terms in lexicon.terms.values() for kind in terms.values() for term in kind]
    found = note_events(rows(reader, *({"text": f"{word}."} for word in words)))
    outcome = {name for name, concept in lexicon.concepts.items() if concept.outcome}
    named = {code.split(":")[1] for code in found["code"].unique().to_pylist() if code.startswith("mention:")}
    assert outcome
    assert len(named) > 40
    assert named.isdisjoint(outcome)


def test_events_carry_the_times_and_the_place_of_their_own_row(reader: NoteReader) -> None:
    withdrawn = WRITTEN + timedelta(days=2)
    given = rows(
        reader,
        {"text": "Ingen feber."},
        {"citizen": 8, "text": "Har feber.", "observed_at": WRITTEN - timedelta(days=3), "superseded_at": withdrawn},
    )
    found = note_events(given)
    assert found.schema == SCHEMA
    of_second = [event for event in found.to_pylist() if event["sequence"] == 2]
    assert {event["code"] for event in of_second} == {"note:SSA", "mention:fever"}
    for event in of_second:
        assert event["citizen"] == 8
        assert event["occurred_at"] == WRITTEN - timedelta(days=3)
        assert event["known_from"] == WRITTEN
        assert event["superseded_at"] == withdrawn


def test_a_copied_note_counts_every_time(reader: NoteReader) -> None:
    texts = ["Har feber.", "Alt vel.", "Har feber.", "Har feber."]
    found = note_events(rows(reader, *({"text": text} for text in texts)))
    assert [sequence for sequence, code, _ in codes(found) if code == "mention:fever"] == [1, 3, 4]


def test_the_order_and_the_company_of_notes_change_nothing(reader: NoteReader) -> None:
    told = [{"text": text} for text in ("Har feber.", "Alt vel.", "", "tp 38,4", "Mere forvirret.")]
    together = rows(reader, *told)
    alone: Sequence[pa.Table] = [note_events(together.slice(at, 1)) for at in reversed(range(len(told)))]
    assert codes(pa.concat_tables(alone)) == codes(note_events(together))


def test_no_notes_are_no_events(reader: NoteReader) -> None:
    found = note_events(rows(reader))
    assert found.num_rows == 0
    assert found.schema == SCHEMA


def test_notes_that_came_in_several_pieces_are_read_like_one(reader: NoteReader) -> None:
    whole = rows(reader, {"text": "Har feber."}, {"text": "Alt vel."}, {"text": "Har feber."})
    pieces = pa.concat_tables([whole.slice(0, 1), whole.slice(1, 2)])
    assert pieces["codes"].num_chunks == 2
    assert codes(note_events(pieces)) == codes(note_events(whole))


def test_where_in_a_note_each_code_was_found_is_kept_with_it(reader: NoteReader) -> None:
    text = "Alt vel i går. Tp 38,4 i dag."
    places = reading.places_of(reading.read(text, reader).places)
    assert {text[place.start : place.end] for place in places} == {"Tp 38,4"}
    assert {text[place.sentence_start : place.sentence_end] for place in places} == {"Tp 38,4 i dag."}
    assert [place.codes for place in places] == [[("noted:NPU08676", 38.4)], [("mention:fever", 38.4)]]
