"""Scopes of SMART Backend Services, and what each of them may do here.

A FHIR scope and our own names of permissions may be mixed. What is not registered for a client is refused whole: a
client that is given less than it asked for would find out at night.
"""

from collections.abc import Collection, Mapping
from typing import Final

from models.errors import RequestWrong
from service.security.rights import SCOPES, Permission

FHIR_SCOPES: Final[Mapping[str, Permission]] = {
    "system/RiskAssessment.rs": Permission.READ_SCORES,
    "system/Patient.rs": Permission.READ_IDENTIFIERS,
    "system/Bundle.c": Permission.WRITE_LOADS,
}
_EVERYTHING: Final = {"system/*.rs", "system/*.read"}
_OLD: Final = {"system/RiskAssessment.read": "system/RiskAssessment.rs", "system/Patient.read": "system/Patient.rs"}
"""The scopes of SMART 1, which many clients still send."""
EVERY_SCOPE: Final = (*FHIR_SCOPES, *(str(one) for one in SCOPES))


class ScopeRefused(RequestWrong):
    """A scope was asked for that is unknown, or not this client's."""


def require_known(scopes: Collection[str]) -> None:
    """Raise `RequestWrong` unless each scope can be registered."""
    if not scopes or not set(scopes) <= set(EVERY_SCOPE):
        raise RequestWrong("That is no scope of a client.", f"Choose among {', '.join(EVERY_SCOPE)}.")


def granted(asked: str, registered: Collection[str]) -> tuple[str, ...]:
    """The scopes asked for, separated by spaces, in full. Raises `ScopeRefused`."""
    found: set[str] = set()
    for one in asked.split():
        reading = {scope for scope in registered if scope in FHIR_SCOPES and scope.endswith(".rs")}
        found |= reading if one in _EVERYTHING else {_OLD.get(one, one)}
    if not found or not found <= set(registered):
        raise ScopeRefused("A scope is unknown, or not registered for the client.", "Ask for those it has.")
    return tuple(sorted(found))


def permissions(scopes: Collection[str]) -> frozenset[Permission]:
    """What the scopes may do."""
    return frozenset(FHIR_SCOPES.get(scope) or Permission(scope) for scope in scopes)
