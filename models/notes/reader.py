"""The note reader: Danish free text in, mentions out. Compiled once from a lexicon; it reads no clock and no store."""

from collections.abc import Iterator

from models.notes.compiled import Compiled, compile_lexicon
from models.notes.context import Context
from models.notes.interpretation import mention_of_term, mentions_of_measure
from models.notes.layout import Layout
from models.notes.lexicon import Lexicon
from models.notes.mention import Mention
from models.notes.selection import standing
from models.notes.senses import CueSense, MeasureSense, PersonSense, Sense, TermSense
from models.notes.tokens import cut
from models.notes.trie import Found
from models.notes.words import WordIds


class NoteReader:
    """A lexicon made ready to read notes. Immutable but for its memory of words, and safe between threads."""

    def __init__(self, lexicon: Lexicon, compiled: Compiled) -> None:
        self._concepts = lexicon.concepts
        self._measures = {measure.id: measure for measure in lexicon.measures}
        self._compiled = compiled
        self._words = WordIds(compiled)

    @classmethod
    def compile(cls, lexicon: Lexicon) -> "NoteReader":
        """Makes the reader ready; takes about a second, so it is done once a process."""
        return cls(lexicon, compile_lexicon(lexicon))

    def read(self, text: str) -> tuple[Mention, ...]:
        """The mentions of one note in the order they stand; any text is read, an empty one says nothing."""
        pieces = cut(text)
        ids = list(map(self._words.__getitem__, pieces[1::2]))
        if self._compiled.triggers.isdisjoint(ids) and (not ids or min(ids) >= 0):
            return ()
        layout = Layout(text, pieces, ids, self._compiled.scope, self._words.joined)
        found = standing(self._compiled.trie.search(layout.ids))
        spoken = [one for one in found if isinstance(one.sense, TermSense | MeasureSense)]
        if not spoken:
            return ()
        cues = [one for one in found if isinstance(one.sense, CueSense | PersonSense)]
        context = Context(self._compiled.scope, layout.ids, cues, spoken)
        return tuple(mention for one in spoken for mention in self._mentions(one, context.marks(one), layout))

    def _mentions(self, one: Found[Sense], marks: int, layout: Layout) -> Iterator[Mention]:
        place = layout.place(one)
        if isinstance(one.sense, TermSense):
            value = layout.numbers(one.number)[0] if one.number >= 0 else None
            mention = mention_of_term(one.sense, marks, value, place)
            if mention is not None:
                yield mention
        elif isinstance(one.sense, MeasureSense):
            names = (one.sense.measure.id, one.sense.measure.second)
            numbers = layout.numbers(one.number if one.number >= 0 else one.places[-1])
            for name, value in zip(names, numbers, strict=False):
                yield from mentions_of_measure(self._measures[name], value, marks, self._concepts, place)
