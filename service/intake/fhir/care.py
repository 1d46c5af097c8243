"""Citizens, visits, conditions and granted care: what KL Gateway and dk-core say of the care itself."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

from models.vocabulary_fsiii import PREFIX
from service.intake.fhir.bundle import CPR, Surroundings, citizen_of
from service.intake.fhir.elements import Element, codes, element, elements, text
from service.intake.fhir.facts import fact, fsiii, recorded_at, retraction
from service.intake.fhir.measurements import code_of
from service.intake.fhir.monitoring import is_monitored, read_monitoring
from service.intake.fhir.rows import Row

_FIRST_OF_ALL: Final = "1990-01-01"
_AT_HOME: Final = {"HH", "VR", "124be95d", "1b55a4b0"}
"""Classes of contact that are care at home: visits, by screen and by telephone (KL's codes by their beginning)."""
_ACUTE: Final = "15775b0a-7ec6-469e-9d3c-a81fbc9a1b45"
"""KL's type of contact "udførelse af akutindsats"."""
_VISITS: Final = {
    "planned": "planned",
    "arrived": "planned",
    "triaged": "planned",
    "in-progress": "planned",
    "finished": "completed",
    "cancelled": "cancelled",
    "entered-in-error": "entered-in-error",
}
_LEVELS: Final = {
    "9c5cfb57-a498-40e5-98a7-792bf5fb205b": "0",
    "fcc16cb1-41f0-4832-b834-110fba0aaabe": "1",
    "d984ad21-48fe-4619-845e-2aa0303048e7": "2",
    "1ceef776-0cfa-4acd-b222-c5bb2424e0c1": "3",
    "f4c9f159-5806-4c06-95e9-e69b83bab1a1": "4",
    "d7ff926a-4955-478f-b300-0b0ec0785013": "9",
    **dict(zip(("B1", "B2", "B3", "B4", "B5", "B6"), "012349", strict=True)),
    **{level: level for level in "012349"},
}
"""FSIII's levels of function: by UUID, by legacy key, and as a number (field 3.2)."""
_DIAGNOSES: Final = ("icd-10", "1.2.208.176.2.4", "2.16.840.1.113883.6.3")
_INTERNATIONAL: Final = {"http://snomed.info/sct": "snomed:", "http://loinc.org": "loinc:"}
_ACTIVE: Final = {"active", "recurrence", "relapse"}


def read_patient(resource: Element, around: Surroundings) -> Iterator[Row]:
    """Birth and sex of a citizen; nothing from a message, whose sender is not the citizen's municipality.

    The row stands before whatever the municipality says in `citizens`, and never replaces it: a patient has neither
    district nor care. By a CPR number its digits tell; what a patient resource says is asked only without one.
    """
    citizen = citizen_of(resource)
    if around.is_message or citizen is None:
        return
    by_number = any((text(one, "system") or "").endswith(CPR) for one in elements(resource, "identifier"))
    told = {} if by_number else {"birth_date": text(resource, "birthDate"), "sex": text(resource, "gender")}
    yield Row("citizens", {"citizen_id": citizen, "recorded_at": _FIRST_OF_ALL, **told})


def read_encounter(resource: Element, around: Surroundings) -> Iterator[Row]:
    """A visit, from a contact in the citizen's home; other contacts have no meaning here outside of messages."""
    classes = {code for _, code in codes(resource, "class")}
    if around.is_message or not any(code in _AT_HOME or code[:8] in _AT_HOME for code in classes):
        return
    status = _VISITS.get(text(resource, "status") or "")
    minutes = _minutes(text(resource, "period", "start"), text(resource, "period", "end"))
    yield fact(
        "visits",
        resource,
        around,
        {
            "started_at": text(resource, "period", "start"),
            "planned_minutes": minutes if status == "planned" else None,
            "delivered_minutes": minutes if status == "completed" else None,
            "kind": _kind(resource, around),
            "status": status,
        },
    )


def _minutes(start: str | None, end: str | None) -> str | None:
    try:
        if start and end and "T" in start and "T" in end:
            return str((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() / 60)
    except (ValueError, TypeError, OverflowError):
        return None  # a time that cannot be read is told where it is a time of its own
    return None


def _kind(encounter: Element, around: Surroundings) -> str | None:
    if any(code == _ACUTE for _, code in codes(encounter, "type")):
        return "acute"
    based = [element(one, "valueReference") for one in elements(encounter, "extension") if _is_basis(one)]
    plans = [around.target(one, encounter) for one in (*based, *elements(encounter, "basedOn"))]
    found = {kinds().get((fsiii(plan, "activity", "detail", "code") or "").removeprefix(PREFIX)) for plan in plans}
    # A visit may deliver several interventions: it counts as what asks most of the one who comes.
    return next(
        (kind for kind in ("nursing", "rehabilitation", "personal_care", "practical_help") if kind in found), None
    )


def _is_basis(one: Element) -> bool:
    return "basedon" in (text(one, "url") or "").lower()


@cache
def kinds() -> Mapping[str, str]:
    """The kind of visit by FSIII intervention."""
    data = tomllib.loads(Path(__file__).with_name("visit_kinds.toml").read_text(encoding="utf-8"))
    return {code: kind for kind, known in data.items() for code in known}


def read_condition(resource: Element, around: Surroundings) -> Iterator[Row]:
    """A condition: FSIII by legacy key or UUID, a diagnosis, or a code of its own system."""
    verification = {code for _, code in codes(resource, "verificationStatus")} | {
        text(resource, "verificationStatus") or ""
    }
    clinical = {code for _, code in codes(resource, "clinicalStatus")} | {text(resource, "clinicalStatus") or ""}
    mistaken = bool(verification & {"entered-in-error", "refuted"})
    status = "active" if clinical & _ACTIVE else "inactive" if clinical - {""} else None
    yield fact(
        "conditions",
        resource,
        around,
        {
            "code": _condition_code(resource),
            "severity": next((_LEVELS[code] for _, code in codes(resource, "severity") if code in _LEVELS), None),
            "status": "entered-in-error" if mistaken else status,
        },
    )


def _is_granted(activity: Element) -> bool:
    """Whether an activity is care that a municipality grants: FSIII's, or coded in a system of its own."""
    return not is_monitored(code_of(activity)) and any(
        system not in _INTERNATIONAL for system, _ in codes(activity, "code")
    )


def _condition_code(resource: Element) -> str | None:
    own = fsiii(resource, "code")
    if own:
        return own
    found = codes(resource, "code")
    for system, code in found:
        if any(known in system.lower() for known in _DIAGNOSES):
            return f"diag:{code}"
    return _INTERNATIONAL.get(found[0][0], "") + found[0][1] if found else None


def read_care_plan(resource: Element, around: Surroundings) -> Iterator[Row]:
    """Granted care, one row an activity, and what is to be measured at home.

    A plan that is over and names no end ended when that was written.
    """
    yield from read_monitoring(resource, around)
    status = text(resource, "status")
    if status == "draft":
        return
    period = element(resource, "period")
    end = text(period, "end") or (recorded_at(resource, around) if status in {"completed", "revoked"} else None)
    activities = [one for one in elements(resource, "activity", "detail") if _is_granted(one)]
    for place, one in enumerate(activities):
        yield fact(
            "services",
            resource,
            around,
            {
                "valid_from": text(period, "start") or text(resource, "created"),
                "valid_to": end,
                "code": _condition_code(one),
                "status": retraction(status, text(one, "status")),
            },
            part=str(place) if place else "",
        )
