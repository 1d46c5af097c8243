"""Every notebook runs from beginning to end, one after the other, as a newcomer would run them in a browser."""

import asyncio
import os
import warnings
from pathlib import Path

import jupytext
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from tests.own_thread import in_own_thread

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.py"))


def _paired(script: Path, folder: Path) -> NotebookNode:
    """The script's `.ipynb`, written beside nothing of ours, with no outputs yet."""
    notebook = jupytext.read(script, fmt="py:percent")
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    jupytext.write(notebook, folder / f"{script.stem}.ipynb")
    return notebook


def _executed(notebook: NotebookNode, folder: Path) -> NotebookNode:
    surroundings = {**os.environ, "OMHU_HOME": str(folder / "home"), "PYTHONWARNINGS": "error::UserWarning:__main__"}
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}})
    with warnings.catch_warnings():
        # The kernel's own libraries, and how they use event loops, are not what is tested.
        warnings.simplefilter("ignore")
        in_own_thread(lambda: asyncio.run(client.async_execute(env=surroundings)))
    return notebook


def _shown(notebook: NotebookNode) -> str:
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return "".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs)


def test_there_are_four_notebooks() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "1_the_data",
        "2_the_features",
        "3_a_retraining",
        "4_reading_the_report",
    ]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_defines_nothing(notebook: Path) -> None:
    lines = notebook.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith(("def ", "class "))] == []


def test_they_run_one_after_the_other(tmp_path: Path) -> None:
    shown = [_shown(_executed(_paired(script, tmp_path), tmp_path)) for script in NOTEBOOKS]
    assert "snapshot " in shown[0]
    assert "cannot be told" in shown[1]
    assert "version 1 of the model" in shown[2]
    assert "Whether fewer citizens are admitted because of the list" in shown[3]
    assert len(list(tmp_path.glob("*.ipynb"))) == len(NOTEBOOKS)
