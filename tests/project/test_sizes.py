"""Modules and functions stay small enough to be read in one go."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.project.tree import ROOT, python_files

MODULE_LINES = 500
FUNCTION_LINES = 60

# A function that has to be longer, as "path::name", and why.
LONGER_FUNCTIONS: dict[str, str] = {}


def _functions(file: Path) -> Iterator[tuple[str, int]]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{file}::{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


@cache
def _too_long() -> frozenset[str]:
    return frozenset(name for file in python_files() for name, lines in _functions(file) if lines > FUNCTION_LINES)


def test_no_module_is_longer_than_five_hundred_lines() -> None:
    lines = {file: len((ROOT / file).read_text(encoding="utf-8").splitlines()) for file in python_files()}
    assert {str(file): count for file, count in lines.items() if count > MODULE_LINES} == {}


def test_no_function_is_longer_than_sixty_lines_without_a_reason() -> None:
    assert _too_long() - LONGER_FUNCTIONS.keys() == set()


def test_every_reason_is_still_needed() -> None:
    assert LONGER_FUNCTIONS.keys() - _too_long() == set()
