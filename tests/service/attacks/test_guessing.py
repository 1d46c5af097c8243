"""Guessing passwords and codes: one after the other, all at once, and by how long an answer takes."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from statistics import median

import httpx
import pytest

from models.errors import NotAllowed
from service.security import login, passwords, second_factor
from service.security.secrets import fingerprint
from service.storage import second_factors, users
from service.storage.database import Database
from tests.service.invented_lists import NOW
from tests.service.running import Running, proof_in

RIGHT = "et langt kodeord"


@pytest.fixture
def account(database: Database) -> Database:
    """A store with one user who has a password."""
    with database.write() as session:
        users.add_user(session, "anna", users.Role.NURSE, ["Nord"], passwords.hashed(RIGHT), NOW)
    return database


def failures(database: Database) -> int:
    with database.read() as session:
        user = users.user_called(session, "anna")
    if user is None:
        raise AssertionError("anna is gone")
    return user.failures


def guess(database: Database, password: str) -> bool:
    try:
        login.log_in(database, "anna", password, NOW)
    except NotAllowed:
        return False
    return True


def test_guesses_sent_at_once_are_failures_in_a_row_and_the_right_one_among_the_last_opens_nothing(
    account: Database,
) -> None:
    with ThreadPoolExecutor(8) as attackers:
        opened = list(attackers.map(lambda at: guess(account, f"gæt nummer {at}"), range(12)))
    assert not any(opened)
    assert failures(account) == 5  # at the fifth the door is shut, whoever stood in it
    assert not guess(account, RIGHT)


def test_codes_guessed_at_once_are_failures_in_a_row(account: Database) -> None:
    with account.write() as session:
        second_factors.begin_half(session, fingerprint("half"), 1, NOW + timedelta(minutes=5))

    def try_code(at: int) -> bool:
        try:
            second_factor.finish(account, "half", f"{at:06}", NOW)
        except NotAllowed:
            return False
        return True

    with ThreadPoolExecutor(8) as attackers:
        assert not any(attackers.map(try_code, range(40)))
    assert failures(account) == 5


def test_each_failure_beyond_the_fourth_waits_twice_as_long_up_to_a_quarter_of_an_hour(sqlite_url: str) -> None:
    waits: list[timedelta] = []
    with Database.open(sqlite_url) as database:
        with database.write() as session:
            users.add_user(session, "anna", users.Role.NURSE, ["Nord"], None, NOW)
        for _ in range(16):
            with database.write() as session:
                user = users.user_called(session, "anna")
                assert user is not None
                login.count_failure(session, user, NOW)
                after = users.user_called(session, "anna")
                assert after is not None
            waits.append((after.locked_until or NOW) - NOW)
    assert waits[:5] == [timedelta(0)] * 4 + [timedelta(seconds=2)]
    assert all(later in {2 * earlier, timedelta(minutes=15)} for earlier, later in pairwise(waits[4:]))
    assert waits[-1] == timedelta(minutes=15)


def test_a_known_and_an_unknown_name_get_the_same_answer_in_the_same_time(running: Running) -> None:
    with running.database.write() as session:
        users.add_user(session, "anna", users.Role.NURSE, ["Nord"], passwords.hashed(RIGHT), NOW)
    passwords.matches(None, "what is made once is made")
    with running.visitor() as browser:
        known, unknown = zip(*[(timed(browser, "anna"), timed(browser, "ukendt")) for _ in range(4)], strict=True)
    assert {told for _, told in known} == {told for _, told in unknown}
    # A class and not a number: the machine is shared. Without the same work one would take a tenth of the other.
    assert 0.4 < median(took for took, _ in known) / median(took for took, _ in unknown) < 2.5


def timed(browser: httpx.Client, name: str) -> tuple[float, str]:
    """How long a wrong password took, and what was answered but for what is random or was typed."""
    proof = proof_in(browser.get("/login").text)
    begun = time.perf_counter()
    answer = browser.post("/login", data={"navn": name, "adgangskode": "forkert kodeord", "bevis": proof})
    took = time.perf_counter() - begun
    told = answer.text.replace(proof_in(answer.text), "").replace(name, "")
    return took, f"{answer.status_code} {told}"
