"""Secrets from files, as orchestrators hand them over: a variable with `_FILE` behind its name says where its value is.

What a file holds is never told, nor logged; only which variable is wrong.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from models.errors import SystemWrong


def read_secrets(environ: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The values of those variables that are given by file, without the line end a file ends with.

    Raises `SystemWrong` for a file that cannot be read or is empty, and where a value is given both ways.
    """
    return {name: _read(environ, name) for name in names if environ.get(f"{name}_FILE")}


def _read(environ: Mapping[str, str], name: str) -> str:
    if environ.get(name):
        raise SystemWrong(f"{name} and {name}_FILE are both set.", "Set one of them.")
    try:
        value = Path(environ[f"{name}_FILE"]).read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise SystemWrong(
            f"The file that {name}_FILE names cannot be read.", "Check its path and its rights."
        ) from None
    if not value:
        raise SystemWrong(f"The file that {name}_FILE names is empty.", f"Write the value of {name} into it.")
    return value
