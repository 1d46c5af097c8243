"""The look-up log in words: every code there may be, every role, and whoever looked."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

import service
from service.audit import GENESIS, PRUNE, Look, LookAction, Record
from service.security.rights import Role
from service.ui.language import Language, languages
from service.ui.presenters import looks
from service.ui.presenters.log import log_rows
from tests.service.running import Running

CODES = frozenset[str](get_args(LookAction))
LOGGING = {"log", "log_look", "_log", "_look", "_welcome", "Look"}
"""What is called with an action, by the last part of its name."""
DANISH, ENGLISH = languages()["da"], languages()["en"]
LOOK = Look(
    datetime(2026, 11, 22, 22, 50, 7, tzinfo=UTC), "user:1", "nurse", "list.view", "care", "/", (), "127.0.0.1", "shown"
)


def calls() -> Iterator[tuple[str, str]]:
    """Every text given to a call in the service's code, with the last part of what is called."""
    for path in Path(service.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func).rpartition(".")[2]
                yield from ((name, str(one.value)) for one in node.args if isinstance(one, ast.Constant))


def test_the_list_of_actions_is_what_the_service_logs() -> None:
    logged = {text for name, text in calls() if name in LOGGING}
    unlisted = {text for text in logged if re.fullmatch(r"[a-z_]+\.[a-z_]+", text)} - CODES
    attempts = {"login", "login.kode", "login.bekraeft", "login.oidc"}  # chosen by the form they were made with
    assert unlisted == set()
    assert CODES - logged - attempts == {PRUNE}


@pytest.mark.parametrize("language", languages().values(), ids=languages())
def test_every_action_has_a_phrase(language: Language) -> None:
    phrases = looks.action_words(language)
    assert set(phrases) == CODES
    for code, phrase in phrases.items():
        assert re.fullmatch(r"[A-ZÆØÅ][^._]+", phrase), code


def test_what_an_unknown_version_logged_stands_as_it_is() -> None:
    assert looks.action_phrase(DANISH, "list.sing") == "list.sing"
    assert looks.look_role(DANISH, "cook") == "cook"
    assert looks.actor_words(DANISH, "ghost:1", {}) == "ghost:1"
    assert looks.purpose_phrase(DANISH, "fun") == "fun"


def test_every_role_is_told_in_words() -> None:
    roles = {*Role, "token", "client", "operator"}
    assert not [role for role in roles if looks.look_role(DANISH, role) == role]


@pytest.mark.parametrize(
    ("actor", "danish", "english"),
    [
        ("user:1", "mette", "mette"),
        ("user:2", "user:2", "user:2"),
        ("local:root", "root, på serveren", "root, on the server"),
        ("token:3", "System med nøgle nr. 3", "System with token no. 3"),
        ("client:4", "System nr. 4", "System no. 4"),
        ("nobody", "Ikke logget ind", "Not logged in"),
    ],
)
def test_whoever_looked_is_told(actor: str, danish: str, english: str) -> None:
    assert [looks.actor_words(one, actor, {1: "mette"}) for one in (DANISH, ENGLISH)] == [danish, english]


def test_a_row_has_the_hour_in_denmark_and_the_code_beside_its_words() -> None:
    refused = replace(LOOK, action="login", actor="nobody", role="", result="refused")
    shown, away = log_rows(DANISH, [Record(n, one, GENESIS, "") for n, one in ((1, LOOK), (2, refused))], {1: "mette"})
    assert (shown.day, shown.clock, shown.who, shown.role) == ("22. nov. 2026", "23.50.07", "mette", "Sygeplejerske")
    assert (shown.action, shown.code, shown.result) == ("Visning af ugelisten", "list.view", "Udført")
    assert (away.action, away.who, away.role, away.result) == ("Login med adgangskode", "Ikke logget ind", "", "Afvist")


def test_the_auditor_reads_words_and_finds_the_codes_to_search_by(running: Running) -> None:
    with running.log_in("nord") as nurse, running.log_in("revisor") as auditor:
        nurse.get("/")
        page = auditor.get("/log").text
    for code, phrase in looks.action_words(DANISH).items():
        assert f'<option value="{code}">{phrase}</option>' in page
    assert "Visning af ugelisten <code>list.view</code>" in page
    assert "Sygeplejerske" in page.split("<tbody")[1]
