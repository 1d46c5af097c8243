"""MedCom's hospital notification (sygehusadvis) to a row of `hospital_notifications`.

One message is one row. Rules, from MedCom's overview of codes and its clinical guidelines:

- the activity is that of the provenance whose target is the message's header; the others tell of earlier messages;
- a death has no activity of its own: the earlier activity is said again, and the patient is deceased;
- the cancellation of a death says it again too, and the patient is not deceased;
- one of several episode identifiers is chosen, the national one (LPR3) before a local one;
- happened: the stay's start, its end, or the leave's, as the activity asks; written: the provenance; known: the bundle.
"""

from collections.abc import Iterator
from typing import Final

from service.intake.fhir.bundle import Surroundings, bare
from service.intake.fhir.elements import Element, codes, element, elements, extension, flag, text
from service.intake.fhir.rows import Row
from service.intake.schema import TABLES

_ACTIVITIES: Final = TABLES["hospital_notifications"].column("activity").choices
_LPR3: Final = "landspatientregisteret"
_UUID_LENGTH: Final = 36
_CANCELLED: Final = {"entered-in-error", "cancelled"}


def is_notification(bundle: Element) -> bool:
    """Whether a bundle is a hospital notification: by its header's event, its profile, or its activities."""
    if text(bundle, "type") != "message":
        return False
    said = {code for _, code in codes(list(_resources(bundle, "MessageHeader")), "eventCoding")}
    if said:
        return "hospital-notification-message" in said
    profiles = " ".join(filter(None, (text(one, "meta", "profile") for one in (bundle, *_all(bundle))))).lower()
    known = any(code in _ACTIVITIES for one in _resources(bundle, "Provenance") for _, code in codes(one, "activity"))
    return "hospitalnotification" in profiles or known


def read_notification(bundle: Element, around: Surroundings) -> Row:
    """The row a notification is. What it does not say is missing in it."""
    header = next(_resources(bundle, "MessageHeader"), {})
    encounter = _encounter(bundle, header, around)
    provenance = _provenance(bundle, header)
    patient = around.target(element(encounter, "subject"), encounter) or next(_resources(bundle, "Patient"), {})
    activity = _activity(bundle, provenance, encounter, patient)
    recorded = text(provenance, "recorded") or text(provenance, "occurredDateTime") or around.timestamp
    return Row(
        "hospital_notifications",
        {
            "notification_id": around.identity or text(header, "id"),
            "citizen_id": around.citizen(encounter, "subject"),
            "recorded_at": recorded,
            "episode_id": _episode(encounter),
            "activity": activity,
            "occurred_at": _occurred(activity, encounter, patient, provenance),
            "sent_at": around.timestamp,
        },
    )


def _all(bundle: Element) -> Iterator[Element]:
    return elements(bundle, "entry", "resource")


def _resources(bundle: Element, kind: str) -> Iterator[Element]:
    return (one for one in _all(bundle) if text(one, "resourceType") == kind)


def _encounter(bundle: Element, header: Element, around: Surroundings) -> Element:
    for focus in elements(header, "focus"):
        found = around.target(focus, header)
        if text(found, "resourceType") == "Encounter":
            return found
    return next(_resources(bundle, "Encounter"), {})


def _provenance(bundle: Element, header: Element) -> Element:
    """The provenance of this message; where none says so, the one written last."""
    own = text(header, "id")
    found = sorted(_resources(bundle, "Provenance"), key=lambda one: text(one, "recorded") or "")
    ours = [one for one in found if own and _points_to(one, own, "target")]
    return (ours or found or [{}])[-1]


def _points_to(of: Element, identity: str, *path: str) -> bool:
    return any((text(one, "reference") or "").endswith(identity) for one in elements(of, *path))


def _activity(bundle: Element, provenance: Element, encounter: Element, patient: Element) -> str | None:
    said = next((code.lower() for _, code in codes(provenance, "activity")), None)
    deceased = flag(patient, "deceasedBoolean")
    if (deceased or text(patient, "deceasedDateTime")) and not (said or "").startswith("cancel-"):
        return "deceased"
    if deceased is False and said and _says_again(bundle, provenance, said):
        return "cancel-deceased"
    return said or _by_status(encounter)


def _says_again(bundle: Element, provenance: Element, said: str) -> bool:
    """Whether an activity that goes on is only said again, after an earlier message: a death taken back.

    Some senders say of everybody that they are not deceased; an end of a stay is therefore never one.
    """
    if not said.startswith(("admit-", "start-leave-", "end-leave-")):
        return False
    earlier = [text(what, "reference") or "" for what in elements(provenance, "entity", "what")]
    before = [
        code
        for one in _resources(bundle, "Provenance")
        for _, code in codes(one, "activity")
        if any(_points_to(one, name.rpartition("/")[2], "target") for name in earlier if name)
    ]
    return bool(earlier) and all(code.lower() == said for code in before)


def _by_status(encounter: Element) -> str | None:
    """The activity a message would have named, from the stay's status and class."""
    kind = {"IMP": "inpatient", "EMER": "emergency"}.get(next((code for _, code in codes(encounter, "class")), ""))
    status = text(encounter, "status") or ""
    if status == "onleave":
        return "start-leave-inpatient"
    if kind is None:
        return None
    named = {"in-progress": f"admit-{kind}", "finished": f"discharge-{kind}-home"}
    return f"cancel-admit-{kind}" if status in _CANCELLED else named.get(status)


def _episode(encounter: Element) -> str | None:
    found = [one for one in elements(encounter, "episodeOfCare", "identifier") if text(one, "value")]
    found.sort(key=lambda one: _LPR3 not in (text(one, "system") or "").lower())  # stable: the sender's order decides
    chosen = next((bare(text(one, "value") or "") for one in found), None)
    # The letters of a UUID mean the same large and small; those of a hospital's own number may not.
    return chosen.lower() if chosen and len(chosen) == _UUID_LENGTH else chosen


def _occurred(activity: str | None, encounter: Element, patient: Element, provenance: Element) -> str | None:
    about = (activity or "").removeprefix("revise-").removeprefix("cancel-")
    leave = element(extension(encounter, "leave-period-extension"), "valuePeriod")
    period = element(encounter, "period")
    if about.startswith("admit-"):
        found = text(period, "start")
    elif about == "start-leave-inpatient":
        found = text(leave, "start")
    elif about == "end-leave-inpatient":
        found = text(leave, "end")
    else:
        found = text(period, "end") or text(patient, "deceasedDateTime")
    # A stay whose end was cancelled has no end to tell: what is left is when that was done.
    return found or text(provenance, "occurredDateTime") or text(provenance, "occurredPeriod", "start")
