"""Explanations: the reasons of shown entries, with the words quoted and the course drawn beside each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.engines.local import Matrix, reach
from models.events import Events
from models.features.signals import MEASURED
from models.features.spec import Catalogue
from models.reasons import telling
from models.reasons.courses import WEEKS, Weekly, weekly_course
from models.reasons.proving import Score, prove
from models.snapshot import Snapshot
from service.storage.notes import Note
from service.weekly.lists import Reason
from service.weekly.quotes import quotes

Explanation = tuple[tuple[Reason, ...], tuple[Reason, ...]]
"""Why a citizen is where they are, and what speaks against it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What reasons are taken from besides the rows; `notes` newest first by citizen, all as known on `day`.

    `score` gives the log-odds of rows: a reason is told only when they fall without what it names.
    """

    catalogue: Catalogue
    notes: Mapping[int, Sequence[Note]]
    snapshot: Snapshot
    day: int
    score: Score


def explain(rows: Matrix, contributions: NDArray[np.float64], evidence: Evidence) -> list[Explanation]:
    """The explanation of each row; `contributions` has shape (n, p + 1), in log-odds, the base last."""
    found: dict[int, Explanation] = {}
    for bucket, mine in evidence.snapshot.by_bucket(rows.citizen):
        explained = [telling.Explained(rows.values[at], contributions[at], evidence.catalogue) for at in mine]
        events = evidence.snapshot.read_of(
            bucket,
            rows.citizen[mine].tolist(),
            from_day=evidence.day - max(reach(evidence.catalogue), 7 * WEEKS),
            known_before=evidence.day,
        )
        proven = prove(explained, rows.citizen[mine], rows.as_of[mine], events, evidence.score)
        for at, row, true in zip(mine.tolist(), explained, proven, strict=True):
            citizen = int(rows.citizen[at])
            told = tuple(_with_evidence(true.told, _of_citizen(events, citizen), citizen, evidence))
            found[at] = told, _against(row)
    return [found[at] for at in range(len(rows))]


def _against(row: telling.Explained) -> tuple[Reason, ...]:
    return tuple(Reason(told.group, told.strength, told.danish, told.english) for told in telling.against(row))


def _with_evidence(
    told: Sequence[telling.Reason], events: Events, citizen: int, evidence: Evidence
) -> Iterator[Reason]:
    notes = evidence.notes.get(citizen, ())
    for reason in told:
        yield Reason(
            group=reason.group,
            strength=reason.strength,
            da=reason.danish,
            en=reason.english,
            quotes=quotes(notes, [evidence.catalogue.signal(name) for name in reason.signals]),
            trend=weekly_course(events, reason.signals, evidence.catalogue, evidence.day, _told_as(reason)),
        )


def _told_as(reason: telling.Reason) -> Weekly:
    if reason.signals == ("minutes",):
        return Weekly.SUM
    return Weekly.MEAN if set(reason.signals) <= set(MEASURED) else Weekly.COUNT


def _of_citizen(events: Events, citizen: int) -> Events:
    return events.where(events.citizen == citizen)
