"""CDS Hooks: a stored score as a card in the record system, and what was done with the card as a review.

No web and no SQL here. A card tells phrases and numbers of ours, never words of a note; its address opens the list and
names nobody. A card's id is computed from what it is about, so none needs to be stored.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID, uuid5

from models.errors import NotFound
from service.outbound.risk_resources import EntryId
from service.weekly.lists import Band, Score
from service.weekly.reviews import LONGEST_COMMENT, Action, Draft

SERVICE: Final = "omhu-risk"
LONGEST_SUMMARY: Final = 139
_CARDS: Final = UUID("5b0f6a5e-6c1f-4d0e-9a63-0f1f6f2d7c11")
_OVERRIDES: Final = "urn:omhu:override"
_REASONS: Final[Mapping[str, tuple[str, Action]]] = {
    "known": ("Allerede kendt og håndteret", Action.NO_ACTION),
    "not_now": ("Vurderet, ingen handling nødvendig nu", Action.NO_ACTION),
    "wrong": ("Vurderingen passer ikke på borgeren", Action.WRONG),
}
_UNSAID: Final = "Tilsidesat i journalen uden begrundelse"
_WORDS: Final = {
    Band.VERY_HIGH: "Meget høj",
    Band.HIGH: "Høj",
    Band.RAISED: "Forhøjet",
    Band.USUAL: "Sædvanlig",
}
_TOPIC: Final = {"code": "acute-admission-30d", "system": "urn:omhu:assessment"}
_URGENT: Final = {Band.VERY_HIGH, Band.HIGH}
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&])")

DISCOVERY: Final[Mapping[str, Any]] = {
    "services": [
        {
            "hook": "patient-view",
            "id": SERVICE,
            "title": "Omhu: risiko for akut indlæggelse",
            "description": "Viser den seneste ugelistes vurdering, når borgerens journal åbnes. Intet regnes om.",
            "prefetch": {"patient": "Patient/{{context.patientId}}"},
            "usageRequirements": "context.patientId er kommunens eget id på borgeren, eller id'et i subject fra /fhir.",
        }
    ]
}


@dataclass(frozen=True, slots=True)
class Answered:
    """What somebody did with a card: `code`, `display` and `comment` say why it was overridden, as far as they did."""

    card: str
    outcome: Literal["accepted", "overridden"]
    code: str = ""
    display: str = ""
    comment: str = ""


def card_id(entry: EntryId) -> str:
    """The id of the card about an entry of a list."""
    return str(uuid5(_CARDS, str(entry)))


def card(score: Score, address: str) -> dict[str, Any]:
    """The card of an entry that is shown; `address` is where the service answers."""
    head, entry = score.head, score.entry
    word = _WORDS[entry.band or Band.USUAL]
    summary = f"{word} risiko for akut indlæggelse inden for 30 dage: nr. {entry.rank} på ugelisten"
    link = {"label": "Åbn ugelisten i Omhu", "url": f"{address}/", "type": "absolute"}
    return {
        "uuid": card_id(EntryId(head.number, entry.citizen)),
        "summary": summary[:LONGEST_SUMMARY],
        "detail": _detail(score),
        "indicator": "warning" if entry.band in _URGENT else "info",
        "source": {"label": "Omhu", "url": f"{address}/om", "topic": _TOPIC},
        "overrideReasons": [_coding(code, _OVERRIDES, told) for code, (told, _) in _REASONS.items()],
        "links": [link],
    }


def draft_of(answered: Answered) -> Draft:
    """The review that an answer to a card is. Raises `RequestWrong` when its words are too long."""
    if answered.outcome == "accepted":
        return Draft(Action.SEEN, comment=answered.comment)
    told, action = _REASONS.get(answered.code, (answered.display.strip() or _UNSAID, Action.NO_ACTION))
    return Draft(action, grounds=told[:LONGEST_COMMENT], comment=answered.comment)


def entry_of(answered: Answered, entries: Iterable[EntryId]) -> EntryId:
    """The entry a card is about, of those it may be about. Raises `NotFound`."""
    found = next((entry for entry in entries if card_id(entry) == answered.card.lower()), None)
    if found is None:
        raise NotFound("There is no such card among those you were shown lately.")
    return found


def _detail(score: Score) -> str:
    """Why, as GitHub-flavoured Markdown in which nothing of the data is markup."""
    lines = [f"Ugelisten pr. {score.head.as_of:%d.%m.%Y}, regnet ud fra det, der var skrevet inden da.", ""]
    lines += [f"- {_plain(reason.da)}" for reason in score.entry.reasons]
    lines += [f"- Taler imod: {_plain(reason.da)}" for reason in score.entry.against]
    return "\n".join([*lines, "", "Et skøn, som en sygeplejerske skal vurdere."])


def _plain(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def _coding(code: str, system: str, display: str) -> dict[str, str]:
    return {"code": code, "system": system, "display": display}
