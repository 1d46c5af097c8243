"""The packaged lexicon and its reader, made once for all note tests."""

import pytest

from models.notes.lexicon import Lexicon, packaged_lexicon
from models.notes.reader import NoteReader


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return packaged_lexicon()


@pytest.fixture(scope="session")
def reader(lexicon: Lexicon) -> NoteReader:
    return NoteReader.compile(lexicon)
