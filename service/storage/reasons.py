"""Reasons as the JSON an entry's row holds, and back."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import TypedDict

from service.weekly.lists import Quote, Reason


class _Quote(TypedDict):
    text: str
    marks: list[list[int]]
    role: str
    observed_at: str


class _Reason(TypedDict):
    group: str
    strength: float
    da: str
    en: str
    quotes: list[_Quote]
    trend: list[float | None] | None


def written(reasons: Sequence[Reason]) -> str:
    """The JSON text of reasons, in their order."""
    return json.dumps([_row(reason) for reason in reasons], ensure_ascii=False, allow_nan=False)


# A week's list is read hundreds of times and never changes: its reasons are taken apart once.
@lru_cache(maxsize=1024)
def read(text: str) -> tuple[Reason, ...]:
    """The reasons of a JSON text that `written` made."""
    if text == "[]":  # most citizens of a list are not shown, and have none
        return ()
    rows: list[_Reason] = json.loads(text)
    return tuple(_reason(row) for row in rows)


def _row(reason: Reason) -> _Reason:
    return {
        "group": reason.group,
        "strength": reason.strength,
        "da": reason.da,
        "en": reason.en,
        "quotes": [
            {
                "text": q.text,
                "marks": [list(m) for m in q.marks],
                "role": q.role,
                "observed_at": q.observed_at.isoformat(),
            }
            for q in reason.quotes
        ],
        "trend": None if reason.trend is None else list(reason.trend),
    }


def _reason(row: _Reason) -> Reason:
    return Reason(
        group=row["group"],
        strength=row["strength"],
        da=row["da"],
        en=row["en"],
        quotes=tuple(_quote(quote) for quote in row["quotes"]),
        trend=None if row["trend"] is None else tuple(row["trend"]),
    )


def _quote(row: _Quote) -> Quote:
    return Quote(
        text=row["text"],
        marks=tuple((start, end) for start, end in row["marks"]),
        role=row["role"],
        observed_at=datetime.fromisoformat(row["observed_at"]),
    )
