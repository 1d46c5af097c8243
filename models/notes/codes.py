"""Mentions to event codes: what a note adds to the stream of events.

Only what is about the citizen and now becomes an event. Words that tell the outcome (admitted, ambulance) give none: a
model that reads them would predict what has already happened.
"""

from collections.abc import Iterable, Iterator

from models.notes.lexicon import load_lexicon
from models.notes.mention import Change, Mention, Polarity, Subject, Time

# Measured values found in text, and the code of the same measurement in the form.
_MEASURED = {
    "temperature": "NPU08676",
    "weight": "NPU03804",
    "pulse": "NPU21692",
    "spo2": "NPU03011",
    "respiration": "MCS88122",
    "systolic": "DNK05472",
    "diastolic": "DNK05473",
    "glucose": "NPU22089",
}


def event_codes(mentions: Iterable[Mention]) -> list[tuple[str, float | None]]:
    """The codes one note's mentions give, each once, with their value; in the order they are first said.

    `mention:CONCEPT` (value 1, uncertain ones included), besides it `mention:CONCEPT:worse` where it is said to grow,
    `mention:CONCEPT:absent` for what was looked for and not there, `mention:CONCEPT:usual` for what is the
    citizen's own habit, `noted:CODE` for a number that was measured.
    """
    found: dict[str, float | None] = {}
    for mention in mentions:
        for code, value in _of(mention):
            found.setdefault(code, value)
    return list(found.items())


def _of(mention: Mention) -> Iterator[tuple[str, float | None]]:
    if mention.subject is not Subject.CITIZEN or mention.time is not Time.CURRENT:
        return
    concept = load_lexicon().concepts[mention.concept]
    if concept.outcome:
        return
    if mention.concept in _MEASURED:
        if mention.value is not None:
            yield f"noted:{_MEASURED[mention.concept]}", mention.value
        return
    if mention.polarity is Polarity.ABSENT:
        yield f"mention:{mention.concept}:absent", 1.0
        return
    if mention.change is Change.BASELINE:
        # "Forvirret som vanligt" is how the citizen is, not what has come upon them.
        yield f"mention:{mention.concept}:usual", 1.0
        return
    yield f"mention:{mention.concept}", 1.0
    if mention.change is Change.WORSE:
        yield f"mention:{mention.concept}:worse", 1.0
