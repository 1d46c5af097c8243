"""Getting in, staying in, and getting out."""

from datetime import timedelta

import httpx
import pytest

from service.security.login import IDLE, LONGEST, ONE_TIME_LIFE, one_time_code
from service.security.passwords import hashed
from service.security.rights import Role
from service.storage import audit, users
from tests.service.running import Running, proof_in

PASSWORD = "en lang og god kode"


@pytest.fixture(scope="module")
def password_hash() -> str:
    """One hash for all: making one is dear, that is the point of it."""
    return hashed(PASSWORD)


@pytest.fixture
def with_password(running: Running, password_hash: str) -> Running:
    """The service with a user who has a password."""
    with running.database.write() as session:
        users.add_user(session, "mette", Role.NURSE, ["Nord"], password_hash, running.clock())
    return running


def attempt(browser: httpx.Client, name: str, password: str) -> httpx.Response:
    """Fill in the form and send it."""
    proof = proof_in(browser.get("/login").text)
    return browser.post("/login", data={"navn": name, "adgangskode": password, "bevis": proof})


def test_name_and_password_open_a_session_in_a_cookie_no_script_can_read(with_password: Running) -> None:
    with with_password.visitor() as browser:
        answer = attempt(browser, "mette", PASSWORD)
        cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("omhu="))
        assert browser.get("/").status_code == 200
    assert answer.status_code == 303
    assert "httponly" in cookie.lower()
    assert "samesite=lax" in cookie.lower()


def test_what_was_wrong_is_not_told(with_password: Running) -> None:
    with with_password.visitor() as browser:
        wrong, unknown = attempt(browser, "mette", "forkert kode her"), attempt(browser, "ingen", PASSWORD)
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert "Navnet eller koden passer ikke" in wrong.text
    assert "Navnet eller koden passer ikke" in unknown.text


def test_after_failures_even_the_right_password_must_wait(with_password: Running) -> None:
    with with_password.visitor() as browser:
        for _ in range(6):
            attempt(browser, "mette", "forkert kode her")
            with_password.clock.turn(timedelta(milliseconds=100))
        assert attempt(browser, "mette", PASSWORD).status_code == 401
        with_password.clock.turn(timedelta(minutes=1))
        assert attempt(browser, "mette", PASSWORD).status_code == 303


def test_failed_logins_are_logged_without_the_name_that_was_tried(with_password: Running) -> None:
    with with_password.visitor() as browser:
        attempt(browser, "måske-en-kode", "x")
    with with_password.database.read() as session:
        look = [one.look for one in audit.records(session)][-1]
    assert (look.actor, look.action, look.result) == ("nobody", "login", "refused")
    assert "måske-en-kode" not in repr(look)


def test_a_form_of_another_page_logs_nobody_in(with_password: Running) -> None:
    with with_password.visitor() as browser:
        browser.get("/login")
        forged = {"navn": "mette", "adgangskode": PASSWORD, "bevis": "0" * 64}
        assert browser.post("/login", data=forged).status_code == 403


def test_a_one_time_code_works_once(running: Running) -> None:
    code = one_time_code(running.database, "nord", running.clock())
    for expected in (303, 401):
        with running.visitor() as browser:
            proof = proof_in(browser.get("/login/kode", params={"kode": code}).text)
            assert browser.post("/login/kode", data={"kode": code, "bevis": proof}).status_code == expected


def test_opening_the_address_of_a_one_time_code_does_not_spend_it(running: Running) -> None:
    code = one_time_code(running.database, "nord", running.clock())
    with running.visitor() as browser:
        browser.get("/login/kode", params={"kode": code})
        proof = proof_in(browser.get("/login/kode", params={"kode": code}).text)
        assert browser.post("/login/kode", data={"kode": code, "bevis": proof}).status_code == 303


def test_a_one_time_code_is_soon_too_old(running: Running) -> None:
    code = one_time_code(running.database, "nord", running.clock())
    running.clock.turn(ONE_TIME_LIFE)
    with running.visitor() as browser:
        proof = proof_in(browser.get("/login/kode", params={"kode": code}).text)
        assert browser.post("/login/kode", data={"kode": code, "bevis": proof}).status_code == 401


def test_a_session_ends_when_it_is_not_used(running: Running) -> None:
    with running.log_in("nord") as nurse:
        running.clock.turn(IDLE - timedelta(seconds=1))
        assert nurse.get("/om").status_code == 200
        running.clock.turn(IDLE - timedelta(seconds=1))
        assert nurse.get("/om").status_code == 200
        running.clock.turn(IDLE)
        assert nurse.get("/om").status_code == 303


def test_a_session_ends_after_a_working_day_however_much_it_is_used(running: Running) -> None:
    with running.log_in("nord") as nurse:
        for _ in range(int(LONGEST / timedelta(minutes=20)) - 1):
            running.clock.turn(timedelta(minutes=20))
            assert nurse.get("/om").status_code == 200
        running.clock.turn(timedelta(minutes=20))
        assert nurse.get("/om").status_code == 303


def test_logging_out_ends_the_session_for_good(running: Running) -> None:
    with running.log_in("nord") as nurse:
        cookie = nurse.cookies["omhu"]
        proof = proof_in(nurse.get("/om").text)
        assert nurse.post("/logout", data={"bevis": proof}).status_code == 303
        nurse.cookies.set("omhu", cookie)
        assert nurse.get("/").status_code == 303


def test_an_ended_user_is_out_at_once(running: Running) -> None:
    with running.log_in("nord") as nurse:
        with running.database.write() as session:
            users.end_user(session, "nord", running.clock())
        assert nurse.get("/").status_code == 303


def test_headers_forbid_scripts_frames_and_caches(running: Running) -> None:
    with running.log_in("nord") as nurse:
        headers = nurse.get("/").headers
        static = nurse.get("/static/omhu.css").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe-inline" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "strict-transport-security" not in headers
    assert "immutable" in static["cache-control"]
