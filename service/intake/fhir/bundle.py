"""A bundle and what its resources point to: references resolved within it, citizens by CPR number or own id.

A reference is looked for as it stands, as the full address of an entry (`urn:uuid:...` too), as type and id, and among
contained resources. Who a citizen is may also stand in another file of the same load (`Citizens`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, cast

from service.intake.cpr import read_cpr
from service.intake.fhir.elements import Element, element, elements, text

CPR: Final = "1.2.208.176.1.2"
_LONGEST: Final = 1_000
_REPLACEMENT_CPR: Final = "1.2.208.176.1.6.1"
"""X-eCPR and D-eCPR have numbers below it (dk-core)."""


@dataclass(slots=True)
class Citizens:
    """The citizens the patients of a load are: by the id of a patient, None where two patients share an id."""

    known: dict[str, str | None] = field(default_factory=dict[str, str | None])

    def meet(self, patient: Element) -> None:
        """Remember who a patient is."""
        identity, citizen = text(patient, "id"), citizen_of(patient)
        if identity and citizen:
            same = self.known.get(identity, citizen) == citizen
            self.known[identity] = citizen if same else None


@dataclass(slots=True)
class Surroundings:
    """What stands around a resource: its bundle's kind and time, and the resources it may point to."""

    citizens: Citizens
    kind: str = ""
    timestamp: str | None = None
    identity: str | None = None
    _found: dict[str, Element] = field(default_factory=dict[str, Element])
    _patients: list[Element] = field(default_factory=list[Element])
    _bundle: Element = field(default_factory=dict[str, object])
    _pointed_to: set[str] | None = None

    @classmethod
    def of(cls, bundle: Element, citizens: Citizens) -> "Surroundings":
        """The surroundings a bundle gives its entries."""
        made = cls(citizens, text(bundle, "type") or "", text(bundle, "timestamp"), identity_of(bundle))
        for entry in elements(bundle, "entry"):
            resource = element(entry, "resource")
            kind, identity, address = text(resource, "resourceType"), text(resource, "id"), text(entry, "fullUrl")
            for name in (address, f"{kind}/{identity}" if identity else None, identity):
                if name:
                    made._found.setdefault(name, resource)
            if kind == "Patient":
                made._patients.append(resource)
        made._bundle = bundle
        return made

    def points_to(self, resource: Element) -> bool:
        """Whether a resource of the bundle points to this one."""
        if self._pointed_to is None:
            self._pointed_to = set(_references(self._bundle))
        return any(one is resource and name in self._pointed_to for name, one in self._found.items())

    @property
    def is_message(self) -> bool:
        """Whether the bundle is a message: made when something happened, and about one citizen."""
        return self.kind == "message"

    def target(self, reference: Element, holder: Element) -> Element:
        """The resource a reference points to; an empty one when it is not here."""
        said = text(reference, "reference")
        if not said:
            return {}
        if said.startswith("#"):
            return next((one for one in elements(holder, "contained") if text(one, "id") == said[1:]), {})
        tail = "/".join(said.split("/_history/")[0].split("/")[-2:])
        return self._found.get(said) or self._found.get(tail) or {}

    def citizen(self, resource: Element, *path: str) -> str | None:
        """The citizen a resource is about, by the reference at a path; None when nobody can say."""
        reference = element(resource, *path)
        said = _cpr([element(reference, "identifier")])
        if said:
            return said
        patient = self.target(reference, resource)
        if text(patient, "resourceType") == "Patient":
            return citizen_of(patient)
        kind, _, identity = (text(reference, "reference") or "").split("/_history/")[0].rpartition("/")
        if kind.endswith("Patient"):
            return self.citizens.known.get(identity)
        return citizen_of(self._patients[0]) if not reference and len(self._patients) == 1 else None


def citizen_of(patient: Element) -> str | None:
    """The citizen a patient is: by CPR or replacement number, otherwise by the sender's own id.

    None when a CPR number is there and cannot be one: it would make a stranger of a citizen.
    """
    identifiers = list(elements(patient, "identifier"))
    if any((text(one, "system") or "").endswith(CPR) for one in identifiers):
        return _cpr(identifiers)
    for one in identifiers:
        if _REPLACEMENT_CPR in (text(one, "system") or "") and text(one, "value"):
            return _plain(text(one, "value") or "")
    return text(patient, "id")


def _cpr(identifiers: list[Element]) -> str | None:
    for one in identifiers:
        if (text(one, "system") or "").endswith(CPR):
            number = _plain(text(one, "value") or "")
            if read_cpr(number):
                return number
    return None


def _plain(number: str) -> str:
    return "".join(number.split()).replace("-", "").upper()


def _references(of: object) -> Iterator[str]:
    """What everything in a bundle points to, as it stands and as type and id."""
    waiting = [of]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += cast("list[object]", one)
        elif isinstance(one, dict):
            waiting += cast("dict[str, object]", one).values()
            said = text(one, "reference")
            if said:
                yield from (said, "/".join(said.split("/_history/")[0].split("/")[-2:]))


def identity_of(resource: Element) -> str | None:
    """The id of a resource, by which its versions are matched; without one, its first identifier's value.

    One that no table takes is cut where that is sure: all rows of a resource repeat it.
    """
    own = text(resource, "id") or next(
        (bare(value) for one in elements(resource, "identifier") if (value := text(one, "value"))), None
    )
    return own and own[:_LONGEST]


def bare(value: str) -> str:
    """An identifier without the `urn:uuid:` some write before it."""
    return value.removeprefix("urn:uuid:").removeprefix("urn:oid:")


def contained(resource: Element) -> Iterator[Element]:
    """The resources within a resource."""
    return elements(resource, "contained")
