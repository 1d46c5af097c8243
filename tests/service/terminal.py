"""`omhu` as somebody at a terminal meets it, without a process of its own: exit code, output and errors."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from service.cli import main

Omhu = Callable[..., tuple[int, str, str]]
"""A command in the surroundings there are: its arguments give its exit code, output and errors."""


class OmhuAt(Protocol):
    """A command in a home."""

    def __call__(self, home: object, *arguments: object) -> tuple[int, str, str]: ...


@pytest.fixture
def omhu(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Omhu:
    """Runs a command where `OMHU_HOME` and `OMHU_DATABASE_URL` point to."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["omhu", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    return run


@pytest.fixture
def omhu_at(omhu: Omhu, monkeypatch: pytest.MonkeyPatch) -> OmhuAt:
    """Runs a command in the home it is given."""

    def run(home: object, *arguments: object) -> tuple[int, str, str]:
        monkeypatch.setenv("OMHU_HOME", str(home))
        return omhu(*arguments)

    return run


@pytest.fixture
def on_empty_store(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> None:
    """Surroundings of an empty store, once for each engine, and of a home of the test's own."""
    monkeypatch.setenv("OMHU_HOME", str(tmp_path))
    monkeypatch.setenv("OMHU_DATABASE_URL", database_url)
