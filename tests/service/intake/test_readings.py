"""Notes are read once, when they come, wherever they are read; and again only by another lexicon."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from models.notes.lexicon import packaged_lexicon
from models.snapshot import Snapshot
from service.intake import readings
from service.intake.readings import read_new_notes
from service.snapshots import bring_up_to_date
from service.storage.database import Database
from service.storage.readings import READINGS
from service.storage.tables import FACTS
from tests.drops import load_rows

TEXTS = ["Har feber, tp 38,4.", "Alt vel.", " ", 'Spiser ikke, æøå \u2013 "citat"\nny linje', "datter har feber"]


def note(number: int, text: str, **told: object) -> dict[str, object]:
    """A row of notes; what is not told is usual."""
    usual: dict[str, object] = {
        "note_id": f"n{number}",
        "citizen_id": f"A{number % 2}",
        "observed_at": "2025-02-20T08:00:00Z",
        "recorded_at": "2025-02-20T09:00:00Z",
        "text": text,
        "role": "SSA",
        "status": None,
    }
    return usual | told


def stored(database: Database) -> list[tuple[int, str, int, str, str]]:
    """Every reading: its number, lexicon, words, codes and places."""
    columns = [READINGS.c[name] for name in ("sequence", "lexicon", "words", "codes", "places")]
    with database.read() as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(READINGS.c.sequence))]


def load_notes(database: Database, folder: Path, *rows: dict[str, object]) -> None:
    load_rows(database, folder, "history", notes=rows)


def test_notes_are_read_when_they_are_loaded(database: Database, tmp_path: Path) -> None:
    load_notes(database, tmp_path, *(note(number, text) for number, text in enumerate(TEXTS)))
    made = stored(database)
    assert [words for _, _, words, _, _ in made] == [4, 2, 0, 7, 3]
    assert '"mention:fever",38.4' in made[0][3] or '"noted:NPU08676",38.4' in made[0][3]
    assert {lexicon for _, lexicon, _, _, _ in made} == {packaged_lexicon().hash}


def test_a_reading_holds_no_word_of_the_note(database: Database, tmp_path: Path) -> None:
    load_notes(database, tmp_path, note(1, "Fru Zyxdottir har feber."))
    assert "Zyx" not in "".join(map(str, stored(database)))


def test_many_notes_are_read_in_processes_of_their_own_and_say_the_same(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_notes(database, tmp_path, *(note(number, text) for number, text in enumerate(TEXTS)))
    here = stored(database)
    with database.write() as session:
        session.execute(READINGS.delete())
    monkeypatch.setattr(readings, "MANY", 1)
    read_new_notes(database)
    assert stored(database) == here


def test_only_what_was_not_read_is_read(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_notes(database, tmp_path / "first", note(1, "Har feber."))
    asked: list[int] = []
    load_notes(database, tmp_path / "second", note(1, "Har feber."), note(2, "Forvirret."), note(3, "Forvirret."))
    monkeypatch.setattr(readings, "_AT_ONCE", 1)
    read_new_notes(database, lambda done, _of: asked.append(done))
    assert asked == []
    with database.write() as session:
        last = session.execute(select(READINGS.c.sequence).order_by(READINGS.c.sequence.desc())).scalars().first()
        session.execute(READINGS.delete().where(READINGS.c.sequence == last))
    read_new_notes(database, lambda done, _of: asked.append(done))
    assert asked == [0, 1]


def test_another_lexicon_reads_all_again_and_the_snapshot_says_the_same(database: Database, tmp_path: Path) -> None:
    load_notes(database, tmp_path / "drop", *(note(number, text) for number, text in enumerate(TEXTS)))
    before = bring_up_to_date(database, tmp_path / "snapshot")
    with database.write() as session:
        session.execute(update(READINGS).values(lexicon="another", codes="[]", places="[]"))
    manifest = before.manifest.model_copy(update={"lexicon": "another"})
    (tmp_path / "snapshot" / "manifest.json").write_text(manifest.model_dump_json())
    assert bring_up_to_date(database, tmp_path / "snapshot").hash == before.hash
    assert Snapshot.open(tmp_path / "snapshot").manifest.lexicon == packaged_lexicon().hash


def test_a_note_loaded_before_readings_were_kept_is_not_lost(database: Database, tmp_path: Path) -> None:
    load_notes(database, tmp_path / "drop", note(1, "Har feber."))
    expected = bring_up_to_date(database, tmp_path / "snapshot").hash
    with database.write() as session:
        session.execute(READINGS.delete())
    assert bring_up_to_date(database, tmp_path / "rebuilt").hash == expected


def test_a_note_erased_while_it_was_read_leaves_no_reading(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_notes(database, tmp_path, note(1, "Har feber."), note(2, "Forvirret."))
    with database.write() as session:
        session.execute(READINGS.delete())
    as_readings = readings._as_readings

    def erasing_first(notes: object, read_all: object) -> object:
        with database.write() as session:
            session.execute(FACTS["notes"].delete().where(FACTS["notes"].c.source_id == "n1"))
        return as_readings(notes, read_all)  # type: ignore[arg-type]

    monkeypatch.setattr(readings, "_as_readings", erasing_first)
    read_new_notes(database)
    assert len(stored(database)) == 1
