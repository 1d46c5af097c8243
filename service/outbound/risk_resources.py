"""A stored score as a FHIR R4 RiskAssessment: the resource alone, without web and without SQL.

`probabilityDecimal` runs from 0 to 1, as in HL7's own examples, although the specification's text speaks of per cent;
so that nobody has to guess, a second prediction tells the band's range in per cent, by its unit. See docs/api.md.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape
from typing import Any, Final

from service.clock import DENMARK
from service.weekly.bands import BORDERS
from service.weekly.lists import Band, Entry, Score

Resource = dict[str, Any]

HORIZON: Final = timedelta(days=30)
PATIENT: Final = "omhu-"
"""How the logical id of a Patient begins: the rest is the pseudonymous key, so no own id is taken for one."""
CPR_SYSTEM: Final = "urn:oid:1.2.208.176.1.2"
_OWN_IDS: Final = "urn:omhu:citizen-id"
_WORDS: Final = {
    Band.VERY_HIGH: ("high", "Meget høj"),
    Band.HIGH: ("high", "Høj"),
    Band.RAISED: ("moderate", "Forhøjet"),
    Band.USUAL: ("low", "Som sædvanligt"),
}
"""HL7's risk-probability code and our own word. Its `certain` is none of ours: no model is certain."""
_OUTCOME: Final = "Akut indlæggelse"
_CODE: Final = "Risiko for akut indlæggelse inden for 30 dage"
_UNTOLD: Final = "Ingen grunde er udregnet: borgeren ligger under det antal, distriktet har plads til at gennemgå."
_NOTE: Final = "Et beregnet skøn, som en sygeplejerske skal vurdere. Det erstatter ikke en faglig vurdering."


@dataclass(frozen=True, slots=True)
class EntryId:
    """A RiskAssessment's logical id: which list, and which citizen on it. Lists never change, so neither does it."""

    list_number: int
    citizen: int

    @classmethod
    def read(cls, text: str) -> "EntryId | None":
        """The id of a text, or None when it is none of ours."""
        match = re.fullmatch(r"(\d{1,9})-(\d{1,9})", text)
        return cls(int(match[1]), int(match[2])) if match else None

    def __str__(self) -> str:
        return f"{self.list_number}-{self.citizen}"


def patient_id(citizen: int) -> str:
    """A Patient's logical id."""
    return f"{PATIENT}{citizen}"


def key_of(text: str) -> int | None:
    """The pseudonymous key in a Patient's logical id, or None when it is none of ours."""
    match = re.fullmatch(rf"{PATIENT}(\d{{1,9}})", text)
    return int(match[1]) if match else None


def risk_assessment(score: Score, own_id: str | None = None) -> Resource:
    """The resource of a ranked entry; `own_id` is the municipality's id of the citizen, for those who may have it."""
    head, entry = score.head, score.entry
    version = f"omhu@{head.model_version}"
    return {
        "resourceType": "RiskAssessment",
        "id": str(EntryId(head.number, entry.citizen)),
        "meta": {"versionId": "1", "lastUpdated": head.made_at.isoformat(timespec="milliseconds")},
        "language": "da",
        "text": _narrative(score),
        "identifier": [
            {"system": "urn:omhu:list-entry", "value": f"{head.as_of}/{head.model_version}/{entry.citizen}"}
        ],
        "status": "final",
        "method": {"coding": [{"system": "urn:omhu:model", "code": version}], "text": f"Omhu, model {version}"},
        "code": {"coding": [{"system": "urn:omhu:assessment", "code": "acute-admission-30d"}], "text": _CODE},
        "subject": _subject(entry.citizen, own_id),
        "occurrenceDateTime": head.as_of.isoformat(),
        "performer": {"type": "Device", "identifier": {"system": "urn:omhu:model", "value": version}},
        "basis": list(_basis(score)),
        "prediction": list(_predictions(entry, head.as_of)),
        "note": [{"text": _NOTE}],
    }


def _subject(citizen: int, own_id: str | None) -> Resource:
    subject: Resource = {"reference": f"Patient/{patient_id(citizen)}", "type": "Patient"}
    if own_id is None:
        return subject
    return subject | {"identifier": {"system": system_of(own_id), "value": own_id}}


def system_of(own_id: str) -> str:
    """The identifier system of a citizen's own id: the CPR numbers', or ours for whatever else a municipality uses."""
    return CPR_SYSTEM if re.fullmatch(r"[0-3]\d[01]\d{7}", own_id) else _OWN_IDS


def _basis(score: Score) -> Iterator[Resource]:
    """What it rests on, by name: this server hands out neither snapshots nor observations."""
    known = score.head.data_until.astimezone(DENMARK)
    yield {
        "identifier": {"system": "urn:omhu:snapshot", "value": score.head.snapshot_hash},
        "display": f"Data kendt til og med {known:%d.%m.%Y kl. %H.%M}",
    }
    for reason in score.entry.reasons:
        yield {
            "type": "Observation",
            "identifier": {"system": "urn:omhu:concept-group", "value": reason.group},
            "display": reason.da,
        }


def _predictions(entry: Entry, as_of: date) -> Iterator[Resource]:
    if entry.probability is None or entry.band is None:
        return
    always = {"outcome": {"text": _OUTCOME}, "whenPeriod": _when(as_of)}
    hl7, word = _WORDS[entry.band]
    yield always | {
        "probabilityDecimal": round(entry.probability, 4),
        "qualitativeRisk": {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/risk-probability", "code": hl7},
                {"system": "urn:omhu:band", "code": entry.band.value, "display": word},
            ],
            "text": word,
        },
        "rationale": rationale(entry),
    }
    low, high = _range(entry.band)
    yield always | {"probabilityRange": {"low": _percent(low), "high": _percent(high)}}


def rationale(entry: Entry) -> str:
    """Why, in Danish; phrases of ours with the citizen's numbers, never words of a note."""
    if not entry.reasons:
        return _UNTOLD
    against = [f"Taler imod: {reason.da}." for reason in entry.against]
    return " ".join([f"{reason.da}." for reason in entry.reasons] + against)


def _when(as_of: date) -> Mapping[str, str]:
    """From the as-of date's first instant to the first after the horizon; left out, R4 would mean a whole life."""
    return {"start": _midnight(as_of).isoformat(), "end": _midnight(as_of + HORIZON).isoformat()}


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=DENMARK)


def _range(band: Band) -> tuple[float, float]:
    """The band's borders, so that the unit of the probability can be read off."""
    bounds = [1.0, *(border for border, _ in BORDERS), 0.0]
    at = [*(named for _, named in BORDERS), Band.USUAL].index(band)
    return bounds[at + 1], bounds[at]


def _percent(share: float) -> Resource:
    return {"value": round(share * 100, 1), "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}


def _narrative(score: Score) -> Resource:
    entry = score.entry
    word = _WORDS[entry.band][1] if entry.band else ""
    told = f"{_CODE} pr. {score.head.as_of:%d.%m.%Y}: {word}. {rationale(entry)}"
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{escape(told)}</div>'}
