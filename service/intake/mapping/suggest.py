"""A mapping file proposed from what a drop holds, for a person to complete.

What is written as an entry is sure: a known code or column but for blanks, signs and the size of letters, or a column
by a name that means one thing. Everything else is a comment with the nearest that is known, never taken by itself.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from models.vocabulary import name, vocabulary
from service.intake.drop import Drop
from service.intake.mapping.meanings import UNMAPPED, ColumnMeaning, LocalMapping
from service.intake.mapping.nearest import codes_for, columns_for, nearest, plain, same_code
from service.intake.mapping.survey import Survey, survey
from service.intake.mapping.words import allowed, words_for
from service.intake.schema import TABLES

_HEAD: Final = """\
# A mapping file, proposed from what stands in {drop}. A line that begins with # says nothing yet: complete it and take
# the # away, or leave it out. A local word may mean different things in time:
#     "TMP" = [
#         {{ to = "NPU08676", unit = "[degF]", valid_to = 2025-01-01 }},
#         {{ to = "NPU08676", valid_from = 2025-01-01 }},
#     ]
# Check it with `omhu mapping check FILE --drop DROP`, use it with `omhu load DROP --mapping FILE`, or for every load
# with `omhu mapping use FILE`.

municipality = ""
"""


def suggest(drop: Drop, received_at: int) -> str:
    """The proposal, as TOML."""
    first = survey(drop, UNMAPPED, received_at)
    columns = {table: dict(_columns(table, first)) for table in first.columns}
    sure = {
        table: tuple(ColumnMeaning(local, to[0]) for local, (is_sure, to) in said.items() if is_sure)
        for table, said in columns.items()
    }
    # Codes are looked for again with the columns that are sure: "kode" may well be where they stand.
    found = survey(drop, LocalMapping(columns=sure), received_at) if any(sure.values()) else first
    lines = [*_column_lines(columns, found), *_code_lines(found), *_unit_lines(found)]
    unread = [f"# Not read: {message}" for message in found.unreadable]
    body = lines or ["", "# Nothing is unknown in it: no mapping is needed."]
    return "\n".join([_HEAD.format(drop=Path(drop.name).name), *unread, *body, ""]).replace("\n\n\n", "\n\n")


Proposed = tuple[bool, tuple[str, ...]]
"""Whether it is sure, and the candidates, best first."""


def _columns(table: str, found: Survey) -> Iterator[tuple[str, Proposed]]:
    known = columns_for(table, found.named[table])
    taken: set[str] = set()
    for local in found.columns[table]:
        exact = [to for to, words in known.items() if plain(local) in {plain(word) for word in words}]
        if len(exact) == 1 and exact[0] not in taken:
            taken.add(exact[0])
            yield local, (True, (exact[0],))
        else:
            yield local, (False, tuple(exact) or nearest(local, known))


def _column_lines(columns: Mapping[str, Mapping[str, Proposed]], found: Survey) -> Iterator[str]:
    for table, said in columns.items():
        if not said and not found.missing.get(table):
            continue
        yield from ("", f"[columns.{table}]")
        if found.missing.get(table):
            yield f"# Lacking, and needed: {', '.join(found.missing[table])}"
        for local, (is_sure, to) in said.items():
            yield _entry(local, to[0], "") if is_sure else _comment(local, to, "")


def _code_lines(found: Survey) -> Iterator[str]:
    for (table, column), words in found.words.items():
        if not words:
            continue
        yield from ("", f"[codes.{table}.{column}]")
        for word, times in words.most_common():
            rows = f"{times:,} {'row' if times == 1 else 'rows'}"
            if column == "code":
                sure = same_code(word)
                near = nearest(word, codes_for(table))
                yield _entry(word, sure, f"{rows}, {name(sure)}") if sure else _comment(word, near, rows)
            else:
                choices = {choice: words_for(choice) for choice in allowed(TABLES[table].column(column))}
                same = [choice for choice in choices if plain(choice) == plain(word)]
                yield _entry(word, same[0], rows) if same else _comment(word, nearest(word, choices), rows)


def _unit_lines(found: Survey) -> Iterator[str]:
    if found.units or found.converted:
        yield from ("", "[units]")
    for (code, unit), times in found.units.most_common():
        kept = vocabulary().measured[code].unit
        known = {to: (spelled,) for spelled, to in vocabulary().units.items()}
        convertible = sorted({one for other, one in vocabulary().conversions if other == code})
        also = f" or {', '.join(convertible)}" if convertible else ""
        rows = f"{times:,} rows of {code} ({name(code)}), which may be in {kept}{also}"
        yield _comment(unit, nearest(unit, known), rows)
    for (code, unit), times in found.converted.most_common():
        yield f"# {json.dumps(unit, ensure_ascii=False)} is converted already: {times:,} rows of {code} ({name(code)})"


def _entry(local: str, to: str, why: str) -> str:
    told = f"  # {why}" if why else ""
    return f"{_quoted(local)} = {_quoted(to)}{told}"


def _comment(local: str, near: Sequence[str], why: str) -> str:
    candidates = ", ".join(f"{one} ({name(one)})" if name(one) != one else one for one in near)
    told = "; ".join(part for part in (why, f"nearest: {candidates}" if near else "nothing near") if part)
    return f"# {_quoted(local)} = {_quoted(near[0] if near else '?')}  # {told}"


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are TOML's but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
