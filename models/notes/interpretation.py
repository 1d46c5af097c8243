"""From what a term says and the marks of its context to what the note states. The rules of what outweighs what."""

from functools import cache
from typing import NamedTuple

from models.notes.context import Mark
from models.notes.lexicon import Concept
from models.notes.mention import Certainty, Change, Polarity, Subject, Time
from models.notes.senses import TermSense


class Statement(NamedTuple):
    """A mention without its number and its place; the fields are the first of a `Mention`, in the same order."""

    concept: str
    polarity: Polarity
    certainty: Certainty
    subject: Subject
    time: Time
    change: Change


@cache  # as many as there are senses and ways to mark them
def statement_of_term(sense: TermSense, marks: int) -> Statement | None:
    """What a concept's term states, or None where it says something only within a plan and there is none."""
    time = _time(marks, sense.concept, sense.time)
    if sense.kind == "when_planned" and time is not Time.PLANNED:
        return None
    polarity = _polarity(sense, marks)
    return _statement(sense.concept, polarity, marks, time, _change(sense, marks, polarity, time))


def statement_of_measure(concept: Concept, polarity: Polarity, marks: int) -> Statement:
    """What a measured number states: it needs no "not" and tells no change, for the number says both."""
    return _statement(concept, polarity, marks, _time(marks, concept, Time.CURRENT), Change.NONE)


def _statement(concept: Concept, polarity: Polarity, marks: int, time: Time, change: Change) -> Statement:
    return Statement(
        concept.id,
        polarity,
        Certainty.UNCERTAIN if marks & Mark.UNCERTAIN else Certainty.CERTAIN,
        Subject.OTHER if marks & Mark.OTHER and not concept.about_any else Subject.CITIZEN,
        time,
        change,
    )


def _time(marks: int, concept: Concept, told: Time) -> Time:
    if marks & Mark.PLANNED or (marks & Mark.ACTION_PLANNED and concept.action):
        return Time.PLANNED
    return Time.PAST if marks & Mark.PAST else told


def _polarity(sense: TermSense, marks: int) -> Polarity:
    """What the term says, turned round by a "not"; an intact function is denied only by a "not" close to it."""
    told = sense.polarity
    denying = Mark.NEGATED if told is Polarity.PRESENT else Mark.NEGATED_CLOSELY
    if sense.denies or not marks & denying:
        return told
    return Polarity.ABSENT if told is Polarity.PRESENT else Polarity.PRESENT


def _change(sense: TermSense, marks: int, polarity: Polarity, time: Time) -> Change:
    if sense.change is not Change.NONE:
        return sense.change
    if time is Time.PAST:
        return Change.NONE
    if polarity is Polarity.PRESENT:
        if marks & Mark.BETTER:
            return Change.BETTER
        if marks & Mark.WORSE and not sense.denies:
            return Change.WORSE  # "ikke ladet vandet siden i går" tells how long, not how much worse
    return Change.BASELINE if marks & Mark.BASELINE else Change.NONE
