"""What was written about a citizen, as rows of `notes`: reports' conclusions, correspondence, documents of text."""

import base64
import binascii
from collections.abc import Iterator
from typing import Final

from service.intake.fhir.bundle import Surroundings, bare
from service.intake.fhir.elements import Element, element, elements, extension, text
from service.intake.fhir.facts import authors, extended, fact, recorded_at, retraction, role_of, start_of
from service.intake.fhir.rows import Row
from service.intake.schema import ENTERED_IN_ERROR

_MOST_BASE64: Final = 4 << 20


def read_report(resource: Element, around: Surroundings) -> Iterator[Row]:
    """The conclusion of a diagnostic report, and its text form; the results are observations of their own."""
    told = {
        "observed_at": start_of(resource, "effective") or text(resource, "issued") or recorded_at(resource, around),
        "role": role_of(resource, around, *authors(resource, "performer", "resultsInterpreter")),
        "status": retraction(text(resource, "status")),
    }
    conclusion = text(resource, "conclusion")
    if conclusion or told["status"]:
        yield fact("notes", resource, around, {**told, "text": conclusion})
    for place, form in enumerate(elements(resource, "presentedForm")):
        written = _text_of(form)
        if written:
            yield fact("notes", resource, around, {**told, "text": written}, part=f"form{place}")


def read_communication(resource: Element, around: Surroundings) -> Iterator[Row]:
    """MedCom's correspondence (CareCommunication): each payload of text is a note, by its own author and date."""
    sent = text(resource, "sent") or around.timestamp
    if text(resource, "status") == ENTERED_IN_ERROR and not element(resource, "payload"):
        yield fact("notes", resource, around, {"observed_at": sent, "status": ENTERED_IN_ERROR})
    for place, payload in enumerate(elements(resource, "payload")):
        written = text(payload, "contentString") or _text_of(element(payload, "contentAttachment"))
        if not written:
            continue
        at = text(extension(payload, "date-extension"), "valueDateTime") or _dated(payload) or sent
        own = text(extension(payload, "identifier"), "valueIdentifier", "value")
        sender = [extended(payload, "author-extension"), _author(payload), extended(resource, "sender-extension")]
        row = fact(
            "notes",
            resource,
            around,
            {
                "observed_at": at,
                "recorded_at": at or recorded_at(resource, around),
                "role": role_of(resource, around, *sender, *authors(resource, "sender")),
                "text": written,
                "status": retraction(text(resource, "status")),
            },
            part=str(place) if place else "",
        )
        # A payload that is forwarded keeps its own identifier, and is then known to be the same note.
        yield Row("notes", {**row.values, "note_id": bare(own)}) if own else row


def _dated(payload: Element) -> str | None:
    return next((text(one, "valueDateTime") for one in elements(payload, "extension") if "valueDateTime" in one), None)


def _author(payload: Element) -> Element:
    return next((found for one in elements(payload, "extension") if (found := element(one, "valueReference"))), {})


def read_document(resource: Element, around: Surroundings) -> Iterator[Row]:
    """The text of a document; one that is no text, or lies elsewhere, has no meaning here."""
    mistaken = retraction(text(resource, "status"), text(resource, "docStatus"))
    for place, attachment in enumerate(elements(resource, "content", "attachment")):
        written = _text_of(attachment)
        if written is None and not mistaken:
            continue
        happened = text(resource, "context", "period", "start") or text(attachment, "creation")
        yield fact(
            "notes",
            resource,
            around,
            {
                "observed_at": happened or text(resource, "date") or recorded_at(resource, around),
                "role": role_of(resource, around, *authors(resource, "author")),
                "text": written,
                "status": mistaken,
            },
            part=str(place) if place else "",
        )


def _text_of(attachment: Element) -> str | None:
    """The plain text in an attachment, None when it holds none; damaged base64 gives an empty one, so: missing."""
    kind = (text(attachment, "contentType") or "").lower()
    data = text(attachment, "data")
    if data is None or not kind.startswith("text/plain"):
        return None
    if len(data) > _MOST_BASE64:
        return ""
    charset = kind.partition("charset=")[2].strip(' "') or "utf-8"
    try:
        return base64.b64decode("".join(data.split()), validate=True).decode(charset)
    except (binascii.Error, UnicodeDecodeError, LookupError, ValueError):
        return ""
