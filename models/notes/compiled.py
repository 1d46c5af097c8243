"""A lexicon made ready for reading: vocabulary, trie, and the closed word lists as sets of word ids."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

from models.notes.lexicon import TERM_KINDS, Lexicon, Scope
from models.notes.senses import CueSense, FalseFriend, MeasureSense, PersonSense, Sense, TermSense
from models.notes.spelling import Vocabulary
from models.notes.terms import COORDINATION, GAP, NUMBER, PAIR, YEAR, expansions
from models.notes.trie import Between, Trie

_DENIALS = frozenset(
    {"ikke", "ej", "aldrig", "intet", "ingenting", "hverken", "ingen", "uden", "manglende", "knap", "knapt"}
)
_GAPS = frozenset({GAP, COORDINATION})
_SPELLING = frozenset({"joinable", "not_slips"})
_LISTS = tuple(field.name for field in fields(Scope) if field.name not in _SPELLING)


@dataclass(frozen=True, slots=True)
class ScopeIds:
    """The lists of `Scope` as word ids."""

    fillers: frozenset[int]
    after_fillers: frozenset[int]
    gap_stops: frozenset[int]
    enders: frozenset[int]
    commas: frozenset[int]
    joiners: frozenset[int]
    list_closers: frozenset[int]
    negation_closers: frozenset[int]
    breakers: frozenset[int]
    verbs: frozenset[int]
    before_subject: frozenset[int]
    reports: frozenset[int]
    subject_returns: frozenset[int]
    requests: frozenset[int]
    flag_marks: frozenset[int]
    flags: frozenset[int]
    abbreviations: frozenset[int]
    question: int
    dot: int
    mended_dot: int
    """What the dot of an abbreviation is read as: a filler."""
    stops: frozenset[int]
    """Where a clause ends: enders, commas, breakers."""
    pauses: frozenset[int]
    """Where what a cue says may end: stops, and the joiners that may begin a new statement."""
    item_stops: frozenset[int]
    """Where an item of a list ends: also at a verb."""
    no_item: frozenset[int]
    """What no item of a list holds."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """Vocabulary, trie and scope of one lexicon; `triggers` are the ids without which a note says nothing."""

    vocabulary: Vocabulary
    trie: Trie[Sense]
    scope: ScopeIds
    triggers: frozenset[int]
    number: int
    pair: int
    year: int


def compile_lexicon(lexicon: Lexicon) -> Compiled:
    """Compiles once, in well under a second or two; the result is only read afterwards."""
    rows = [(row, sense) for term, sense in _terms(lexicon) for row in _rows(term, lexicon)]
    vocabulary = _vocabulary(lexicon.scope, rows)
    scope = _scope_ids(lexicon.scope, vocabulary)
    (number,), (pair,), (year,) = (vocabulary.ids(f"={atom}") for atom in (NUMBER, PAIR, YEAR))
    literal = frozenset(vocabulary.ids(atom)[0] for row, _ in rows for atom in row if atom.isdecimal())
    between = Between(scope.fillers, scope.gap_stops | scope.enders | scope.commas, scope.joiners)
    trie: Trie[Sense] = Trie(between, number, literal | {year})
    denying = _denying(sense for _, sense in rows)
    triggers: set[int] = set()
    step: dict[str, str | tuple[int, ...]] = {atom: vocabulary.ids(atom) for atom in _atoms(rows) - _GAPS}
    step.update((gap, gap) for gap in _GAPS)
    for row, sense in rows:
        steps = [step[atom] for atom in row]
        trie.add(steps, denying.get(sense, sense) if not _DENIALS.isdisjoint(row) else sense)
        if isinstance(sense, TermSense | MeasureSense):
            triggers.update(word for word in steps[0] if isinstance(word, int))
    vocabulary.settle()
    trie.settle()
    return Compiled(vocabulary, trie, scope, frozenset(triggers), number, pair, year)


def _terms(lexicon: Lexicon) -> Iterator[tuple[str, Sense]]:
    """Every term of the lexicon with what it stands for; one sense object for each thing it can stand for."""
    for concept_id, kinds in lexicon.terms.items():
        for kind in TERM_KINDS:
            yield from _all_of(kinds[kind], TermSense(lexicon.concepts[concept_id], kind, denies=False))
    for measure in lexicon.measures:
        yield from _all_of(measure.terms, MeasureSense(measure))
    for cue, terms in lexicon.cues.items():
        yield from _all_of(terms, CueSense(cue))
    yield from _all_of(("@kin", "@outsider"), PersonSense())
    yield from _all_of(lexicon.false_friends, FalseFriend())


def _all_of(terms: Iterable[str], sense: Sense) -> Iterator[tuple[str, Sense]]:
    for term in terms:
        yield term, sense


def _rows(term: str, lexicon: Lexicon) -> Iterator[tuple[str, ...]]:
    """The term's rows of atoms, without gaps at either end, which would lead nowhere."""
    for row in expansions(term, lexicon.words):
        places = [place for place, atom in enumerate(row) if atom not in _GAPS]
        if places:
            yield row[places[0] : places[-1] + 1]


def _denying(senses: Iterable[Sense]) -> dict[Sense, Sense]:
    """For each concept's sense, the same for those of its terms that hold a "not" of their own."""
    concepts = {sense for sense in senses if isinstance(sense, TermSense)}
    return {sense: TermSense(sense.concept, sense.kind, denies=True) for sense in concepts}


def _atoms(rows: Iterable[tuple[tuple[str, ...], Sense]]) -> set[str]:
    return {atom for row, _ in rows for atom in row}


def _vocabulary(scope: Scope, rows: Sequence[tuple[tuple[str, ...], Sense]]) -> Vocabulary:
    vocabulary = Vocabulary(scope.joinable, scope.not_slips)
    for atom in (NUMBER, PAIR, YEAR):
        vocabulary.add(f"={atom}")
    for name in _LISTS:
        for word in getattr(scope, name):
            vocabulary.add(f"={word}")
    for atom in sorted(_atoms(rows) - _GAPS):
        vocabulary.add(atom)
    for row, _ in rows:
        words = [atom for atom in row if atom not in _GAPS]
        for first, second in pairwise(words):
            vocabulary.add_neighbours(first, second)
    return vocabulary


def _scope_ids(scope: Scope, vocabulary: Vocabulary) -> ScopeIds:
    def ids(words: Iterable[str]) -> frozenset[int]:
        return frozenset(word_id for word in words for word_id in vocabulary.ids(f"={word}"))

    lists = {name: ids(getattr(scope, name)) for name in _LISTS}
    ends = lists["enders"] | lists["breakers"]
    stops = ends | lists["commas"]
    return ScopeIds(
        **lists,
        question=vocabulary.ids("=?")[0],
        dot=vocabulary.ids("=.")[0],
        mended_dot=vocabulary.ids("=:")[0],
        stops=stops,
        pauses=stops | lists["joiners"],
        item_stops=stops | lists["verbs"],
        no_item=ends | lists["verbs"],
    )
