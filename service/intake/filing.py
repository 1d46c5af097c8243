"""One file on its way into the store, batch by batch, within one transaction; or what several sent, each told its own.

Into a table with nothing in it, rows are written as they come, without asking what there was; only those whose id may
have stood earlier in the same file wait until its end, when the index of ids is there again. Into any other table
every batch is first compared with the versions there are.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.windows import NEVER
from service.intake import set_aside
from service.intake.checks import Checked, check
from service.intake.classify import UNRECORDED, Kind, Versions, classify
from service.intake.hashing import Sieve
from service.intake.mapping.meanings import UNMAPPED, TableMapping
from service.intake.noteworthy import note
from service.intake.reading import RawBatch
from service.intake.report import TableReport, Tally
from service.intake.schema import TableRules
from service.intake.versions import Load, versions
from service.storage import counters, facts, identities, loads
from service.storage.database import WriteSession
from service.storage.loads import SetAside

_WAITING_ROWS: Final = 400_000
"""Rows that may wait for the end of a file; beyond, the index is put back at once, so that memory stays bounded."""
_UNRECORDED_ROWS: Final = 2_000_000
"""Rows of citizens that may wait; more than a third of the country's people."""
_NOT_KEPT: Final = frozenset({"name", "file", "line", "part"})
"""Columns of versions that say where a row came from, and the name, which is kept apart."""


