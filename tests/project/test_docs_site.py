"""The documents build into a site without a word against them, and the site fetches nothing from elsewhere."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.tree import ROOT

# What a browser fetches by itself; a link somebody may follow is another thing.
_FETCHED = re.compile(r"""<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)=["']?(?:https?:)?//[^>]*>""")
_FETCHED_BY_STYLE = re.compile(r"""(?:url\(["']?|@import\s+["'])(?:https?:)?//""")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_page_is_built_and_can_be_searched(site: Path) -> None:
    pages = {page.relative_to(ROOT / "docs").with_suffix(".html") for page in (ROOT / "docs").rglob("*.md")}
    assert {page for page in pages if not (site / page).is_file()} == set()
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    assert any("indlæggelse" in entry["text"] for entry in index["docs"])


def test_no_page_fetches_anything_from_elsewhere(site: Path) -> None:
    pages = {page: page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    styles = {file: file.read_text(encoding="utf-8") for file in site.rglob("*.css")}
    assert [(page.name, found) for page, text in pages.items() for found in _FETCHED.findall(text)] == []
    assert [file.name for file, text in styles.items() if _FETCHED_BY_STYLE.search(text)] == []


def test_the_pattern_knows_what_is_fetched_from_elsewhere() -> None:
    assert _FETCHED.search('<link rel="stylesheet" href="https://fonts.example/css">')
    assert _FETCHED.search('<script defer src="//cdn.example/x.js">')
    assert not _FETCHED.search('<a href="https://www.example/">')
    assert not _FETCHED.search('<script src="assets/javascripts/bundle.js">')
