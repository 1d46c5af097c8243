"""The words of notes, read back for the few citizens whose reasons quote them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from sqlalchemy import Index, or_, select

from models.notes.reading import Place, places_of
from service.storage import merges
from service.storage.database import ReadSession
from service.storage.readings import READINGS
from service.storage.tables import FACTS

_MOST_PARAMETERS: Final = 500

# Reasons quote the notes of a hundred citizens out of some hundred thousand notes.
Index("notes_citizen", FACTS["notes"].c.citizen)


@dataclass(frozen=True, slots=True)
class Note:
    """One note as it stood at some moment; `observed_at` in microseconds UTC."""

    text: str
    role: str
    observed_at: int
    said: str = "[]"
    """Where it says what, as kept (`models.notes.reading`)."""

    @property
    def places(self) -> tuple[Place, ...]:
        """Where it says what counts."""
        return places_of(self.said)


def notes_as_known(
    session: ReadSession, citizens: Collection[int], since: int, before: int
) -> Mapping[int, tuple[Note, ...]]:
    """Notes about `[since, before)` that were known before `before` and stood then, newest first, by citizen.

    Instants in microseconds UTC. A citizen without such notes is not in the answer, nor is a note that no snapshot
    has read yet.
    """
    notes = FACTS["notes"]
    persons = merges.persons(session)
    chosen = persons.keys(citizens)
    found: dict[int, list[Note]] = {}
    for at in range(0, len(chosen), _MOST_PARAMETERS):
        asked = (
            select(notes.c.citizen, notes.c.text, notes.c.role, notes.c.observed_at, READINGS.c.places)
            .join_from(notes, READINGS, READINGS.c.sequence == notes.c.sequence)
            .where(
                notes.c.citizen.in_(chosen[at : at + _MOST_PARAMETERS]),
                notes.c.retracted == 0,
                notes.c.observed_at >= since,
                notes.c.observed_at < before,
                notes.c.known_from < before,
                or_(notes.c.superseded_at.is_(None), notes.c.superseded_at >= before),
            )
            .order_by(notes.c.observed_at.desc(), notes.c.sequence.desc())
        )
        for row in session.execute(asked):
            found.setdefault(persons.of(row.citizen), []).append(
                Note(row.text, row.role or "", row.observed_at, row.places)
            )
    newest = attrgetter("observed_at")
    return {citizen: tuple(sorted(notes_of, key=newest, reverse=True)) for citizen, notes_of in found.items()}
