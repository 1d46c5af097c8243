"""What every resource that becomes a row says alike: id, citizen, when it was written, whether it was a mistake.

When a version was written, in this order: `meta.lastUpdated`, the resource's own time of making this version known
(`issued`, `authored`, `sent`, `date`), the bundle's `timestamp`, and last what tells only when the first version was
made (`recordedDate`, `created`, `authoredOn`). The order is that of how surely they change with each version: a
condition that ends keeps its `recordedDate`, and taken from there its end would have been known from its beginning.
"""

from collections.abc import Mapping
from typing import Final

from models.vocabulary_fsiii import PREFIX, concept_of
from service.intake.fhir.bundle import Surroundings, identity_of
from service.intake.fhir.elements import Element, codes, element, elements, extension, text
from service.intake.fhir.rows import Row
from service.intake.schema import ENTERED_IN_ERROR, TABLES

_VERSION_TIMES: Final = ("issued", "authored", "sent", "date")
_FIRST_TIMES: Final = ("recordedDate", "created", "authoredOn")
_UUID_LENGTH: Final = 36

FSIII: Final = ("1.2.208.176.2.21", "fsiii", "locallydefinedinterventions")
"""What the system of an FSIII code holds, in small letters: the object identifier, and the addresses KL has used."""


def fact(table: str, resource: Element, around: Surroundings, told: Mapping[str, str | None], *, part: str = "") -> Row:
    """The row of a resource, or of a part of it: what all rows have, and what `told` adds."""
    own = source_id(resource)
    return Row(
        table,
        {
            TABLES[table].id_column: f"{own}/{part}" if own and part else own,
            "citizen_id": around.citizen(resource, "subject"),
            "recorded_at": recorded_at(resource, around),
            "sent_at": around.timestamp if around.is_message else None,
            **told,
        },
    )


def source_id(resource: Element) -> str | None:
    """The id a row is matched by: a UUID as it is, any other with its type before it, as servers number each type."""
    own = identity_of(resource)
    return own if own is None or len(own) >= _UUID_LENGTH else f"{text(resource, 'resourceType')}/{own}"


def recorded_at(resource: Element, around: Surroundings) -> str | None:
    """When this version was written, as the sender says it."""
    own = (text(resource, name) for name in _VERSION_TIMES)
    first = (text(resource, name) for name in _FIRST_TIMES)
    return next(
        (time for time in (text(resource, "meta", "lastUpdated"), *own, around.timestamp, *first) if time), None
    )


def retraction(*statuses: str | None) -> str | None:
    """The drop's word for a mistake, if any of the statuses says so."""
    return ENTERED_IN_ERROR if ENTERED_IN_ERROR in statuses else None


def fsiii(concept: object, *path: str) -> str | None:
    """The FSIII code of a concept, KL's own before a local one beneath it; a key in words with `fsiii:` before it."""
    found = codes(concept, *path)
    for known in FSIII:
        for system, code in found:
            if known in system.lower():
                in_words = concept_of(code) is None and concept_of(PREFIX + code) is not None
                return PREFIX + code if in_words else code
    return None


_ROLES: Final = {
    "SPL": ("sygeplejerske", "224535009"),
    "SSA": ("socialogsundhedsassistent", "sosuassistent"),
    "SSH": ("socialogsundhedshjaelper", "socialogsundhedshjælper", "sosuhjaelper"),
    "TER": ("fysioterapeut", "ergoterapeut", "terapeut"),
    "LEADER": ("leder", "afdelingsleder", "teamleder"),
}


def role_of(resource: Element, around: Surroundings, *authors: Element) -> str | None:
    """Who observed or wrote: the citizen, a device, or staff by what the practitioner's role says."""
    for author in authors:
        found = around.target(author, resource)
        kind = text(found, "resourceType") or text(author, "type") or _kind_in(author)
        if kind in {"Patient", "RelatedPerson"}:
            return "citizen" if kind == "Patient" else "other"
        if kind == "Device":
            return "device"
        said = {"".join(code.lower().replace("-", " ").split()) for _, code in codes(found, "code")}
        for role, words in _ROLES.items():
            if said.intersection(words):
                return role
    return None


def _kind_in(reference: Element) -> str:
    parts = (text(reference, "reference") or "").split("/_history/")[0].split("/")
    return parts[-2] if len(parts) > 1 else ""


def authors(resource: Element, *paths: str) -> tuple[Element, ...]:
    """The references at several places, in that order."""
    return tuple(one for path in paths for one in elements(resource, path))


def start_of(resource: Element, name: str) -> str | None:
    """When something was, from `nameDateTime`, `nameInstant`, `namePeriod` or `nameTiming`: a period's start."""
    timing = text(resource, f"{name}Timing", "event")
    period = element(resource, f"{name}Period")
    return text(resource, f"{name}DateTime") or text(resource, f"{name}Instant") or text(period, "start") or timing


def extended(resource: Element, ending: str) -> Element:
    """The reference in an extension."""
    return element(extension(resource, ending), "valueReference")
