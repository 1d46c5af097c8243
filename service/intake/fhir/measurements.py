"""Observations, performed interventions and answers to rows of `observations`.

A code the vocabulary knows is chosen before others; a value is kept as it was written. An observation without any value
tells something only when its code alone is the fact (a fall, a sign); a measured value that is missing does not.
"""

import re
from collections.abc import Iterator
from typing import Final

from models.vocabulary import canonical, is_known, vocabulary
from service.intake.fhir.bundle import Surroundings
from service.intake.fhir.elements import Element, codes, element, elements, extension, flag, number, text
from service.intake.fhir.facts import authors, fact, fsiii, recorded_at, retraction, role_of, start_of
from service.intake.fhir.rows import Row
from service.intake.schema import ENTERED_IN_ERROR

_SYSTEMS: Final = {"http://loinc.org": "loinc:", "http://snomed.info/sct": "snomed:"}
_UCUM: Final = "unitsofmeasure.org"
_NUMERIC: Final = re.compile(r"[+-]?\d{1,12}([.]\d{1,12})?")
_NOT_A_NAME: Final = re.compile(r"[^\w.:-]+")
_UNDONE: Final = {"cancelled", "not-done"}


def read_observation(resource: Element, around: Surroundings) -> Iterator[Row]:
    """The rows of an observation: one for its own value, one for each of its components."""
    status = text(resource, "status")
    told = {
        "observed_at": start_of(resource, "effective") or text(resource, "issued"),
        "role": _role(resource, around),
        "status": ENTERED_IN_ERROR if status in _UNDONE else retraction(status),
    }
    components = [one for one in elements(resource, "component") if _value(one)]
    own, code = _value(resource), code_of(resource)
    if own or told["status"] or (not components and _tells_by_itself(code, resource)):
        yield fact("observations", resource, around, {**told, "code": code, **own})
    for one in components:
        inner = code_of(one)
        yield fact("observations", resource, around, {**told, "code": inner, **_value(one)}, part=inner or "?")


def read_procedure(resource: Element, around: Surroundings) -> Iterator[Row]:
    """An intervention of FSIII that was done: its code is the fact. Other procedures have no meaning here."""
    code, status = fsiii(resource, "code"), text(resource, "status")
    if code and (status in {"completed", "in-progress", "entered-in-error"} or status is None):
        performed = start_of(resource, "performed")
        yield fact(
            "observations", resource, around, {"observed_at": performed, "code": code, "status": retraction(status)}
        )


def read_answers(resource: Element, around: Surroundings) -> Iterator[Row]:
    """The numbers a questionnaire was answered with, as `questionnaire:INSTRUMENT/ITEM`."""
    canonical_name = (text(resource, "questionnaire") or "").split("|")[0].rstrip("/").rpartition("/")[2]
    instrument = _name(canonical_name or text(resource, "identifier", "system") or "")
    told = {
        "observed_at": text(resource, "authored") or recorded_at(resource, around),
        "role": role_of(resource, around, *authors(resource, "source", "author")) or "citizen",
        "status": retraction(text(resource, "status")),
    }
    for item, value in _answers(resource):
        code = f"questionnaire:{instrument}/{_item(item)}" if instrument else None
        yield fact("observations", resource, around, {**told, "code": code, "value": value}, part=item)


def _answers(holder: Element) -> Iterator[tuple[str, str]]:
    """The items answered with numbers, however deep, in their order."""
    waiting = list(elements(holder, "item"))[::-1]
    while waiting:
        item = waiting.pop()
        name = text(item, "linkId")
        found = list(filter(None, (_answer(one) for one in elements(item, "answer"))))
        if name and found:
            yield name, found[0]
        waiting += [*elements(item, "answer", "item"), *elements(item, "item")][::-1]


def _answer(answer: Element) -> str | None:
    yes = flag(answer, "valueBoolean")
    if yes is not None:
        return "1" if yes else "0"
    ordinal = extension(element(answer, "valueCoding"), "ordinalValue")
    found = (
        number(answer, "valueInteger"),
        number(answer, "valueDecimal"),
        number(answer, "valueQuantity", "value"),
        number(ordinal, "valueDecimal"),
    )
    return next(filter(None, found), None)


def code_of(holder: Element) -> str | None:
    """The code of an observation or a component: one the vocabulary knows, otherwise the first, with its system."""
    found = codes(holder, "code")
    for _, code in found:
        if canonical(code) in vocabulary().measured:
            return canonical(code)
    for system, code in found:
        if system not in _SYSTEMS and is_known(code):
            return code
    return _SYSTEMS.get(found[0][0], "") + found[0][1] if found else None


def _tells_by_itself(code: str | None, resource: Element) -> bool:
    """Whether a code without a value is a fact: a fall, a sign, a sensor's alarm, or a code a mapping may know as one.

    A code of an international system is none, nor a panel of other observations, nor a value said to be missing.
    """
    if code is None or element(resource, "dataAbsentReason") or element(resource, "hasMember"):
        return False
    own = not is_known(code) and not code.startswith(tuple(_SYSTEMS.values()))
    return own or code.split(":")[0] in {"sign", "event", "triage", "sensor"}


def _value(holder: Element) -> dict[str, str | None]:
    """The value of an observation or a component; nothing when there is none."""
    quantity = element(holder, "valueQuantity")
    written = number(quantity, "value")
    if written is not None:
        return _quantity(quantity, written)
    whole = number(holder, "valueInteger") or number(holder, "valueDecimal")
    yes = flag(holder, "valueBoolean")
    if whole is not None or yes is not None:
        return {"value": whole or ("1" if yes else "0")}
    said = text(holder, "valueString")
    if said is not None:
        return {"value": said} if _NUMERIC.fullmatch(said) else {"value_text": said}
    concept = element(holder, "valueCodeableConcept")
    named = next((code for _, code in codes(concept)), None)
    said = text(concept, "text") or text(concept, "coding", "display") or named
    return {"value_text": said} if said else {}


def unit_of(quantity: Element) -> str | None:
    """The unit of a quantity: UCUM's code before what is shown."""
    ucum = text(quantity, "code") if _UCUM in (text(quantity, "system") or "") else None
    return ucum or text(quantity, "unit") or text(quantity, "code")


def _quantity(quantity: Element, written: str) -> dict[str, str | None]:
    unit = unit_of(quantity)
    comparator = text(quantity, "comparator")
    if comparator:  # "< 5" is no 5: it is kept as it was said
        return {"value_text": f"{comparator} {written}", "unit": unit}
    return {"value": written, "unit": None if unit == "+" else unit}


def _role(resource: Element, around: Surroundings) -> str | None:
    said = {code.lower() for _, code in codes(resource, "category")}
    if said & {"patient-generated", "patient-reported", "pgd"}:
        return "citizen"
    return role_of(resource, around, *authors(resource, "performer")) or (
        "device" if "device" in said or (element(resource, "device") and not element(resource, "performer")) else None
    )


def _item(link: str) -> str:
    """The item's name; a total is called so, whatever the questionnaire's maker calls it."""
    named = _name(link)
    return "total" if re.sub(r"[^a-z]", "", named.lower()) in _TOTALS else named


_TOTALS: Final = {"total", "totalscore", "sumscore", "score", "sum", "samletscore", "sumsamlet", "scoretotal"}


def _name(said: str) -> str:
    return _NOT_A_NAME.sub("_", said.replace("/", "_")).strip("_")
