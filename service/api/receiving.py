"""Receiving: the body of a request written to files while it arrives, never held in memory.

A drop comes as several files in `multipart/form-data`, as one zip, or as lines of FHIR; FHIR also as one resource.
Names and sizes are judged while reading; what was written is removed again by the caller when something is wrong.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from fastapi.concurrency import run_in_threadpool
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from models.errors import RequestWrong
from service.intake.archive import ARCHIVE, accepted_name, check_archive, is_fhir_name, too_many
from service.refusals import TooLarge, Unsupported

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks  # exists for type checkers only

MOST_BYTES: Final = 4 * 1024**3
MOST_RESOURCE_BYTES: Final = 64 * 1024**2
"""One resource or bundle, which is read as a whole; more of them come as lines."""

_ZIP: Final = frozenset({"application/zip", "application/x-zip-compressed"})
_LINES: Final = frozenset({"application/fhir+ndjson", "application/x-ndjson", "application/ndjson"})
_JSON: Final = frozenset({"application/fhir+json", "application/json"})
_XML: Final = frozenset({"application/fhir+xml", "application/xml", "text/xml"})


async def receive_drop(request: Request, folder: Path) -> None:
    """Write a drop into the folder, which must exist. Raises `RequestWrong`, `Unsupported` or `TooLarge`."""
    kind, options = _kind_of(request)
    if kind in _ZIP:
        await _write_whole(request, folder / ARCHIVE, MOST_BYTES)
    elif kind in _LINES:
        await _write_whole(request, folder / "resources.ndjson", MOST_BYTES)
    elif kind == "multipart/form-data" and options.get(b"boundary"):
        await _write_parts(_limited(request, MOST_BYTES), options[b"boundary"], folder)
    else:
        raise Unsupported(
            "The body is no multipart/form-data with a boundary, no application/zip and no lines of FHIR.",
            "Send the drop as one of them.",
        )
    await run_in_threadpool(check_received, folder)


async def receive_fhir(request: Request, folder: Path) -> None:
    """Write FHIR into the folder, which must exist: a resource or a bundle in JSON or XML, or lines of JSON."""
    kind, _ = _kind_of(request)
    if kind in _JSON:
        await _write_whole(request, folder / "resource.json", MOST_RESOURCE_BYTES)
    elif kind in _XML:
        await _write_whole(request, folder / "resource.xml", MOST_RESOURCE_BYTES)
    elif kind in _LINES:
        await _write_whole(request, folder / "resources.ndjson", MOST_BYTES)
    else:
        raise Unsupported("The body is no FHIR by its Content-Type.", "Send application/fhir+json or fhir+xml.")


def _kind_of(request: Request) -> tuple[str, dict[bytes, bytes]]:
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Unsupported("A body under a Content-Encoding is not taken.", "Send it as it is, or as a zip.")
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    return kind.decode("latin-1").lower(), options


def check_received(folder: Path) -> None:
    """Raise `RequestWrong` unless what was received is several tables, or one zip that holds them."""
    packed = folder / ARCHIVE
    if packed.exists():
        if len(list(folder.iterdir())) > 1:
            raise RequestWrong("A zip must be sent alone.", "Send either one zip or the tables themselves.")
        check_archive(packed)


async def _limited(request: Request, most: int) -> AsyncGenerator[bytes]:
    announced = request.headers.get("content-length", "")
    received = int(announced) if announced.isdecimal() else 0
    if received > most:
        raise _too_large(most)
    received = 0
    async for block in request.stream():
        received += len(block)
        if received > most:
            raise _too_large(most)
        yield block


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"The body is larger than {most >> 20:,} MB.", "Send it in smaller parts, FHIR as lines.")


async def _write_whole(request: Request, file: Path, most: int) -> None:
    # Blocks of 64 kB into the page cache take microseconds: a thread for each would cost more than it frees.
    with file.open("xb") as sink:
        async for block in _limited(request, most):
            sink.write(block)
        if not sink.tell():
            raise RequestWrong("The body is empty.", "Send what is to be loaded.")


async def _write_parts(body: AsyncIterator[bytes], boundary: bytes, folder: Path) -> None:
    parts = _Parts(folder)
    try:
        parser = MultipartParser(boundary, parts.callbacks())
        async for block in body:
            parser.write(block)
        parser.finalize()
    except MultipartParseError:
        raise RequestWrong("The multipart body cannot be read.", "Send it again.") from None
    finally:
        parts.close()
    if not parts.names:
        raise RequestWrong("The body holds no file.", "Give each part a file name, such as visits.parquet.")
    if not parts.ended:
        raise RequestWrong("The multipart body was cut off.", "Send it again.")


class _Parts:
    """Writes each part of a multipart body to a file of its own."""

    def __init__(self, folder: Path) -> None:
        self.names: set[str] = set()
        self._fhir = 0
        self.ended = False
        self._folder = folder
        self._sink: BinaryIO | None = None
        self._field, self._value = b"", b""
        self._headers: dict[bytes, bytes] = {}

    def callbacks(self) -> "MultipartCallbacks":
        """What the parser tells as it goes."""
        return {
            "on_part_begin": self._headers.clear,
            "on_header_field": self._on_field,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._open,
            "on_part_data": self._write,
            "on_part_end": self.close,
            "on_end": self._end,
        }

    def close(self) -> None:
        """Close the file of the part at hand."""
        if self._sink is not None:
            self._sink.close()
            self._sink = None

    def _on_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[self._field.lower()] = self._value
        self._field = self._value = b""

    def _open(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if b"filename" not in options:
            raise RequestWrong("A part of the body is no file.", "Send files only, each with its name.")
        name = options[b"filename"].decode(errors="replace")
        name = ARCHIVE if name.lower().endswith(".zip") else accepted_name(name)
        self._fhir += is_fhir_name(name)
        if name in self.names or too_many(len(self.names) + 1 - self._fhir, self._fhir):
            raise RequestWrong("The same file was sent twice, or too many files.")
        self.names.add(name)
        self._sink = (self._folder / name).open("xb")

    def _write(self, data: bytes, start: int, end: int) -> None:
        if self._sink is not None:
            self._sink.write(data[start:end])

    def _end(self) -> None:
        self.ended = True
