"""Which municipality a command is for, where there are several: it acts on one, in an environment that is that one's.

The process's own environment becomes the municipality's for as long as the command runs. So every command, and every
program that one starts, reads its settings as in an installation of one, and no part of it can reach for another's.
"""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Final

from pydantic import ValidationError

from models.errors import OmhuError, RequestWrong
from service.logs import speaking_for
from service.municipalities.apart import require_apart
from service.municipalities.environments import FOLDER, NAMED, Municipality, names

FOR_ALL: Final = frozenset({"serve", "worker"})
"""Commands that do their work for every municipality when none is named."""
FOR_NONE: Final = frozenset({"synthesise", "features"})
"""Commands that touch no state."""


def chosen(command: str, option: str | None, surroundings: Mapping[str, str]) -> Municipality | None:
    """The municipality a command is for; nothing where there is one only, or the command is for all or for none.

    Raises `RequestWrong` naming them when one has to be named, and what `Municipality.read` and `require_apart` raise.
    """
    known, name = names(surroundings), option or surroundings.get(NAMED)
    if not known:
        if option and option != surroundings.get(NAMED):
            raise RequestWrong(f"--municipality {option}: there is only one here.", f"Set {FOLDER} to their folder.")
        return None
    if name:
        return _apart_from_others(Municipality.read(name, surroundings), surroundings)
    if command in FOR_ALL | FOR_NONE:
        return None
    raise RequestWrong(
        f"`omhu {command}` is for one municipality; there are: {', '.join(known)}.",
        f"Say which: `omhu --municipality {known[0]} {command}`, or set {NAMED}.",
    )


def _apart_from_others(mine: Municipality, surroundings: Mapping[str, str]) -> Municipality:
    for name in names(surroundings):
        if name == mine.name:
            continue
        try:
            other = Municipality.read(name, surroundings)
        except (OmhuError, ValidationError):
            continue  # what is wrong with another's settings is told when that one is asked for, and stops nobody else
        require_apart((mine, other))
    return mine


@contextmanager
def acting_for(municipality: Municipality | None) -> Generator[None]:
    """Make the process's environment that municipality's, if there is one, and its name that of every line logged.

    Without one the environment is whosever it is already: what a command for one of several starts finds it so.
    """
    before = dict(os.environ)
    _become(municipality.environment if municipality else before)
    try:
        with speaking_for(os.environ.get(NAMED, "")):
            yield
    finally:
        _become(before)


def _become(environment: Mapping[str, str]) -> None:
    for variable in os.environ.keys() - environment.keys():
        del os.environ[variable]
    os.environ.update(environment)