@dataclass(slots=True)
class FileLoad:
    """A file under way: what was counted for each who is told of it, the numbers handed out, and the rows that wait."""

    session: WriteSession
    file: str
    table: TableRules
    load: Load
    sequence: int
    change: int
    tallies: Sequence[Tally]
    mapping: TableMapping | None
    citizens: dict[str, int] = field(default_factory=dict[str, int])
    stored: bool = False
    sieve: Sieve | None = None
    waiting: list[pa.Table] = field(default_factory=list[pa.Table])

    @classmethod
    def begin(cls, session: WriteSession, file: str, table: TableRules, load: Load) -> "FileLoad":
        """Take the sequence, which stops every other writer of facts until this file is done."""
        started = cls.shared(session, table, load, 1, file)
        # Rows of citizens may say the same thing at the same time twice over; they are few, and compared as they come.
        if table.name != "citizens" and facts.is_empty(session, table.name):
            facts.drop_source_index(session, table.name)
            started.sieve = Sieve()
        return started

    @classmethod
    def shared(cls, session: WriteSession, table: TableRules, load: Load, told: int, file: str = "") -> "FileLoad":
        """Begin what so many sent, each of whom is told of his rows only: whose each is, its batch says.

        It is little, and compared as it comes: for an index to be taken away it would have to wait for every reader.
        """
        change = counters.take(session, "sequence") + 1
        mapping = None if load.mapping is UNMAPPED else load.mapping.of_table(table.name)
        return cls(session, file, table, load, change, change, [Tally() for _ in range(told)], mapping)

    def take(self, raw: RawBatch) -> None:
        """Judge the rows of a batch, then store, set aside or hold back each."""
        checked = check(self.file, self.table, raw, self.load.received_at, self.mapping)
        whose = np.zeros(raw.rows.num_rows, dtype=np.int64) if raw.parts is None else raw.parts
        own = whose[checked.places]
        self._count_read(whose, raw, checked, own)
        wrong = np.array([place for place, _, _ in checked.faults], dtype=np.int64)
        # Broken records are a file's only, which has one who is told.
        aside = np.append(whose[wrong], np.zeros(len(raw.broken), dtype=np.int64))
        self._keep_aside(list(set_aside.faulty(self.file, raw, checked.faults)), aside)
        citizen = self._keys(checked.good["citizen_id"].combine_chunks(), own)
        rows = versions(self.load, self.table, checked.good, citizen, raw, checked.places, own)
        if self.table.name == "citizens":
            self._compare(self._recorded(rows))
        elif self.sieve is None:
            self._compare(rows)
        else:
            self._write_unseen(rows, self.sieve)

    def finish(self) -> tuple[TableReport, ...]:
        """Store what waited, hand the numbers back, and report to each who is told."""
        self._settle()
        if self.stored:
            counters.give(self.session, "sequence", self.sequence)
        return tuple(tally.report() for tally in self.tallies)

    def _write_unseen(self, rows: pa.Table, sieve: Sieve) -> None:
        seen = sieve.seen(rows["source_key"].to_numpy())
        fresh = rows.filter(pa.array(~seen))
        kinds = np.where(fresh["retracted"].to_numpy() != 0, Kind.RETRACTED, Kind.NEW)
        self._count(kinds, fresh["part"].to_numpy())
        self._store(fresh, np.full(fresh.num_rows, NEVER, dtype=np.int64))
        if seen.any():
            self.waiting.append(rows.filter(pa.array(seen)))
        if sum(held.num_rows for held in self.waiting) > _WAITING_ROWS:
            self._settle()

    def _recorded(self, rows: pa.Table) -> pa.Table:
        """The rows that say when they were written. The others wait for the end of the file: the last of a citizen
        counts, and those before that say something else are set aside, however far apart they stand."""
        unrecorded = rows["recorded_at"].is_null()
        self.waiting.append(rows.filter(unrecorded))
        if sum(held.num_rows for held in self.waiting) > _UNRECORDED_ROWS:
            self._settle()
        return rows.filter(pc.invert(unrecorded))

    def _settle(self) -> None:
        """End the writing without asking: the index comes back, and what waited is compared."""
        if self.sieve is not None:
            self.sieve = None
            facts.create_source_index(self.session, self.table.name)
        held, self.waiting = self.waiting, []
        if held and self.table.name == "citizens":
            held = [pa.concat_tables(held, promote_options="default")]
        for rows in held:
            self._compare(rows)

    def _compare(self, rows: pa.Table) -> None:
        if not rows.num_rows:
            return
        found = facts.versions_of(self.session, self.table.name, np.unique(rows["source_key"].to_numpy()))
        existing, incoming, found = _numbered(found, rows)
        verdict = classify(existing, incoming)
        self._count(verdict.kinds, rows["part"].to_numpy(), verdict.conflicts)
        contradicted = rows.filter(pa.array(verdict.kinds == Kind.CONTRADICTED))
        kept = list(set_aside.contradicted(self.file, self.table.name, contradicted, self.citizens))
        self._keep_aside(kept, contradicted["part"].to_numpy())
        self._supersede(found, verdict.superseded_at[: len(existing)])
        stored = rows.filter(pa.array(verdict.stored))
        self._store(stored, verdict.superseded_at[len(existing) :][verdict.stored])

    def _supersede(self, found: pa.Table, superseded_at: NDArray[np.int64]) -> None:
        before = pc.fill_null(found["superseded_at"], NEVER).to_numpy()
        changed = superseded_at != before
        sequences = found["sequence"].to_numpy()[changed]
        facts.supersede(self.session, self.table.name, sequences, superseded_at[changed], self.change)

    def _store(self, rows: pa.Table, superseded_at: NDArray[np.int64]) -> None:
        if not rows.num_rows:
            return
        numbers = np.arange(self.sequence + 1, self.sequence + 1 + rows.num_rows, dtype=np.int64)
        self.sequence += rows.num_rows
        self.stored = True
        self._name(rows)
        stored = rows.select([name for name in rows.column_names if name not in _NOT_KEPT])
        facts.add(
            self.session,
            self.table.name,
            stored.append_column("sequence", pa.array(numbers)).append_column(
                "superseded_at", pa.array(superseded_at, mask=superseded_at == NEVER)
            ),
        )

    def _name(self, rows: pa.Table) -> None:
        """Keep the names that came with citizens, of several of one citizen the one that stands last."""
        if self.table.name != "citizens":
            return
        named = rows.filter(rows["name"].is_valid())
        place = pc.coalesce(named["recorded_at"], named["known_from"]).to_numpy()
        order = np.argsort(place, kind="stable")
        citizens, names = named["citizen"].to_pylist(), named["name"].to_pylist()
        identities.rename(self.session, {citizens[i]: (names[i], int(place[i])) for i in order})

    def _keys(self, citizen_ids: pa.Array, parts: NDArray[np.int64]) -> pa.Array:
        """The citizens' keys; one who is not known yet gets one, since a row about a citizen is never lost."""
        coded = citizen_ids.dictionary_encode()
        distinct = coded.dictionary.to_pylist()
        not_met = [citizen_id for citizen_id in distinct if citizen_id not in self.citizens]
        self.citizens |= identities.keys_of(self.session, not_met)
        unknown = [place for place, citizen_id in enumerate(distinct) if citizen_id not in self.citizens]
        self.citizens |= identities.add(self.session, [distinct[place] for place in unknown])
        if unknown and self.table.name != "citizens":
            _, first = np.unique(coded.indices, return_index=True)
            for tally, places in self._shared_out(parts[first[unknown]]):
                tally.citizens_unknown += places.size
        keys = pa.array([self.citizens[citizen_id] for citizen_id in distinct], pa.int32())
        return keys.take(coded.indices)

    def _count_read(self, parts: NDArray[np.int64], raw: RawBatch, checked: Checked, good: NDArray[np.int64]) -> None:
        for tally, places in self._shared_out(parts):
            tally.read += places.size
        self.tallies[0].read += len(raw.broken)
        for tally, places in self._shared_out(good):
            tally.mapped += Counter({column: int(rows[places].sum()) for column, rows in checked.mapped.items()})
            own = checked.good if len(self.tallies) == 1 else checked.good.take(pa.array(places))
            note(tally, self.table, own, self.load.received_at)

    def _count(
        self, kinds: NDArray[np.int8], parts: NDArray[np.int64], conflicts: NDArray[np.bool_] | None = None
    ) -> None:
        for tally, places in self._shared_out(parts):
            for kind, rows in zip(*np.unique(kinds[places], return_counts=True), strict=True):
                if kind != Kind.CONTRADICTED:  # those are counted as set aside
                    tally.kinds[Kind(kind)] += int(rows)
            tally.conflicts += 0 if conflicts is None else int(conflicts[places].sum())

    def _keep_aside(self, rows: Sequence[SetAside], parts: NDArray[np.int64]) -> None:
        for part, row in zip(parts.tolist(), rows, strict=True):
            self.tallies[part].set_aside[row.reason] += 1
        loads.set_aside(self.session, self.load.load_id, rows)

    def _shared_out(self, parts: NDArray[np.int64]) -> Iterator[tuple[Tally, NDArray[np.int64]]]:
        """Who is told of which rows: tallies, and the places of the rows whose `parts`, shape (n,), name them."""
        if len(self.tallies) == 1:
            yield self.tallies[0], np.arange(parts.size)
            return
        for part in np.unique(parts).tolist():
            yield self.tallies[part], np.flatnonzero(parts == part)


def _numbered(found: pa.Table, rows: pa.Table) -> tuple[Versions, Versions, pa.Table]:
    """Existing and incoming versions with their ids numbered alike; those found for another id of the same key go."""
    found = found.filter(pc.is_in(found["source_id"], rows["source_id"].combine_chunks())).sort_by("sequence")
    ids = pa.chunked_array([*found["source_id"].chunks, *rows["source_id"].chunks], pa.string())
    numbers = ids.combine_chunks().dictionary_encode().indices.to_numpy().astype(np.int64)
    return (
        _as_versions(found, numbers[: found.num_rows]),
        _as_versions(rows, numbers[found.num_rows :]),
        found,
    )


def _as_versions(rows: pa.Table, identity: NDArray[np.int64]) -> Versions:
    return Versions(
        identity=identity,
        recorded_at=pc.fill_null(rows["recorded_at"], UNRECORDED).to_numpy(),
        known_from=rows["known_from"].to_numpy(),
        content=rows["content"].to_numpy(),
        retracted=rows["retracted"].to_numpy() != 0,
    )
