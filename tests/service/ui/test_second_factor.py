"""The second factor: enrolled on the account page, asked for after the password, and no code taken twice."""

import re
import shutil
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from pyotp.totp import TOTP

from models.errors import NotAllowed
from service.app import create_app
from service.security import second_factor
from service.security.login import HALF_LIFE
from service.security.passwords import hashed
from service.security.rights import Role
from service.storage import second_factors, users
from service.storage.database import Database
from tests.service.conftest import settings_of
from tests.service.running import Clock, Running, proof_in, serving

PASSWORD = "en lang og god kode"


@pytest.fixture(scope="module")
def password_hash() -> str:
    return hashed(PASSWORD)


@pytest.fixture
def site(running: Running, password_hash: str) -> Running:
    """The service with a user who has a password."""
    with running.database.write() as session:
        users.add_user(session, "mette", Role.NURSE, ["Nord"], password_hash, running.clock())
    return running


def code_of(site: Running, secret: str, steps: int = 0) -> str:
    return TOTP(secret).at(int(site.clock().timestamp()) + 30 * steps)


def enrolled(site: Running) -> tuple[str, list[str]]:
    """Enrol mette through the pages; gives the secret and the recovery codes."""
    with site.log_in("mette") as browser:
        proof = proof_in(browser.get("/konto").text)
        page = browser.post("/konto/faktor", data={"bevis": proof}).text
        found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
        assert found is not None
        assert '<svg class="qr"' in page or "<svg " in page
        assert "style=" not in page
        secret = found[1].replace(" ", "")
        wrong = browser.post("/konto/faktor/bekraeft", data={"bevis": proof, "faktor": "000000"})
        assert wrong.status_code == 422
        page = browser.post("/konto/faktor/bekraeft", data={"bevis": proof, "faktor": code_of(site, secret)}).text
    return secret, re.findall(r"<li><code>([\w-]+)</code>", page)


def half(browser: httpx.Client) -> dict[str, str]:
    """Name and password, rightly; gives what the second form holds."""
    proof = proof_in(browser.get("/login").text)
    page = browser.post("/login", data={"navn": "mette", "adgangskode": PASSWORD, "bevis": proof})
    assert page.status_code == 200
    assert "omhu=" not in page.headers.get("set-cookie", "").replace("omhu_form=", "")
    found = re.search(r'name="halv" value="([\w-]+)"', page.text)
    assert found is not None
    return {"halv": found[1], "bevis": proof_in(page.text)}


def try_code(site: Running, code: str) -> int:
    with site.visitor() as browser:
        return browser.post("/login/bekraeft", data=half(browser) | {"faktor": code}).status_code


def test_after_enrolment_the_password_alone_opens_nothing_and_a_code_does(site: Running) -> None:
    secret, _ = enrolled(site)
    site.clock.turn(timedelta(seconds=30))
    with site.visitor() as browser:
        asked = half(browser)
        assert browser.get("/").status_code == 303
        assert browser.post("/login/bekraeft", data=asked | {"faktor": code_of(site, secret)}).status_code == 303
        assert browser.get("/").status_code == 200


def test_a_code_is_taken_once_and_neither_an_earlier_nor_a_late_one(site: Running) -> None:
    secret, _ = enrolled(site)
    assert try_code(site, code_of(site, secret)) == 401  # it confirmed the enrolment
    site.clock.turn(timedelta(seconds=60))
    code = code_of(site, secret)
    assert try_code(site, code) == 303
    assert try_code(site, code) == 401
    assert try_code(site, code_of(site, secret, steps=-1)) == 401
    site.clock.turn(timedelta(minutes=5))
    assert try_code(site, code_of(site, secret, steps=-2)) == 401
    assert try_code(site, code_of(site, secret, steps=1)) == 303


def test_a_recovery_code_works_once_however_it_is_typed_and_is_stored_as_a_fingerprint(site: Running) -> None:
    _, recovery = enrolled(site)
    assert len(set(recovery)) == 10
    assert try_code(site, recovery[0].upper().replace("-", " ")) == 303
    assert try_code(site, recovery[0]) == 401
    with site.database.read() as session:
        stored = repr(session.exec_driver_sql("SELECT * FROM recovery_codes").all())
    assert not [code for code in recovery if code in stored or code.replace("-", "") in stored]


