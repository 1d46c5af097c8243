"""The pages that are written from the code are current, and say of every setting what it means."""

import re

import pytest

from tests.project.tree import ROOT
from tests.tools.write_reference import files


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    return files()


@pytest.mark.parametrize("name", ["commands", "settings", "errors"])
def test_a_page_of_the_reference_is_what_the_code_says(written: dict[str, str], name: str) -> None:
    file = f"docs/reference/{name}.md"
    assert (ROOT / file).read_text(encoding="utf-8") == written[file], "run `make docs`"


def test_the_example_of_settings_is_what_the_code_says(written: dict[str, str]) -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == written[".env.example"], "run `make docs`"


def test_every_setting_is_explained_where_it_can_be_copied(written: dict[str, str]) -> None:
    lines = written[".env.example"].splitlines()
    named = [number for number, line in enumerate(lines) if re.match(r"#?(OMHU|MLFLOW)_[A-Z_]+=", line)]
    assert len(named) > 10
    assert [lines[number] for number in named if not re.match(r"# \S", lines[number - 1])] == []


def test_every_command_and_option_says_what_it_is_for(written: dict[str, str]) -> None:
    page = written["docs/reference/commands.md"]
    assert re.findall(r"^## .+\n\n\n", page, re.MULTILINE) == []
    assert re.findall(r"^\| `[^|]+` \|  \|.*$", page, re.MULTILINE) == []
