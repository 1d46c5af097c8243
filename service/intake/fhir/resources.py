"""Resources to rows: which reader takes which type, through bundles and what they hold.

What no reader takes is counted by its type. A bundle may hold bundles, as a batch of messages does, three deep.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from service.intake.fhir.bundle import Citizens, Surroundings, bare, contained, identity_of
from service.intake.fhir.care import read_care_plan, read_condition, read_encounter, read_patient
from service.intake.fhir.elements import Element, element, elements, text
from service.intake.fhir.measurements import read_answers, read_observation, read_procedure
from service.intake.fhir.monitoring import read_service_request
from service.intake.fhir.notification import is_notification, read_notification
from service.intake.fhir.rows import Resources, Row
from service.intake.fhir.writings import read_communication, read_document, read_report

Reader = Callable[[Element, Surroundings], Iterator[Row]]

READERS: Final[Mapping[str, Reader]] = {
    "Patient": read_patient,
    "Encounter": read_encounter,
    "Condition": read_condition,
    "CarePlan": read_care_plan,
    "Procedure": read_procedure,
    "Observation": read_observation,
    "QuestionnaireResponse": read_answers,
    "DiagnosticReport": read_report,
    "Communication": read_communication,
    "DocumentReference": read_document,
    "ServiceRequest": read_service_request,
}
_POINTED_TO: Final = frozenset({"Device", "Goal"})
"""Types that are read where another resource points to them: who measured, and between which limits."""
_DEEPEST: Final = 3
NOTIFICATION: Final = "Bundle (hospital notification)"


def rows_of(resource: Element, citizens: Citizens, counted: Resources) -> Iterator[Row]:
    """The rows of one resource of a file, a bundle among them."""
    if text(resource, "resourceType") == "Bundle":
        yield from _of_bundle(resource, citizens, counted, 1)
    else:
        yield from _of_one(resource, Surroundings(citizens), counted)


def _of_bundle(bundle: Element, citizens: Citizens, counted: Resources, depth: int) -> Iterator[Row]:
    around = Surroundings.of(bundle, citizens)
    if is_notification(bundle):
        counted.count(NOTIFICATION, taken=True)
        yield read_notification(bundle, around)
        return
    counted.count("Bundle", taken=depth <= _DEEPEST)
    for entry in elements(bundle, "entry"):
        resource = _identified(element(entry, "resource"), text(entry, "fullUrl"))
        if text(resource, "resourceType") != "Bundle":
            yield from _of_one(resource, around, counted)
        elif depth < _DEEPEST:
            yield from _of_bundle(resource, citizens, counted, depth + 1)


def _of_one(resource: Element, around: Surroundings, counted: Resources) -> Iterator[Row]:
    kind = text(resource, "resourceType")
    if not kind:
        return
    rows = list(READERS[kind](resource, around)) if kind in READERS else []
    counted.count(kind, taken=bool(rows) or (kind in _POINTED_TO and around.points_to(resource)))
    yield from rows
    for inner in contained(resource):
        inner_kind = text(inner, "resourceType") or ""
        if inner_kind in READERS and inner_kind != "Patient":
            yield from READERS[inner_kind](_lifted(inner, resource), around)


def _identified(resource: Element, address: str | None) -> Element:
    """A resource that has yet no id but that of its entry: the one it is created under."""
    if identity_of(resource) or not (address or "").startswith("urn:uuid:"):
        return resource
    return {**resource, "id": bare(address or "")}


def _lifted(inner: Element, holder: Element) -> Element:
    """A contained resource as if it stood by itself: its id means something only together with its holder's."""
    own, outer = text(inner, "id"), identity_of(holder)
    return {
        **inner,
        "id": f"{outer}/{own}" if own and outer else None,
        "subject": element(inner, "subject") or element(holder, "subject"),
        "contained": holder.get("contained"),
    }