def test_wrong_codes_make_the_next_wait_even_after_the_right_password(site: Running) -> None:
    secret, _ = enrolled(site)
    site.clock.turn(timedelta(seconds=60))
    with site.visitor() as browser:
        asked = half(browser)
        for _ in range(6):
            answer = browser.post("/login/bekraeft", data=asked | {"faktor": "000000"})
            assert answer.status_code == 401
            asked["bevis"] = proof_in(answer.text)
        right = {"faktor": code_of(site, secret)}
        assert browser.post("/login/bekraeft", data=asked | right).status_code == 401


def test_the_second_half_does_not_wait_for_ever_and_belongs_to_one_browser(site: Running) -> None:
    secret, _ = enrolled(site)
    with site.visitor() as browser, site.visitor() as other:
        asked = half(browser)
        assert other.post("/login/bekraeft", data=asked | {"faktor": code_of(site, secret, 1)}).status_code == 403
        site.clock.turn(HALF_LIFE)
        assert browser.post("/login/bekraeft", data=asked | {"faktor": code_of(site, secret)}).status_code == 401


def test_it_is_removed_with_a_code_by_the_user_and_without_one_by_the_administrator(site: Running) -> None:
    _, recovery = enrolled(site)
    with site.database.read() as session:
        user = users.user_called(session, "mette")
    assert user is not None
    with site.visitor() as browser:
        browser.post("/login/bekraeft", data=half(browser) | {"faktor": recovery[0]})
        proof = proof_in(browser.get("/konto").text)
        assert browser.post("/konto/faktor/fjern", data={"bevis": proof, "faktor": "123456"}).status_code == 422
        assert browser.post("/konto/faktor", data={"bevis": proof}).status_code == 400
        assert browser.post("/konto/faktor/fjern", data={"bevis": proof, "faktor": recovery[1]}).status_code == 303
    enrolled(site)
    with site.database.write() as session:
        assert second_factor.is_needed(session, user.number)
        second_factor.reset(session, user.number, site.clock())
        assert second_factors.factor_of(session, user.number) is None


def test_wrong_codes_for_removing_it_are_counted_as_at_the_login(site: Running) -> None:
    secret, _ = enrolled(site)
    site.clock.turn(timedelta(minutes=1))
    with site.database.read() as session:
        user = users.user_called(session, "mette")
        assert user is not None
    for _ in range(5):
        with pytest.raises(NotAllowed):
            second_factor.remove(site.database, user.number, "000000", site.clock())
    with pytest.raises(NotAllowed):
        second_factor.remove(site.database, user.number, code_of(site, secret), site.clock())
    site.clock.turn(timedelta(minutes=1))
    second_factor.remove(site.database, user.number, code_of(site, secret), site.clock())


def test_where_it_is_required_nothing_else_opens_before_it_is_enrolled(town_file: Path, tmp_path: Path) -> None:
    shutil.copy(town_file, tmp_path / "omhu.db")
    clock = Clock()
    settings = settings_of(tmp_path).model_copy(update={"second_factor": "required"})
    with (
        serving(app := create_app(settings, clock=clock)) as address,
        Database.open(settings.state.database_url) as database,
    ):
        site = Running(address, app, database, clock, tmp_path)
        with site.log_in("nord") as browser:
            assert browser.get("/").headers["location"] == "/konto"
            assert browser.get("/tavle").headers["location"] == "/konto"
            page = browser.get("/konto").text
            assert "før du går videre" in page
            proof = proof_in(page)
            found = re.search(r"<code>([A-Z2-7 ]+)</code>", browser.post("/konto/faktor", data={"bevis": proof}).text)
            assert found is not None
            code = code_of(site, found[1].replace(" ", ""))
            browser.post("/konto/faktor/bekraeft", data={"bevis": proof, "faktor": code})
            assert browser.get("/").status_code == 200
