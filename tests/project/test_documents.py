"""What is written about the project is true of it: every word, target, folder and document that should be named is."""

import re

import pytest

from service.settings import Settings
from tests.project.tree import PACKAGES, ROOT, python_files

DOCUMENTS = ["README.md", "CONTRIBUTING.md", "GLOSSARY.md", "DECISIONS.md", "CHANGELOG.md"]
WORDS = [
    "citizen", "district", "event", "code", "occurred_at", "recorded_at", "known_from", "superseded_at", "as-of date",
    "look-back", "horizon", "admission", "episode", "label policy", "feature", "feature group", "mention", "score",
    "band", "reason", "list", "entry", "capacity", "review", "outcome", "bundle", "champion", "challenger", "snapshot",
    "drop", "load",
]  # fmt: skip
VARIABLE = re.compile(r"\b(?:OMHU_[A-Z]+(?:_[A-Z]+)*|MLFLOW_TRACKING_URI)\b")
# Read by compose.yaml itself: the name of the proxy's site, what the image is built with, how many processes answer.
OF_COMPOSE_ONLY = {"OMHU_HOST_NAME", "OMHU_EXTRAS", "OMHU_PROCESSES"}


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _settings() -> set[str]:
    """The environment variables the code reads: those it names, and a field of `Settings` each."""
    fields = {f"OMHU_{name.upper()}" for name in Settings.model_fields if name != "state"}
    sources = [_text(str(file)) for file in python_files() if file.parts[0] in PACKAGES]
    files = {f"{name}_FILE" for name in Settings.secrets()}
    return fields.union(files, *(VARIABLE.findall(source) for source in sources))


def _make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## ", _text("Makefile"), re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_document_is_there_and_says_something(document: str) -> None:
    assert len(_text(document).splitlines()) >= 10


def test_the_glossary_has_an_entry_for_every_word() -> None:
    # An entry is a heading, a bold term or the first cell of a row: the word stands first on its line.
    glossary = _text("GLOSSARY.md")
    entry = r"^(?:#+ |\*\*|[-*] \*\*|\| *\**)`?{}\b"
    missing = [w for w in WORDS if not re.search(entry.format(re.escape(w)), glossary, re.MULTILINE | re.IGNORECASE)]
    assert missing == []


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_a_document_names_exists(document: str) -> None:
    named = set(re.findall(r"(?:`|^\s*|\$ )make ([a-z-]+)", _text(document), re.MULTILINE))
    assert named - _make_targets() == set()


def test_every_make_target_is_explained() -> None:
    text = _text("CONTRIBUTING.md")
    assert [target for target in sorted(_make_targets()) if f"make {target}`" not in text] == []


def test_every_make_target_is_declared_to_make_no_file() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", _text("Makefile"), re.MULTILINE)
    assert phony
    assert set(phony[1].split()) == _make_targets()


def test_the_readme_shows_the_way() -> None:
    readme = _text("README.md")
    expected = ["make demo", "make test", "notebooks/", "tests/", *(f"{package}/" for package in PACKAGES)]
    expected += [document for document in DOCUMENTS if document != "README.md"]
    assert [name for name in expected if name not in readme] == []


def test_every_setting_is_explained_in_the_reference_and_in_the_example() -> None:
    for document in ("docs/reference/settings.md", ".env.example"):
        assert set(VARIABLE.findall(_text(document))) == _settings()


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "Dockerfile", "compose.yaml"])
def test_every_setting_a_document_names_exists(document: str) -> None:
    assert set(VARIABLE.findall(_text(document))) - _settings() - OF_COMPOSE_ONLY == set()
