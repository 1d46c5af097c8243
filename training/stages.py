"""How long work tells how far it is: of each stage by name, with its number of steps."""

from collections.abc import Callable

Stage = Callable[[str, int], Callable[[], None]]
"""Told of a stage and its number of steps; gives what is to be called after each step."""
