"""No test lies there without ever being run."""

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.project.tree import ROOT, python_files

LIKE_A_TEST = re.compile(r"^_*test(_|$)|_test$", re.IGNORECASE)


def _is_fixture(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("fixture" in ast.unparse(decorator) for decorator in node.decorator_list)


def _functions(body: list[ast.stmt], scope: str) -> list[str]:
    """The names of all functions like a test, however deep, each behind the classes and functions around it."""
    found: list[str] = []
    for node in body:
        if isinstance(node, ast.ClassDef):
            found += _functions(node.body, f"{scope}::{node.name}")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if LIKE_A_TEST.search(node.name) and not _is_fixture(node):
                found.append(f"{scope}::{node.name}")
            found += _functions(node.body, f"{scope}::{node.name}")
        elif isinstance(node, ast.If | ast.With | ast.For | ast.While | ast.Try):
            found += _functions([child for child in ast.walk(node) if isinstance(child, ast.stmt)][1:], scope)
    return found


def _written() -> Counter[str]:
    files = [file for file in python_files() if file.parts[0] == "tests"]
    trees = [(file, ast.parse((ROOT / file).read_text(encoding="utf-8"))) for file in files]
    return Counter(name for file, tree in trees for name in _functions(tree.body, file.as_posix()))


def _collected(session: pytest.Session) -> set[str]:
    """What a run of everything collects: this one's own, where it is one."""
    whole = session.config.args == session.config.getini("testpaths") and not session.config.option.keyword
    return {item.nodeid.partition("[")[0] for item in session.items} if whole else _listed()


def _listed() -> set[str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", str(Path("tests"))]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert listing.returncode == 0, listing.stdout + listing.stderr
    return {line.partition("[")[0] for line in listing.stdout.splitlines() if "::" in line}


def test_every_function_named_like_a_test_is_collected(request: pytest.FixtureRequest) -> None:
    assert _written().keys() - _collected(request.session) == set()


def test_no_test_hides_another_of_the_same_name() -> None:
    assert [name for name, times in _written().items() if times > 1] == []


def test_a_function_out_of_reach_is_noticed() -> None:
    source = (
        "class Helper:\n    def test_never_run(self): ...\ndef outer():\n    def test_inside(): ...\ndef Test_x(): ..."
    )
    found = _functions(ast.parse(source).body, "f.py")
    assert found == ["f.py::Helper::test_never_run", "f.py::outer::test_inside", "f.py::Test_x"]
