"""Every command and option a document tells a reader to type exists."""

import re
from pathlib import Path

import pytest

from service.operation.jobs import JOBS
from tests.project.tree import ROOT

REFERENCE = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
SECTIONS = {part.partition("\n")[0]: part for part in re.split(r"^## ", REFERENCE, flags=re.MULTILINE)[1:]}
COMMANDS = {name.removeprefix("omhu ") for name in SECTIONS if name != "omhu"}
GROUPS = {name.partition(" ")[0] for name in COMMANDS if " " in name}

CODE = re.compile(r"```.*?\n(.*?)```|`([^`\n]+(?:\n[^`\n]+)?)`", re.DOTALL)
OPTIONS = r"((?:--municipality [A-Za-z$]+ |--[a-z]+ )*)"
CALL = re.compile(rf"(?:^|[ /(])omhu {OPTIONS}([a-z][a-z-]+)(?: ([a-z][a-z-]*))?([^\n#|;&]*)")
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in ROOT.glob("docs/**/*.md")
    if "reference" not in path.parts and path.name != "features.md"
)


def _calls(document: str) -> list[tuple[str, list[str]]]:
    """Each call of the command line in a document's code: the command, and the options given to it."""
    found: list[tuple[str, list[str]]] = []
    for code in CODE.finditer((ROOT / document).read_text(encoding="utf-8")):
        for call in CALL.finditer((code[1] or " ".join(code[2].split())).replace("omhu omhu", "omhu")):
            command = f"{call[2]} {call[3]}" if call[2] in GROUPS and call[3] else call[2]
            found.append((command, re.findall(r"(?<![\w-])--[a-z-]+", call[4])))
    return found


@pytest.mark.parametrize("document", ["README.md", *DOCUMENTS])
def test_every_command_a_document_names_exists_with_its_options(document: str) -> None:
    wrong = [
        f"omhu {command} {' '.join(options)}"
        for command, options in _calls(document)
        if command not in COMMANDS | GROUPS
        or any(f"`{option}" not in SECTIONS[f"omhu {command}"] for option in options if option != "--help")
    ]
    assert wrong == []


def test_the_guides_call_many_commands_and_a_wrong_one_would_be_found(tmp_path: Path) -> None:
    assert sum(len(_calls(document)) for document in DOCUMENTS) > 60
    page = tmp_path / "page.md"
    page.write_text("`omhu lisst` and ```\nomhu list --as-off X\n```", encoding="utf-8")
    calls = _calls(str(page))
    assert calls == [("lisst", []), ("list", ["--as-off"])]
    assert "lisst" not in COMMANDS
    assert "`--as-off" not in SECTIONS["omhu list"]
    assert "`--as-of" in SECTIONS["omhu list"]


def test_every_job_of_the_worker_is_in_the_guide_of_whoever_is_on_call() -> None:
    guide = (ROOT / "docs" / "it" / "run.md").read_text(encoding="utf-8")
    assert [job.name for job in JOBS if f"\n| {job.name} | " not in guide] == []
