"""Every error Omhu raises on purpose, as one tree.

::

    OmhuError
    ├── RequestWrong            what was asked for cannot be done: shown to whoever asked
    │   ├── NotFound
    │   └── NotAllowed          there is no right to it, or its legal basis is missing
    ├── DataWrong               what was delivered breaks a rule: shown, with file and field, never with content
    │   ├── FileRefused         a whole file cannot be taken
    │   └── StaleFeed           data stopped coming, and a list would be made of it
    ├── GateRefused             a model may not be promoted
    └── SystemWrong             something of our own is broken or missing: logged, told in general words
        ├── BundleRefused       a model bundle is damaged, or unknown to this code
        └── SnapshotRefused     the snapshot is damaged, or missing

A message says what was wrong, where, and what to do; it never holds a citizen's data. `exit_code` is the
command line's contract, and `service.errors` gives each branch its HTTP status.
"""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar


class OmhuError(Exception):
    """Base of the tree: `message` says what and where, `remedy` what to do about it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.message = message
        self.remedy = remedy


class RequestWrong(OmhuError):
    """What was asked for cannot be done."""

    exit_code = 2


class NotFound(RequestWrong):
    """What was asked for does not exist, or is not to be seen by the one who asks."""


class NotAllowed(RequestWrong):
    """There is no right, or no legal basis in force, for what was asked."""

    exit_code = 4


class DataWrong(OmhuError):
    """Delivered data breaks a rule of the interchange."""

    exit_code = 2


class FileRefused(DataWrong):
    """A file that cannot be taken as a whole."""

    def __init__(self, file: str, message: str, remedy: str = "") -> None:
        super().__init__(f"{file}: {message}", remedy)
        self.file = file

    @classmethod
    def lacking(cls, file: str, missing: Sequence[str], found: Sequence[str]) -> "FileRefused":
        """A required column is not there; says which, and which columns were found instead."""
        return cls(
            file,
            f"required column missing: {', '.join(missing)}; found: {', '.join(found) or 'none'}.",
            "Add the column, or name it in the mapping file.",
        )


class StaleFeed(DataWrong):
    """A list would be made of data that stopped coming; `feeds` says of each feed what, where and since when."""

    exit_code = 5

    def __init__(self, as_of: date, feeds: Sequence[str]) -> None:
        super().__init__(
            f"The list of {as_of} would be made of stale data. {'; '.join(feeds)}.",
            "Load what is missing and run `omhu snapshot`, or make the list all the same with --accept-stale REASON, "
            "which is put on record.",
        )
        self.feeds = tuple(feeds)


class GateRefused(OmhuError):
    """A model may not become champion; `reasons` says why, one sentence each."""

    exit_code = 3

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("Refused: " + " ".join(reasons))
        self.reasons = tuple(reasons)


class SystemWrong(OmhuError):
    """Something of our own is broken or missing."""


class BundleRefused(SystemWrong):
    """A model bundle is damaged, or was made for other features than this code computes."""


class SnapshotRefused(SystemWrong):
    """The snapshot is missing, damaged, or of a form this code does not read."""
