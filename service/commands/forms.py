"""How a command writes what it found: for a person to read, or for a program."""

from enum import StrEnum


class Form(StrEnum):
    """A table for a person, JSON for a program."""

    TABLE = "table"
    JSON = "json"
