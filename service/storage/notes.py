"""The words of notes, read back for the few citizens whose reasons quote them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Index, or_, select

from service.storage.database import ReadSession
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


def notes_as_known(
    session: ReadSession, citizens: Collection[int], since: int, before: int
) -> Mapping[int, tuple[Note, ...]]:
    """Notes about `[since, before)` that were known before `before` and stood then, newest first, by citizen.

    Instants in microseconds UTC. A citizen without such notes is not in the answer.
    """
    notes = FACTS["notes"]
    chosen = sorted(citizens)
    found: dict[int, list[Note]] = {}
    for at in range(0, len(chosen), _MOST_PARAMETERS):
        asked = (
            select(notes.c.citizen, notes.c.text, notes.c.role, notes.c.observed_at)
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
            found.setdefault(row.citizen, []).append(Note(row.text, row.role or "", row.observed_at))
    return {citizen: tuple(notes_of) for citizen, notes_of in found.items()}
