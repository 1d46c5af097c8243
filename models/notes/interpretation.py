"""From a found term and the marks of its context to a mention. The rules of what outweighs what, and nothing else."""

from dataclasses import dataclass

from models.notes.context import Mark
from models.notes.lexicon import Concept, Measure
from models.notes.mention import Certainty, Change, Mention, Polarity, Subject, Time
from models.notes.senses import TermSense


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the original text; all counts of characters, ends exclusive."""

    start: int
    end: int
    sentence_start: int
    sentence_end: int


def mention_of_term(sense: TermSense, marks: int, value: float | None, place: Place) -> Mention | None:
    """The mention a concept's term makes, or None where it says something only within a plan and there is none."""
    time = _time(marks, sense.concept, sense.time)
    if sense.kind == "when_planned" and time is not Time.PLANNED:
        return None
    polarity = _polarity(sense, marks)
    change = _change(sense, marks, polarity, time)
    return _mention(sense.concept, polarity, marks, time, change, value, place)


def mentions_of_measure(
    measure: Measure, value: float, marks: int, concepts: dict[str, Concept], place: Place
) -> list[Mention]:
    """The measured number, and the finding it speaks for or against; none where no such number can be."""
    if not measure.low <= value <= measure.high:
        return []
    found: list[Mention] = []
    named = concepts.get(measure.id)
    if named is not None:
        found.append(_measured(named, Polarity.PRESENT, marks, value, place))
    if measure.finding:
        first, behind = measure.normal
        polarity = Polarity.ABSENT if first <= value < behind else Polarity.PRESENT
        found.append(_measured(concepts[measure.finding], polarity, marks, value, place))
    return found


def _measured(concept: Concept, polarity: Polarity, marks: int, value: float, place: Place) -> Mention:
    time = _time(marks, concept, Time.CURRENT)
    return _mention(concept, polarity, marks, time, Change.NONE, value, place)


def _mention(
    concept: Concept, polarity: Polarity, marks: int, time: Time, change: Change, value: float | None, place: Place
) -> Mention:
    return Mention(
        concept=concept.id,
        polarity=polarity,
        certainty=Certainty.UNCERTAIN if marks & Mark.UNCERTAIN else Certainty.CERTAIN,
        subject=Subject.OTHER if marks & Mark.OTHER and not concept.about_any else Subject.CITIZEN,
        time=time,
        change=change,
        value=value,
        start=place.start,
        end=place.end,
        sentence_start=place.sentence_start,
        sentence_end=place.sentence_end,
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
