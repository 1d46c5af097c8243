"""From the mentions of one note to the event codes the features count. Masks words that tell the outcome."""

from collections.abc import Iterable, Iterator

from models.notes.lexicon import Lexicon, packaged_lexicon
from models.notes.mention import Change, Mention, Polarity, Subject, Time

_STATED = 1.0


def event_codes(mentions: Iterable[Mention], lexicon: Lexicon | None = None) -> list[tuple[str, float | None]]:
    """The codes of one note, each at most once, in the order first mentioned.

    `mention:CONCEPT` for what is there now and with the citizen, sure or not, its value the number in the text or
    1.0; `mention:CONCEPT:worse` beside it when new or worse; `mention:CONCEPT:absent` for what was looked for and is
    not there; `noted:CODE` with the value for a number measured. A later number fills in for a 1.0. Other persons,
    history, plans and words that tell the outcome give nothing. `lexicon` is the packaged one unless given.
    """
    codes: dict[str, float | None] = {}
    for mention in mentions:
        if mention.subject is Subject.CITIZEN and mention.time is Time.CURRENT:
            for code, value in _codes_of(mention, lexicon or packaged_lexicon()):
                if codes.get(code, _STATED) == _STATED:
                    codes[code] = value
    return list(codes.items())


def _codes_of(mention: Mention, lexicon: Lexicon) -> Iterator[tuple[str, float | None]]:
    concept = lexicon.concepts[mention.concept]
    if concept.outcome:
        return
    if concept.code:
        yield f"noted:{concept.code}", mention.value
    elif mention.polarity is Polarity.ABSENT:
        yield f"mention:{concept.id}:absent", _STATED
    else:
        yield f"mention:{concept.id}", _STATED if mention.value is None else mention.value
        if mention.change is Change.WORSE:
            yield f"mention:{concept.id}:worse", _STATED
