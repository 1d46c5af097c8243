"""Where the kernel runs: `local` on one machine, `spark` on many; `choice` finds the one that was asked for."""

from enum import StrEnum


class Engine(StrEnum):
    """Where rows of features are computed; every engine computes the same."""

    LOCAL = "local"
    SPARK = "spark"
