"""Mentions of one note become event codes, and some become none."""

import pytest

from models.notes.codes import event_codes
from models.notes.reader import NoteReader


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Forvirret.", [("mention:confusion_new", 1.0)]),
        ("Virker forvirret.", [("mention:confusion_new", 1.0)]),
        ("Mere forvirret.", [("mention:confusion_new", 1.0), ("mention:confusion_new:worse", 1.0)]),
        ("Ingen feber.", [("mention:fever:absent", 1.0)]),
        ("Datter har feber.", []),
        ("Tidligere apopleksi.", []),
        ("Skal måles BT.", []),
        ("Indlagt, ringet 112, udskrevet fra sygehus.", []),
        ("tp 38,4", [("noted:NPU08676", 38.4), ("mention:fever", 38.4)]),
        ("BT 132/78", [("noted:DNK05472", 132.0), ("mention:hr_bp_abn:absent", 1.0), ("noted:DNK05473", 78.0)]),
        ("Vægt 62,3", [("noted:NPU03804", 62.3)]),
        ("Ikke haft afføring i 4 dage", [("mention:constipation", 4.0)]),
        ("Har ondt. Ondt i maven, VAS 7", [("mention:pain_new", 7.0)]),
        ("VAS 7, har ondt", [("mention:pain_new", 7.0)]),
    ],
)
def test_a_note_becomes_its_codes(text: str, codes: list[tuple[str, float]], reader: NoteReader) -> None:
    assert event_codes(reader.read(text)) == codes
