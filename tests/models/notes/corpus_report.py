"""The corpus as cases, and how well the reader reads them: `python -m tests.models.notes.corpus_report tune`.

The format of the corpus files is explained in `corpus/README.md`. Held-out sentences are never listed here,
only counted, so that nobody tunes on them by accident.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.notes.lexicon import load_lexicon
from models.notes.mention import Certainty, Change, Mention, Polarity, Subject, Time
from models.notes.reader import NoteReader

CORPUS = Path(__file__).with_name("corpus")

Said = tuple[str, frozenset[str], float | None]

MARKS = {
    Polarity.ABSENT: "ikke",
    Certainty.UNCERTAIN: "måske",
    Subject.OTHER: "anden",
    Time.PAST: "tidligere",
    Time.PLANNED: "plan",
    Change.WORSE: "værre",
    Change.BETTER: "bedre",
    Change.BASELINE: "vanlig",
}


@dataclass(frozen=True, slots=True)
class Case:
    text: str
    expected: frozenset[Said]
    file: str


@dataclass(frozen=True, slots=True)
class Score:
    found: int
    right: int
    expected: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.expected if self.expected else 1.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.found + self.expected) if self.found + self.expected else 1.0


def cases(part: str) -> Iterator[Case]:
    """The cases of `tune` or `held_out`."""
    for file in sorted(CORPUS.glob(f"{part}_*.txt")):
        text = ""
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("    "):
                yield Case(text.replace("\\n", "\n"), frozenset(_expected(line)), file.name)
            elif line and not line.startswith("#"):
                text = line


def _expected(line: str) -> Iterator[Said]:
    for part in line.split(";"):
        name, _, number = part.partition("=")
        concept, *marks = name.split()
        if unknown := set(marks) - set(MARKS.values()):
            message = f"unknown mark {unknown} in {line!r}"
            raise ValueError(message)
        if concept != "intet":
            yield concept, frozenset(marks), float(number.replace(",", ".")) if number else None


def said(mention: Mention) -> Said:
    """A mention in the words of the corpus."""
    stated = (mention.polarity, mention.certainty, mention.subject, mention.time, mention.change)
    return mention.concept, frozenset(MARKS[word] for word in stated if word in MARKS), mention.value


def scores(reader: NoteReader, part: Iterable[Case]) -> dict[str, Score]:
    """By concept; under "all" the micro average. A mention is right when concept, every mark and the number are."""
    found, right, expected = Counter[str](), Counter[str](), Counter[str]()
    for case in part:
        read = {said(mention) for mention in reader.read(case.text)}
        for counts, mentions in ((found, read), (right, read & case.expected), (expected, case.expected)):
            counts.update(concept for concept, _, _ in mentions)
            counts["all"] += len(mentions)
    return {concept: Score(found[concept], right[concept], expected[concept]) for concept in sorted(found | expected)}


def report(reader: NoteReader, part: str) -> str:
    """A table a reader of the test run can use: precision, recall and F1 of every concept."""
    lines = [f"{part:<22} {'found':>5} {'right':>5} {'exp.':>5} {'prec.':>6} {'recall':>6} {'F1':>6}"]
    for concept, score in scores(reader, cases(part)).items():
        counts = f"{score.found:>5} {score.right:>5} {score.expected:>5}"
        lines.append(f"{concept:<22} {counts} {score.precision:>6.2f} {score.recall:>6.2f} {score.f1:>6.3f}")
    return "\n".join(lines)


def misreadings(reader: NoteReader) -> Iterator[str]:
    """What the reader gets wrong of the tuning part."""
    for case in cases("tune"):
        read = frozenset(said(mention) for mention in reader.read(case.text))
        if read != case.expected:
            yield f"{case.text}\n    lacks {_named(case.expected - read)}\n    has   {_named(read - case.expected)}"


def _named(mentions: Iterable[Said]) -> str:
    return "; ".join(f"{c} {' '.join(sorted(marks))} {value or ''}".strip() for c, marks, value in mentions) or "-"


if __name__ == "__main__":
    _reader = NoteReader.compile(load_lexicon())
    _part = sys.argv[1]
    print(report(_reader, _part))
    if _part == "tune":
        print(*misreadings(_reader), sep="\n")
