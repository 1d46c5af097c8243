"""A gzip file read as what it unpacks to, with an end to how far that may go.

What comes out is counted while it is read; a bomb is refused at the first byte too many, and never stored.
"""

import gzip
import io
from pathlib import Path
from typing import Final

from models.errors import DataWrong
from service.intake.archive import MOST_BYTES, MOST_RATIO

_AT_LEAST: Final = 1 << 20
"""What a file counts as packed at least: a small one may be mostly repetition."""


class UnpacksTooFar(DataWrong):
    """The file unpacks to more than one of a drop could."""


class Unpacked(io.RawIOBase):
    """The content of a gzip file, for reading once from its beginning."""

    def __init__(self, path: Path) -> None:
        self._source = gzip.open(path)  # noqa: SIM115 - closed by `close`
        self._left = min(MOST_BYTES, max(path.stat().st_size, _AT_LEAST) * MOST_RATIO)

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes. Raises `UnpacksTooFar`, and `OSError`, `EOFError` or `zlib.error` for what is no gzip."""
        content = self._source.read(size)
        self._left -= len(content)
        if self._left < 0:
            raise UnpacksTooFar("unpacks to more than is taken.", "Send it in smaller parts, or as Parquet.")
        return content

    def readable(self) -> bool:
        """It is."""
        return True

    def close(self) -> None:
        """Close the file."""
        self._source.close()
        super().close()
