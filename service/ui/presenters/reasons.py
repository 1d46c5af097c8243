"""Reasons as a page shows them: a head, its detail, quoted words with the marks, and a small course."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from service.ui.language import Language
from service.ui.presenters.charts import Bars, bars
from service.ui.presenters.wording import role_word
from service.weekly.lists import Quote, Reason

LONGEST_SHOWN: Final = 110
"""Characters of a quote in a row of the list; the citizen's page shows all of it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a quote, marked or not."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class QuoteView:
    """Quoted words in pieces, who wrote them and when."""

    pieces: tuple[Piece, ...]
    role: str
    day: str
    clock: str


@dataclass(frozen=True, slots=True)
class ReasonView:
    """One reason: `head` is what it is about, `detail` the citizen's own numbers."""

    head: str
    detail: str
    quotes: tuple[QuoteView, ...]
    course: Bars | None

    def __hash__(self) -> int:
        """Of its words alone: enough to tell reasons apart, and a hundred rows are looked up by theirs."""
        return hash((self.head, self.detail))


# A reason reads the same on every look at its list.
@lru_cache(maxsize=1024)
def reason_view(language: Language, reason: Reason, *, quotes: int, longest: int | None = None) -> ReasonView:
    """The reason in the page's language, with at most so many quotes.

    `longest` is for a row of the list: quotes are cut to about so many characters, and no course is drawn.
    """
    phrase = reason.da if language.code == "da" else reason.en
    head, _, detail = phrase.partition(": ")
    chosen = reason.quotes[:quotes]
    return ReasonView(
        head=head,
        detail=detail,
        quotes=tuple(_quote_view(language, quote, longest) for quote in chosen),
        course=bars(reason.trend) if reason.trend and any(reason.trend) and longest is None else None,  # not of nothing
    )


def _quote_view(language: Language, quote: Quote, longest: int | None) -> QuoteView:
    return QuoteView(
        pieces=_shortened(pieces(quote), longest) if longest else pieces(quote),
        role=role_word(language, quote.role),
        day=language.weekday(quote.observed_at),
        clock=language.clock(quote.observed_at),
    )


def pieces(quote: Quote) -> tuple[Piece, ...]:
    """The text cut at its marks; marks that overlap or lie outside are taken as far as they make sense."""
    found: list[Piece] = []
    at = 0
    for start, end in sorted(quote.marks):
        start, end = max(start, at), min(end, len(quote.text))  # noqa: PLW2901 - clipped to what is left
        if start >= end:
            continue
        found += [Piece(quote.text[at:start], marked=False), Piece(quote.text[start:end], marked=True)]
        at = end
    found.append(Piece(quote.text[at:], marked=False))
    return tuple(piece for piece in found if piece.text)


def _shortened(whole: tuple[Piece, ...], longest: int) -> tuple[Piece, ...]:
    """The pieces around the first mark, with an ellipsis where something was left out."""
    room = longest
    first = next((at for at, piece in enumerate(whole) if piece.marked), 0)
    kept: list[Piece] = []
    if first > 0:
        lead = whole[0].text
        cut = lead if len(lead) <= longest // 3 else "…" + lead[-longest // 3 :].partition(" ")[2]
        kept.append(Piece(cut, marked=False))
        room -= len(cut)
    for piece in whole[first:]:
        if len(piece.text) > room:
            kept.append(Piece(piece.text[: max(room, 12)].rpartition(" ")[0] + " …", marked=piece.marked))
            break
        kept.append(piece)
        room -= len(piece.text)
    return tuple(kept)
