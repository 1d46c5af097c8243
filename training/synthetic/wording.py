"""The words of a town: every sentence its home-care workers may write, and where to find those for a finding.

The phrases are data in `phrases/*.toml`. A town uses a share of the first book and, as far as its settings say, a
second book that shares no phrase with it.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from training.synthetic.chance import Bools, Floats, Ints, stream
from training.synthetic.shortening import Shortening
from training.synthetic.town import Town

_BOOKS = Path(__file__).parent / "phrases"
_SLOT = re.compile(r"\{[ntkm]\}")
_VARIANTS = 3  # how often a phrase with a number in it is filled in

PRESENT, CHANGED, HABITUAL, ABSENT = 0, 1, 2, 3
"""The forms in which a finding is worded."""
_FORMS = 4
_OPENINGS = ("anyhow", "night", "day", "evening", "subject")


@cache
def concepts() -> tuple[str, ...]:
    """The ids of all findings, in the order of the first book."""
    return tuple(_read("common.toml"))


def headings() -> tuple[str, ...]:
    """The FSIII code under which a note about each of `concepts` would stand."""
    return tuple(str(entry["heading"]) for entry in _read("common.toml").values())


@dataclass(frozen=True, slots=True)
class Wording:
    """All sentences of a town, and which stretch of them says what.

    `first` and `count` are books x concepts x forms; `frame` holds the sentences that are about no finding, by kind.
    """

    sentences: np.ndarray[tuple[int], np.dtype[np.object_]]
    first: Ints
    count: Ints
    other_share: float
    other_person: float
    frame: Mapping[str, tuple[str, ...]]
    around: Mapping[str, tuple[str, ...]]
    verbs: frozenset[str]
    separators: tuple[str, ...]

    def findings(self, rng: np.random.Generator, concept: Ints, form: Ints) -> list[str]:
        """One sentence for each finding."""
        book = (rng.random(len(concept)) < self.other_share).astype(np.int64)
        first, count = self.first[book, concept, form], self.count[book, concept, form]
        chosen = first + (rng.random(len(concept)) * count).astype(np.int64)
        return list(self.sentences[chosen])

    def opening(self, first: str, minute: int, drawn: float) -> str:
        """How a note begins at that minute of the day; `drawn`, 0 to 1, chooses among what fits its first sentence."""
        shift = "night" if minute < 6 * 60 else "day" if minute < 15 * 60 else "evening"
        fitting = self.around["anyhow"] + self.around[shift]
        if first.partition(" ")[0] in self.verbs:
            fitting += self.around["subject"]
        return fitting[int(drawn * len(fitting))]

    def about(self, rng: np.random.Generator, kind: str, size: int) -> list[str]:
        """`size` sentences of the frame; its kinds are those of `frame.toml`."""
        known = self.frame[kind]
        return [known[i] for i in rng.integers(0, len(known), size).tolist()]


def wording_of(town: Town) -> Wording:
    """The words in use in a town, chosen by its seed."""
    rng = stream(town.seed, "wording")
    short = Shortening(town.seed, town.documentation.own_words_share)
    frame = _read("frame.toml")
    around = frame["around"]
    sentences: list[str] = []
    shape = (2, len(concepts()), _FORMS)
    first, count = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for b, book in enumerate(("common.toml", "other.toml")):
        for c, entry in enumerate(_read(book).values()):
            for form, said in enumerate(_forms(rng, town, entry, around)):
                first[b, c, form], count[b, c, form] = len(sentences), len(said)
                sentences += map(short.apply, said)
    return Wording(
        sentences=np.array(sentences, dtype=object),
        first=first,
        count=count,
        other_share=town.documentation.other_words_share,
        other_person=town.documentation.other_person,
        frame={kind: tuple(map(short.apply, _in_use(rng, town, said))) for kind, said in frame["sentences"].items()},
        around={kind: tuple(_in_use(rng, town, around[kind])) for kind in _OPENINGS},
        verbs=frozenset(around["verbs"]),
        separators=tuple(_in_use(rng, town, around["separator"])),
    )


def signs_in_use(town: Town) -> Bools:
    """Which findings the town's forms offer as an everyday observation."""
    offered = stream(town.seed, "forms").random(len(concepts())) < town.documentation.signs_in_use
    return offered | (np.arange(len(concepts())) == concepts().index("staff_worry"))


def weights(signs: Mapping[str, float]) -> Floats:
    """The weights by concept id as an array in the order of `concepts`."""
    return np.array([signs.get(concept, 0.0) for concept in concepts()])


def _forms(
    rng: np.random.Generator, town: Town, entry: Mapping[str, Sequence[str]], around: Mapping[str, Sequence[str]]
) -> list[list[str]]:
    present = [filled for said in _in_use(rng, town, entry["present"]) for filled in _filled(rng, said)]
    changed = [_fill(rng, said + change) for said in present for change in around["changed"]]
    changed += [said + doubt for said in present for doubt in around["uncertain"]]
    habitual = [said + habit for said in present for habit in around["habit"]]
    return [present, changed, habitual, list(_in_use(rng, town, entry["absent"]))]


def _in_use(rng: np.random.Generator, town: Town, said: Sequence[str]) -> list[str]:
    share = town.documentation.vocabulary_share
    chosen = [phrase for phrase, drawn in zip(said, rng.random(len(said)), strict=True) if drawn < share]
    return chosen or [said[int(rng.integers(0, len(said)))]]


def _filled(rng: np.random.Generator, said: str) -> list[str]:
    return [_fill(rng, said) for _ in range(_VARIANTS)] if _SLOT.search(said) else [said] * _VARIANTS


def _fill(rng: np.random.Generator, said: str) -> str:
    tenths = int(rng.integers(379, 399))
    half_kilos = int(rng.integers(2, 8))
    numbers = {
        "{n}": str(int(rng.integers(2, 7))),
        "{t}": f"{tenths // 10},{tenths % 10}",
        "{k}": f"{half_kilos // 2},{5 * (half_kilos % 2)}".removesuffix(",0"),
        "{m}": str(int(rng.integers(1, 12) * 5)),
    }
    return _SLOT.sub(lambda slot: numbers[slot.group()], said)


@cache
def _read(name: str) -> Mapping[str, Mapping[str, list[str]]]:
    """A book; read once, because a town looks into it dozens of times."""
    return tomllib.loads((_BOOKS / name).read_text(encoding="utf-8"))
