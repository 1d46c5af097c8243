"""Our RiskAssessment beside HL7's own: the same model takes both, and what both say has the same shape.

A model of pydantic's reads a number out of text and is content; a receiver that compares types is not. So shapes are
compared as they stand in the JSON.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import pytest
from fhir.resources.R4B.riskassessment import RiskAssessment
from pydantic import ValidationError

from service.security.rights import Permission
from tests.service.invented_lists import MONDAY
from tests.service.running import Running

Resource = dict[str, Any]

FOLDER: Final = Path(__file__).parents[2] / "data" / "risk_assessments"
REPEATED: Final = {"prediction", "coding"}
"""Elements of the example in XML that may be there several times, by the specification."""


def read_xml(path: Path) -> Resource:
    """The resource as JSON, by the rules of FHIR's JSON; of primitives only text, as the one example has no others."""
    root = ElementTree.parse(path).getroot()
    narrative = re.search("<div.*</div>", path.read_text(encoding="utf-8"), re.DOTALL)
    assert narrative
    read = _of(root)
    read["text"]["div"] = narrative[0]
    return {"resourceType": _name(root)} | read


def _name(element: ElementTree.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _of(element: ElementTree.Element) -> Resource:
    found: Resource = {}
    for child in element:
        name, value = _name(child), child.get("value") or _of(child)
        if name in REPEATED:
            found.setdefault(name, []).append(value)
        else:
            found[name] = value
    return found


def examples() -> dict[str, Resource]:
    read = [json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("[Rr]isk*.json")]
    read += [read_xml(path) for path in FOLDER.glob("*.xml")]
    return {one["id"]: one for one in read}


KINDS: Final[dict[type, str]] = {
    dict: "object",
    list: "list",
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
}


def shapes(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each path and what kind of JSON stands there."""
    yield path, KINDS[type(value)]
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from shapes(inner, f"{path}.{name}")
    if isinstance(value, list):
        for inner in value:
            yield from shapes(inner, f"{path}[]")


THEIRS: Final = {shape for one in examples().values() for shape in shapes(one)}
PLACES: Final = {path for path, _ in THEIRS}
PROBABILITY: Final = json.loads((FOLDER / "CodeSystem-risk-probability.json").read_text(encoding="utf-8"))


def complaints(ours: Resource) -> list[str]:
    """What HL7's model, examples and codes say against a resource."""
    found = [f"{path} is a {kind}" for path, kind in sorted(set(shapes(ours)) - THEIRS) if path in PLACES]
    try:
        RiskAssessment.model_validate(ours)
    except ValidationError as wrong:
        return [*found, *(".".join(map(str, error["loc"])) for error in wrong.errors())]
    codes = {concept["code"] for concept in PROBABILITY["concept"]}
    for prediction in ours["prediction"]:
        coded = prediction["qualitativeRisk"]["coding"] if "qualitativeRisk" in prediction else []
        named = [coding["code"] for coding in coded if coding["system"] == PROBABILITY["url"]]
        if coded and (len(named) != 1 or named[0] not in codes):
            found.append("qualitativeRisk has no one code of HL7's")
    return found


@pytest.fixture
def ours(running: Running) -> list[Resource]:
    with running.machine(Permission.READ_SCORES, Permission.READ_IDENTIFIERS) as machine:
        answer = machine.get("/fhir/RiskAssessment", params={"date": str(MONDAY), "_count": "500"})
    return [entry["resource"] for entry in answer.json()["entry"]]


@pytest.mark.parametrize("name", ["breastcancer-risk", "riskexample", "prognosis"])
def test_the_model_takes_hl7s_own_example_and_gives_it_back(name: str) -> None:
    example = examples()[name]
    assert json.loads(RiskAssessment.model_validate(example).model_dump_json()) == example


def test_every_assessment_of_ours_has_the_shape_and_the_codes_of_hl7s(ours: list[Resource]) -> None:
    assert {complaint for one in ours for complaint in complaints(one)} == set()
    shared = {path for path, _ in shapes(ours[0])} & PLACES
    assert {".subject.reference", ".occurrenceDateTime", ".basis[]", ".code.coding[].code", ".note[].text"} < shared
    assert {
        ".prediction[].outcome.text",
        ".prediction[].probabilityDecimal",
        ".prediction[].qualitativeRisk.coding[].system",
    } < shared
    assert len(shared) >= 30
    assert any("qualitativeRisk" in prediction for one in ours for prediction in one["prediction"])


def test_a_probability_is_on_the_scale_of_hl7s_examples(ours: list[Resource]) -> None:
    told = [
        prediction["probabilityDecimal"]
        for one in [*ours, examples()["riskexample"]]
        for prediction in one["prediction"]
        if "probabilityDecimal" in prediction
    ]
    assert len(told) == len(ours) + 1
    assert all(0 <= one <= 1 for one in told)


def _with(**changed: Any) -> Callable[[Resource], Resource]:
    return lambda resource: resource | changed


def _first(**changed: Any) -> Callable[[Resource], Resource]:
    """The first prediction changed."""
    return lambda resource: resource | {"prediction": [resource["prediction"][0] | changed]}


OTHER_CODES: Final = {"coding": [{"system": PROBABILITY["url"], "code": "very-high"}]}
ELSEWHERE: Final = {"coding": [{"system": "urn:omhu:band", "code": "high"}]}
BROKEN: Final[dict[str, tuple[Callable[[Resource], Resource], str]]] = {
    "a single basis": (_with(basis={"reference": "Observation/1"}), ".basis is a object"),
    "a single prediction": (_with(prediction={"outcome": {"text": "x"}}), ".prediction is a object"),
    "two subjects": (_with(subject=[{"reference": "Patient/1"}]), ".subject is a list"),
    "no subject": (lambda one: {name: one[name] for name in one if name != "subject"}, "subject"),
    "a name of another release": (_with(context={"reference": "Encounter/1"}), "context"),
    "a probability as text": (_first(probabilityDecimal="0.2"), ".prediction[].probabilityDecimal is a string"),
    "two probabilities": (_first(probabilityRange={"low": {"value": 1}}), "prediction"),
    "a code HL7 has not": (_first(qualitativeRisk=OTHER_CODES), "qualitativeRisk has no one code of HL7's"),
    "our own codes alone": (_first(qualitativeRisk=ELSEWHERE), "qualitativeRisk has no one code of HL7's"),
}


def test_what_is_not_as_hl7s_is_told(ours: list[Resource]) -> None:
    for name, (breaks, said) in BROKEN.items():
        found = complaints(breaks(ours[0]))
        assert any(complaint.startswith(said) for complaint in found), (name, found)
