"""Reading many notes in a process of their own says the same as reading them here."""

from service.mentions import being_read, read_all

TEXTS = ["Har feber, tp 38,4.", "Alt vel.", "", 'Spiser ikke, æøå \u2013 "citat"\nny linje', "datter har feber"]


def test_many_notes_are_read_beside_and_say_the_same() -> None:
    with being_read(TEXTS, many=1) as codes:
        beside = codes()
    assert beside == read_all(TEXTS)
    assert ("mention:fever", 38.4) in beside[0] or ("noted:NPU08676", 38.4) in beside[0]


def test_few_notes_are_read_where_they_are() -> None:
    with being_read(TEXTS, many=len(TEXTS) + 1) as codes:
        assert codes() == read_all(TEXTS)


def test_no_notes_say_nothing() -> None:
    with being_read([]) as codes:
        assert codes() == []
