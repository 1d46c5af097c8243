"""FHIR XML to the objects its JSON would be read to.

A document type is refused, and with it every entity: no file grows while it is read, and none reaches another. What
FHIR says about XML: a value is an attribute, a resource is an element that begins with a capital, text is XHTML and
has no meaning here.
"""

from typing import Any, Final
from xml.parsers import expat

from models.errors import DataWrong
from service.intake.fhir.elements import Element

_FHIR: Final = "http://hl7.org/fhir"
_DEEPEST: Final = 100
_BETWEEN: Final = " "


def read_xml(content: bytes) -> Element:
    """The resource in a file. Raises `DataWrong` when it is no FHIR XML, or does what no FHIR XML needs to."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=_BETWEEN)
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = reader.refuse_doctype
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError, UnicodeError):
        # Its words name a line and a token of the file; the token may be a citizen's.
        raise DataWrong("cannot be read as XML: it is cut off or damaged.", "Send it again.") from None
    if "resourceType" not in reader.root:
        raise DataWrong("is no FHIR resource.", "Send one in the namespace http://hl7.org/fhir.")
    return reader.root


class _Reader:
    """Builds objects as expat meets elements. `None` on the stack stands for what is passed over."""

    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self._stack: list[dict[str, Any] | None] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if len(self._stack) >= _DEEPEST:
            raise DataWrong("its elements stand too deep in one another.")
        space, _, local = name.rpartition(_BETWEEN)
        parent = self._stack[-1] if self._stack else self.root
        self._stack.append(None if parent is None or space != _FHIR else self._begin(parent, local, attributes))

    def end(self, _name: str) -> None:
        """An element ends."""
        self._stack.pop()

    def refuse_doctype(self, *_: object) -> None:
        """A document type could define entities; FHIR has none."""
        raise DataWrong("holds a document type (DOCTYPE).", "Leave it out: FHIR has none, and entities are refused.")

    def _begin(self, parent: dict[str, Any], name: str, attributes: dict[str, str]) -> dict[str, Any] | None:
        if name[:1].isupper():  # the resource itself: `<resource><Patient>` is `"resource": {"resourceType": ...}`
            parent["resourceType"] = name
            return parent
        if "value" in attributes:
            _add(parent, name, attributes["value"])
            return None  # extensions of a value alone have no meaning here
        child: dict[str, Any] = dict(attributes)
        _add(parent, name, child)
        return child


def _add(parent: dict[str, Any], name: str, value: object) -> None:
    if name in parent:
        known = parent[name]
        parent[name] = [*known, value] if isinstance(known, list) else [known, value]
    else:
        parent[name] = value
