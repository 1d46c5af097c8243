"""Any text is read: never an error, always valid spans, and no more to do than in proportion to length."""

import sys
from types import FrameType

from hypothesis import given, settings
from hypothesis import strategies as st

from models.notes.codes import event_codes
from models.notes.reader import NoteReader

WORDS = st.sampled_from(
    [
        "ingen",
        "ikke",
        "feber",
        "hoster",
        "men",
        "og",
        "eller",
        ",",
        ".",
        "?",
        "!",
        "obs",
        "virker",
        "datter",
        "har",
        "tidligere",
        "skal",
        "hvis",
        "spiser",
        "drikker",
        "mere",
        "værre",
        "112",
        "38,4",
        "tp",
        "bt",
        "140/80",
        "i",
        "4",
        "dage",
        "afføring",
        "nægter",
        "kendt",
        "med",
        "kol",
        "ben",
        "hævede",
        "som",
        "vanligt",
        "\n",
        "ved",
        "kontakt",
        "læge",
        "2",
        "hjælpere",
        "hævedeben",
        "spiserikke",
        "pos.",
        "Stix",
        "leuk",
        "ødemer",
        "for",
        "3",
        "år",
        "siden",
        "end",
        "hun",
        "plejer",
        "nu",
        "p.n.",
        "i.a.",
        "+",
        "kg",
        "(",
        ")",
    ]
)


def check(reader: NoteReader, text: str) -> None:
    mentions = reader.read(text)
    event_codes(mentions)
    for mention in mentions:
        assert 0 <= mention.sentence_start <= mention.start < mention.end <= len(text)
        assert mention.sentence_start < mention.sentence_end <= len(text)
        assert text[mention.start : mention.end].strip()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text(max_size=300))
def test_any_text_is_read(reader: NoteReader, text: str) -> None:
    check(reader, text)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(WORDS, max_size=60).map(" ".join))
def test_any_row_of_words_is_read_and_reading_twice_gives_the_same(reader: NoteReader, text: str) -> None:
    check(reader, text)
    assert reader.read(text) == reader.read(text)


@settings(max_examples=6, deadline=None, derandomize=True)
@given(st.lists(WORDS, min_size=1, max_size=12), st.sampled_from(["", " ", ", "]))
def test_the_longest_note_takes_steps_in_proportion_to_its_length(
    reader: NoteReader, words: list[str], between: str
) -> None:
    pattern = between.join(words) + between
    short, long = (pattern * (size // max(len(pattern), 1) + 1) for size in (5_000, 20_000))
    check(reader, short[:5_000])
    check(reader, long[:20_000])
    assert _steps(reader, long[:20_000]) < 6 * _steps(reader, short[:5_000]) + 1_000


def _steps(reader: NoteReader, text: str) -> int:
    """Calls made while a note is read: counted, since how long they take says more of the machine."""
    steps = 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal steps
        steps += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        reader.read(text)
    finally:
        sys.setprofile(before)
    return steps
