"""A file of settings, as `.env.example` is one: `NAME=value` on each line, and nothing a shell would make of it."""

import re
from pathlib import Path
from typing import Final

from models.errors import FileRefused

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUOTES: Final = ("'", '"')


def read_variables(file: Path) -> dict[str, str]:
    """The variables of a file. Empty lines and those that begin with # say nothing; quotes around a value go away.

    Raises `FileRefused`, which tells the line and never what stands there: it may be a password.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise FileRefused(file.name, "cannot be read.", "Check its rights; it is UTF-8.") from None
    found: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        said = line.strip()
        if not said or said.startswith("#"):
            continue
        name, sign, value = said.partition("=")
        if not sign or not _NAME.fullmatch(name) or "\0" in value:
            raise FileRefused(file.name, f"line {number} is not NAME=value.")
        if name in found:
            raise FileRefused(file.name, f"line {number} sets {name} again.", "Leave one of them.")
        found[name] = _unquoted(file.name, number, value.strip())
    return found


def _unquoted(file: str, number: int, value: str) -> str:
    if value.startswith(_QUOTES):
        if len(value) < 2 or value[-1] != value[0] or value[0] in value[1:-1]:
            raise FileRefused(file, f"the quotes of line {number} do not match.")
        return value[1:-1]
    if re.search(r"\s#", value):
        raise FileRefused(
            file, f"line {number} has a # within its value.", "Put the value in quotes, or the remark on its own line."
        )
    return value
