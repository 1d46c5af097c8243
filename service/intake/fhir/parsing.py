"""Files to resources: JSON, XML, and NDJSON line by line; what cannot be read is refused in words of our own.

A parser's own words are never passed on: they quote what they stumbled over, and that may be a citizen's.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

from models.errors import DataWrong, FileRefused
from service.intake.fhir.elements import Element, Number
from service.intake.fhir.xml import read_xml

MOST_BYTES: Final = 64 << 20
"""A file read as a whole, or a line of NDJSON: what takes more memory than this is to be sent as lines."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A line of NDJSON that holds no resource: where it stands, why, and the line as far as it can be shown."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """A file that can be read and is no FHIR at all, such as a drop's own manifest."""


def read_file(path: Path, name: str, only: re.Pattern[bytes] | None = None) -> Iterator[Element | Unread | Foreign]:
    """The resources of a file, one after the other; of NDJSON only the lines in which `only` is found.

    Raises `FileRefused` when the file cannot be read as a whole.
    """
    try:
        if path.suffix.lower() in {".ndjson", ".jsonl"}:
            with path.open("rb") as stream:
                yield from _lines(stream, only)
        else:
            yield from _whole(_content(path), is_xml=path.suffix.lower() == ".xml")
    except DataWrong as error:
        raise FileRefused(name, error.message, error.remedy) from None
    except OSError:
        raise FileRefused(name, "cannot be read from the disk.", "Send it again.") from None


def _content(path: Path) -> bytes:
    with path.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise DataWrong(f"is larger than {MOST_BYTES >> 20} MB.", "Send it as NDJSON, one resource a line.")
    if not content.strip():
        raise DataWrong("is empty.", "Send it again, or leave it out.")
    return content


def _whole(content: bytes, *, is_xml: bool) -> Iterator[Element | Unread | Foreign]:
    if is_xml:
        yield read_xml(content)
        return
    try:
        found = _parsed(content)
    except _NotOneValue:
        yield from _each_line(content.splitlines(keepends=True))
        return
    for one in cast("list[object]", found) if isinstance(found, list) else [found]:
        yield _resource(one) or Foreign()


class _NotOneValue(DataWrong):
    """More stands after the first value: lines of resources under a name that does not say so."""


def _parsed(content: bytes) -> object:
    try:
        return json.loads(content.decode("utf-8-sig"), parse_int=Number, parse_float=Number, parse_constant=Number)
    except UnicodeDecodeError:
        raise DataWrong(
            "is not UTF-8; it looks like latin-1 (Windows-1252), where æ, ø and å are one byte each.",
            "Send it as UTF-8.",
        ) from None
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            raise _NotOneValue("cannot be read as JSON: it holds more than one value.") from None
        raise DataWrong("cannot be read as JSON: it is cut off or damaged.", "Send it again.") from None
    except RecursionError:
        raise DataWrong("its objects stand too deep in one another.") from None


def _resource(found: object) -> Element | None:
    if isinstance(found, dict):
        resource = cast("Element", found)
        if isinstance(resource.get("resourceType"), str):
            return resource
    return None


def _lines(stream: BinaryIO, only: re.Pattern[bytes] | None) -> Iterator[Element | Unread]:
    number = 0
    while line := stream.readline(MOST_BYTES + 1):
        number += 1
        if len(line) > MOST_BYTES:
            raise DataWrong(f"line {number} is longer than {MOST_BYTES >> 20} MB.", "Send one resource a line.")
        if only is None or only.search(line):
            yield from _line(number, line)


def _each_line(lines: list[bytes]) -> Iterator[Element | Unread]:
    for number, line in enumerate(lines, 1):
        yield from _line(number, line)


def _line(number: int, line: bytes) -> Iterator[Element | Unread]:
    if not line.strip():
        return
    try:
        resource = _resource(_parsed(line))
    except DataWrong:
        resource = None
    yield resource or Unread(number, "not_fhir", line[:_SHOWN].decode("utf-8", "replace"))


_SHOWN: Final = 20_000
