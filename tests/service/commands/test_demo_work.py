"""What the demonstration adds: past weeks gone through by a nurse, and several commands in one process."""

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from models.errors import SystemWrong
from service.audit import first_broken
from service.clock import danish_date
from service.commands.demo import _Progress  # pyright: ignore[reportPrivateUsage]
from service.commands.demo_nurse import review
from service.security.rights import Role
from service.storage import audit, lists, reviews, users
from service.storage.capacities import capacities
from service.storage.database import Database
from tests.own_thread import in_own_thread
from tests.service.conftest import settings_of
from tests.service.invented_lists import MONDAY, NOW
from tests.service.running import Running


def test_the_nurse_reviews_past_lists_in_their_own_weeks_and_every_look_is_logged(running: Running) -> None:
    weeks = [MONDAY - timedelta(weeks=back) for back in (5, 4)]
    with running.database.write() as session:
        users.add_user(session, "anne", Role.NURSE, ("Nord", "Syd"), None, NOW)
    done = in_own_thread(lambda: review(settings_of(running.home), "anne", weeks))
    with running.database.read() as session:
        heads = {head.number: head for head in lists.list_heads(session, limit=9)}
        made = reviews.reviews_since(session, list(heads))
        assert first_broken(audit.records(session)) is None
    assert len(made) == done > 20
    assert {heads[one.list_number].as_of for one in made} == set(weeks)
    late = {danish_date(one.made_at) - heads[one.list_number].as_of for one in made}
    assert late == {timedelta(), timedelta(days=2)}


def test_commands_run_one_after_the_other_until_one_fails(tmp_path: Path) -> None:
    commands = [["init"], ["capacity", "set", "Nord", "7"], ["rejects", "9"], ["capacity", "set", "Nord", "8"]]
    surroundings = os.environ | {"OMHU_HOME": str(tmp_path), "OMHU_DATABASE_URL": ""}
    program = [sys.executable, "-m", "service.commands.demo_steps", json.dumps(commands)]
    done = subprocess.run(program, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode not in {0, 1}, done.stderr
    with Database.open(f"sqlite:///{tmp_path / 'omhu.db'}") as database, database.read() as session:
        assert capacities(session)["Nord"] == 7


def test_a_demonstration_of_other_steps_is_not_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    path.write_text(json.dumps({"monday": "2026-11-16", "citizens": 300, "done": 4}), encoding="utf-8")
    with pytest.raises(SystemWrong, match="another version"):
        _Progress.read(path, date(2026, 11, 23), 300)
