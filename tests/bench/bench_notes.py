"""How fast notes are read, on one core: `python -m tests.bench.bench_notes`.

Prints notes a second and the time of a million notes, as medians of five, and their multiple of a floor measured in
the same rounds: splitting the same texts into words and looking each word up. The notes are of about 15 words, made
of the corpus's sentences (every other one says something) with words of their own between, so that hardly two are
alike.
"""

import random
import re
import statistics
import time
from collections.abc import Callable, Iterable

from models.notes.lexicon import load_lexicon
from models.notes.reader import NoteReader
from tests.models.notes.corpus_report import cases

ROUNDS = 5
NOTES = 10_000
WORDS = 15
ROUTINE = (
    "Hjulpet med bad og tøj som planlagt.", "Serveret morgenmad og kaffe.", "Sengetøj skiftet, vasket op.",
    "Datter på besøg hele eftermiddagen.", "Medicin givet efter plan.", "Sad i lænestolen da vi kom, set tv.",
    "Støttestrømper på og cremet på benene.", "Været ude at gå en tur i haven.", "Frisør kl 10, hentet af sønnen.",
)  # fmt: skip


def notes(count: int) -> list[str]:
    """Invented notes of about 15 words."""
    chance = random.Random(7)
    telling = [case.text for part in ("tune", "held_out") for case in cases(part)]
    return [_note(chance, telling) for _ in range(count)]


def _note(chance: random.Random, telling: list[str]) -> str:
    words: list[str] = []
    while len(words) < WORDS - 2:
        words += chance.choice(telling if chance.random() < 0.5 else ROUTINE).split()
    words.insert(chance.randrange(len(words)), f"kl {chance.randrange(24)}.{chance.randrange(60):02}")
    return " ".join(words)


def seconds(work: Callable[[str], object], texts: Iterable[str]) -> float:
    start = time.process_time()
    for text in texts:
        work(text)
    return time.process_time() - start


def main() -> None:
    start = time.process_time()
    reader = NoteReader.compile(load_lexicon())
    compiled = time.process_time() - start
    texts = notes(NOTES)
    seconds(reader.read, texts)  # the words are known afterwards, as they are in any long run
    find, known = re.compile(r"\w+").findall, {word: len(word) for text in texts for word in re.findall(r"\w+", text)}
    pairs = [
        (seconds(reader.read, texts), seconds(lambda text: [known[word] for word in find(text)], texts))
        for _ in range(ROUNDS)
    ]
    median = statistics.median(read for read, _ in pairs)
    multiple = statistics.median(read / floor for read, floor in pairs)
    mentions = sum(len(reader.read(text)) for text in texts) / NOTES
    print(f"lexicon loaded and compiled in {compiled:.2f} s; {WORDS} words and {mentions:.1f} mentions a note")
    print(f"{NOTES / median:,.0f} notes/s; a million notes in {median / NOTES * 1e6:.0f} s of one core")
    print(f"{multiple:.1f} times splitting the same texts into words and looking each up")


if __name__ == "__main__":
    main()
