"""`omhu user`, `omhu token` and `omhu audit`, as typed."""

import json
import re
from pathlib import Path

import pytest
import typer
from pyotp.totp import TOTP
from typer.testing import CliRunner, Result

from models.errors import NotFound, RequestWrong, SystemWrong
from service.clock import utc_now
from service.commands import audit as audit_commands
from service.commands import people
from service.security import second_factor
from service.security.login import Opened, log_in, log_in_once
from service.security.rights import Permission, Role
from service.security.secrets import fingerprint
from service.storage import audit, tokens, users
from service.storage.database import Database
from tests.service.storage.test_look_up_log import LOOK


@pytest.fixture
def store(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The store the commands will open too."""
    monkeypatch.setenv("OMHU_DATABASE_URL", sqlite_url)
    return Database.open(sqlite_url)


def omhu(*words: str, typed: str = "") -> Result:
    """Run a command; a mistake of the user is raised as the command line would tell it."""
    app = typer.Typer()
    people.register(app)
    audit_commands.register(app)
    return CliRunner().invoke(app, list(words), input=typed, catch_exceptions=False)


def test_a_user_is_added_with_role_districts_and_password(store: Database) -> None:
    words = ("user", "add", "mette", "--role", "nurse", "--district", "Nord", "--district", "Syd", "--password-stdin")
    assert omhu(*words, typed="en lang og god kode\n").exit_code == 0
    opened = log_in(store, "mette", "en lang og god kode", utc_now())
    assert isinstance(opened, Opened)
    assert (opened.user.role, opened.user.districts) == (Role.NURSE, {"Nord", "Syd"})
    with pytest.raises(RequestWrong, match="already"):
        omhu(*words, typed="en lang og god kode\n")
    store.close()


@pytest.mark.parametrize("password", ["kort", "aaaaaaaaaaaaaaaa"])
def test_a_weak_password_is_refused(store: Database, password: str) -> None:
    with pytest.raises(RequestWrong, match="too weak"):
        omhu("user", "add", "mette", "--district", "Nord", "--password-stdin", typed=password)
    with store.read() as session:
        assert users.user_called(session, "mette") is None
    store.close()


def test_a_nurse_needs_a_district(store: Database) -> None:
    with pytest.raises(RequestWrong, match="without a district"):
        omhu("user", "add", "mette")
    store.close()


def test_a_one_time_login_is_an_address_that_works_once(store: Database) -> None:
    omhu("user", "add", "mette", "--district", "Nord")
    told = omhu("user", "one-time-login", "mette", "--address", "http://127.0.0.1:9000/").stdout
    found = re.search(r"http://127\.0\.0\.1:9000/login/kode\?kode=([\w-]+)", told)
    assert found is not None
    opened = log_in_once(store, found[1], utc_now())
    assert isinstance(opened, Opened)
    assert opened.user.name == "mette"
    with pytest.raises(NotFound):
        omhu("user", "one-time-login", "ingen")
    store.close()


def test_ending_a_user_is_final(store: Database) -> None:
    omhu("user", "add", "mette", "--district", "Nord")
    omhu("user", "end", "mette")
    with pytest.raises(NotFound):
        omhu("user", "password", "mette", "--password-stdin", typed="en lang og god kode")
    store.close()


def test_a_token_is_printed_once_and_kept_as_a_fingerprint(store: Database) -> None:
    made = omhu("token", "add", "eoj", "--scope", "lists:read", "--district", "Nord")
    secret = made.stdout.splitlines()[0]
    with store.read() as session:
        holder = tokens.holder_of(session, fingerprint(secret), utc_now())
        stored = session.exec_driver_sql("SELECT * FROM tokens").all()
    assert holder is not None
    assert holder.permissions == {Permission.READ_LISTS}
    assert secret not in repr(stored)
    omhu("token", "end", "1")
    with store.read() as session:
        assert tokens.holder_of(session, fingerprint(secret), utc_now()) is None
    with pytest.raises(NotFound):
        omhu("token", "end", "1")
    store.close()


@pytest.mark.parametrize("words", [("--scope", "see_list", "--district", "N"), ("--scope", "scores:read")])
def test_a_token_that_makes_no_sense_is_refused(store: Database, words: tuple[str, ...]) -> None:
    with pytest.raises(RequestWrong):
        omhu("token", "add", "eoj", *words)
    store.close()


def test_the_log_is_verified_and_written_out(store: Database, tmp_path: Path) -> None:
    assert "no records yet" in omhu("audit", "verify").stdout
    with store.write() as session:
        audit.append(session, LOOK)
    assert "up to record 1" in omhu("audit", "verify").stdout
    omhu("audit", "export", str(tmp_path / "log.jsonl"))
    assert json.loads((tmp_path / "log.jsonl").read_text())["look"]["action"] == "list.view"
    with store.write() as session:
        session.exec_driver_sql("DROP TRIGGER look_ups_no_update")
        session.exec_driver_sql("UPDATE look_ups SET citizens = '[]'")
    with pytest.raises(SystemWrong, match="Record 1"):
        omhu("audit", "verify")
    store.close()


def test_a_right_can_end_at_a_team_and_a_lost_second_factor_is_taken_away(store: Database) -> None:
    omhu("user", "add", "mette", "--district", "Nord", "--team", "Team 1", "--team", "Team 2")
    with store.read() as session:
        user = users.user_called(session, "mette")
    assert user is not None
    assert user.teams == {"Team 1", "Team 2"}
    secret = second_factor.enrol(store, user.number)
    second_factor.confirm(store, user.number, TOTP(secret).now(), utc_now())
    assert omhu("user", "reset-second-factor", "mette").exit_code == 0
    with store.read() as session:
        assert not second_factor.is_needed(session, user.number)
    with pytest.raises(NotFound):
        omhu("user", "reset-second-factor", "ingen")
    store.close()
