"""Login at an identity provider: a real one on loopback, and one that lies."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from models.errors import NotAllowed, SystemWrong
from service.app import create_app
from service.security import oidc
from service.security.rights import Role
from service.settings import Settings
from service.storage import audit, users
from service.storage.database import Database
from tests.service.conftest import settings_of
from tests.service.running import Clock, Running, serving

NURSE: dict[str, object] = {
    "sub": "anna",
    "preferred_username": "anna",
    "roles": ["omhu-spl", "andet"],
    "districts": ["101"],
    "teams": [],
}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The identity provider; anybody may say there who they are."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    # A process of its own: it warns of what is going away in its own libraries, and here a warning is a failure.
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield answering(f"http://localhost:{port}")
        finally:
            process.terminate()


def answering(address: str) -> str:
    """The address, once somebody answers there; within half a minute."""
    for _ in range(300):
        try:
            httpx.get(f"{address}/.well-known/openid-configuration").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return address
    raise AssertionError("the identity provider does not answer")


@pytest.fixture
def settings(provider: str, tmp_path: Path, town_file: Path) -> Settings:
    (tmp_path / "omhu.db").write_bytes(town_file.read_bytes())
    told = {
        "oidc_issuer": provider,
        "oidc_client_id": "omhu",
        "oidc_client_secret": SecretStr("hemmelig"),
        "oidc_roles": {"omhu-spl": Role.NURSE, "omhu-adm": Role.ADMINISTRATOR},
        "oidc_districts": {"101": "Nord", "102": "Syd"},
        "public_address": "http://127.0.0.1:1",
    }
    return settings_of(tmp_path).model_copy(update=told)


@pytest.fixture
def site(settings: Settings, tmp_path: Path) -> Generator[Running]:
    """The service with that provider, at the time it is, by which the provider signs."""
    clock = Clock(datetime.now(UTC))
    app = create_app(settings, clock=clock)
    with serving(app) as address, Database.open(settings.state.database_url) as database:
        yield Running(address, app, database, clock, tmp_path)


def tell(provider: str, claims: dict[str, object]) -> None:
    """Let the provider say this of a person."""
    httpx.put(f"{provider}/users/{claims['sub']}", json=claims).raise_for_status()


@contextmanager
def back_from(site: Running, provider: str, subject: str) -> Generator[tuple[httpx.Client, dict[str, str]]]:
    """A browser on its way back from the provider, and the answer it carries."""
    with site.visitor() as browser:
        begun = browser.get("/login/oidc")
        assert begun.status_code == 303
        there = httpx.post(begun.headers["location"], data={"sub": subject})
        assert there.status_code in {302, 303}, there.text
        query = parse_qs(urlsplit(there.headers["location"]).query)
        yield browser, {name: values[0] for name, values in query.items()}


def come_back(browser: httpx.Client, answer: dict[str, str]) -> httpx.Response:
    return browser.get(f"{oidc.RETURN_PATH}?{urlencode(answer)}")


def test_whom_the_provider_names_gets_the_rights_that_are_claimed(site: Running, provider: str) -> None:
    tell(provider, NURSE)
    with back_from(site, provider, "anna") as (browser, answer):
        assert come_back(browser, answer).status_code == 303
        page = browser.get("/").text
        assert "Nord" in page
    with site.database.read() as session:
        user = users.user_called(session, "anna")
        actions = [one.look.action for one in audit.records(session)]
    assert user is not None
    assert (user.role, user.districts, user.teams, user.password) == (Role.NURSE, {"Nord"}, frozenset(), None)
    assert "login.oidc" in actions
    tell(provider, NURSE | {"districts": ["102", "999"], "teams": ["Team 1"]})
    with back_from(site, provider, "anna") as (browser, answer):
        come_back(browser, answer)
    with site.database.read() as session:
        again = users.user_called(session, "anna")
    assert again is not None
    assert (again.number, again.districts, again.teams) == (user.number, {"Syd"}, {"Team 1"})


def test_the_way_there_carries_state_nonce_and_a_challenge_and_no_secret(site: Running, provider: str) -> None:
    with site.visitor() as browser:
        begun = browser.get("/login/oidc")
    query = parse_qs(urlsplit(begun.headers["location"]).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["response_type"] == ["code"]
    cookie = next(one for one in begun.headers.get_list("set-cookie") if one.startswith("omhu_oidc="))
    secret = re.findall(r"omhu_oidc=([\w-]+)", cookie)[0]
    assert secret not in begun.headers["location"]
    assert "httponly" in cookie.lower()
    assert len({query[name][0] for name in ("state", "nonce", "code_challenge")}) == 3


def test_an_answer_to_another_browser_or_with_another_state_opens_nothing(site: Running, provider: str) -> None:
    tell(provider, NURSE)
    with back_from(site, provider, "anna") as (browser, answer):
        with site.visitor() as other:
            assert come_back(other, answer).status_code == 401
        assert come_back(browser, answer | {"state": "x"}).status_code == 401
        assert browser.get("/").status_code == 303


def test_an_answer_is_taken_once(site: Running, provider: str) -> None:
    tell(provider, NURSE)
    with back_from(site, provider, "anna") as (browser, answer):
        cookie = dict(browser.cookies)
        assert come_back(browser, answer).status_code == 303
        with site.visitor() as again:
            again.cookies.update(cookie)
            assert come_back(again, answer).status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"roles": []},
        {"roles": ["andet"]},
        {"roles": ["omhu-spl", "omhu-adm"]},
        {"districts": ["999"]},
        {"districts": None},
    ],
)
def test_who_has_no_role_or_no_district_by_the_claims_is_refused_and_logged(
    site: Running, provider: str, claims: dict[str, object]
) -> None:
    tell(provider, NURSE | {"sub": "bo", "preferred_username": "bo"} | claims)
    with back_from(site, provider, "bo") as (browser, answer):
        assert come_back(browser, answer).status_code == 401
    with site.database.read() as session:
        assert users.user_called(session, "bo") is None
        last = audit.last(session)
    assert last is not None
    assert (last.look.action, last.look.result, last.look.actor) == ("login.oidc", "refused", "nobody")


def test_a_claim_takes_over_no_local_account_and_brings_back_no_ended_one(site: Running, provider: str) -> None:
    tell(provider, NURSE | {"sub": "x", "preferred_username": "nord"})
    with back_from(site, provider, "x") as (browser, answer):
        assert come_back(browser, answer).status_code == 401
    tell(provider, NURSE)
    with back_from(site, provider, "anna") as (browser, answer):
        come_back(browser, answer)
    with site.database.write() as session:
        users.end_user(session, "anna", site.clock())
    with back_from(site, provider, "anna") as (browser, answer):
        assert come_back(browser, answer).status_code == 401


def test_a_token_of_another_login_another_client_or_another_time_is_not_relied_on(
    settings: Settings, site: Running, provider: str
) -> None:
    tell(provider, NURSE)
    with back_from(site, provider, "anna") as (browser, answer):
        secret = browser.cookies["omhu_oidc"]
    metadata = httpx.get(f"{provider}/.well-known/openid-configuration").json()
    token, now = oidc._token(settings, metadata, answer["code"], secret), site.clock()
    nonce = oidc._derived(secret, "nonce")
    assert oidc._verified(settings, metadata, token, nonce, now)["sub"] == "anna"
    forged = {**token, "id_token": token["id_token"][:-6] + "AAAAAA"}
    stranger = settings.model_copy(update={"oidc_client_id": "another"})
    for wrong in (
        (settings, token, "another nonce", now),
        (stranger, token, nonce, now),
        (settings, token, nonce, now.replace(year=now.year + 1)),
        (settings, forged, nonce, now),
        (settings, {"id_token": "no token"}, nonce, now),
    ):
        with pytest.raises(NotAllowed):
            oidc._verified(wrong[0], metadata, wrong[1], wrong[2], wrong[3])


def test_without_a_provider_there_is_no_such_way_in(running: Running) -> None:
    with running.visitor() as browser:
        assert "/login/oidc" not in browser.get("/login").text
        assert browser.get("/login/oidc").status_code == 403
        assert browser.get(oidc.RETURN_PATH).status_code == 401


def test_a_provider_that_is_silent_or_calls_itself_otherwise_is_said_so(settings: Settings, provider: str) -> None:
    for issuer in ("http://127.0.0.1:1", f"{provider}/"):
        with pytest.raises(SystemWrong, match="identity provider"):
            oidc.address_to_begin(settings.model_copy(update={"oidc_issuer": issuer}), "secret")
