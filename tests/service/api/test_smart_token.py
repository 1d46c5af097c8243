"""SMART Backend Services: who holds a registered key gets a short token, and nobody else, however they try."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from typer.testing import CliRunner

from models.errors import NotFound, RequestWrong
from service.cli import build
from service.security import smart
from service.security.rights import Permission
from service.security.smart_scopes import ScopeRefused, granted, permissions
from service.storage import audit, clients
from service.storage.database import Database
from tests.service.running import Running
from tests.service.test_closed_routes import listed

KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
RSA = RSAKey.generate_key(2048, {"kid": "r"})
EC = ECKey.generate_key("P-384", {"kid": "e"})
PUBLIC = json.dumps({"keys": [RSA.as_dict(private=False), EC.as_dict(private=False)]})
SCOPES = ("system/RiskAssessment.rs", "system/Patient.rs", "lists:read")
Sign = Callable[..., str]


@pytest.fixture
def registered(running: Running) -> Running:
    """The service with the client `eoj`, of Nord."""
    with running.database.write() as session:
        clients.add(session, "eoj", smart.read_keys(PUBLIC), SCOPES, ["Nord"], running.clock())
    return running


def claims(running: Running, **changed: Any) -> dict[str, Any]:
    now = int(running.clock().timestamp())
    whole = {
        "iss": "eoj",
        "sub": "eoj",
        "aud": f"{running.address}/auth/token",
        "exp": now + 240,
        "iat": now,
        "jti": str(uuid4()),
    }
    return {name: value for name, value in (whole | changed).items() if value is not None}


def signed(running: Running, key: RSAKey | ECKey = EC, *, header: dict[str, Any] | None = None, **changed: Any) -> str:
    algorithm = "ES384" if isinstance(key, ECKey) else "RS384"
    head = {"alg": algorithm, "kid": key.kid, "typ": "JWT"} | (header or {})
    return jwt.encode(head, claims(running, **changed), key, algorithms=[algorithm])


def ask(running: Running, assertion: str, scope: str = "system/RiskAssessment.rs", **changed: str) -> httpx.Response:
    form = {
        "grant_type": "client_credentials",
        "scope": scope,
        "client_assertion_type": KIND,
        "client_assertion": assertion,
    }
    with running.visitor() as nobody:
        return nobody.post("/auth/token", data=form | changed)


def test_the_settings_are_told_where_smart_and_fhir_ask(running: Running) -> None:
    with running.visitor() as nobody:
        told = nobody.get("/.well-known/smart-configuration").json()
        assert told == nobody.get("/fhir/.well-known/smart-configuration").json()
    assert told["token_endpoint"] == f"{running.address}/auth/token"
    assert told["token_endpoint_auth_signing_alg_values_supported"] == ["RS384", "ES384"]


@pytest.mark.parametrize("key", [RSA, EC], ids=["RS384", "ES384"])
def test_a_client_that_signs_gets_a_token_that_reads_for_five_minutes(registered: Running, key: RSAKey | ECKey) -> None:
    answer = ask(registered, signed(registered, key))
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    given = answer.json()
    assert (given["token_type"], given["expires_in"], given["scope"]) == ("bearer", 300, "system/RiskAssessment.rs")
    address = f"/fhir/RiskAssessment?patient=omhu-{listed(registered)}"
    with registered.visitor() as machine:
        machine.headers["Authorization"] = f"Bearer {given['access_token']}"
        assert machine.get(address).json()["total"] == 8
        assert "identifier" not in machine.get(address).json()["entry"][0]["resource"]["subject"]
        assert machine.get("/api/v1/lists").status_code == 403  # registered, but not asked for
        registered.clock.turn(timedelta(minutes=5))
        assert machine.get(address).status_code == 401
    with registered.database.read() as session:
        assert {one.look.actor for one in audit.records(session)} == {"client:1"}
        assert given["access_token"] not in repr(session.exec_driver_sql("SELECT * FROM tokens").all())


def test_an_assertion_is_taken_once(registered: Running) -> None:
    assertion = signed(registered)
    assert [ask(registered, assertion).status_code for _ in range(2)] == [200, 401]
    registered.clock.turn(timedelta(minutes=6))
    assert ask(registered, assertion).status_code == 401
    assert ask(registered, signed(registered)).status_code == 200
    with registered.database.read() as session:
        assert len(session.exec_driver_sql("SELECT * FROM client_assertions").all()) == 1


def test_an_assertion_that_is_not_meant_for_us_now_by_this_client_is_refused(registered: Running) -> None:
    now = int(registered.clock().timestamp())
    wrong: list[dict[str, Any]] = [
        {"iss": "other"}, {"iss": None}, {"iss": 7}, {"sub": "other"}, {"sub": None}, {"aud": "https://other/token"},
        {"aud": None}, {"aud": [7]}, {"exp": None}, {"exp": now}, {"exp": now + 360}, {"exp": "soon"}, {"exp": True},
        {"exp": 9e99}, {"iat": now + 60}, {"nbf": now + 60}, {"jti": None}, {"jti": ""}, {"jti": 7}, {"jti": "x" * 999},
    ]  # fmt: skip
    for one in wrong:
        answer = ask(registered, signed(registered, **one))
        assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"}), one
    assert ask(registered, signed(registered, aud=[f"{registered.address}/auth/token"])).status_code == 200


def test_no_trick_with_the_signature_works(registered: Running) -> None:
    stranger = ECKey.generate_key("P-384", {"kid": "e"})
    whole = signed(registered)
    head, body, mark = whole.split(".")
    tricks = {
        "a stranger's key": signed(registered, stranger),
        "a key nobody registered": signed(registered, ECKey.generate_key("P-384", {"kid": "n"})),
        "no name of a key": jwt.encode({"alg": "ES384"}, claims(registered), EC, algorithms=["ES384"]),
        "RS256": jwt.encode({"alg": "RS256", "kid": "r"}, claims(registered), RSA, algorithms=["RS256"]),
        "a shared secret": jwt.encode(
            {"alg": "HS256", "kid": "r"}, claims(registered), OctKey.import_key("s" * 32), algorithms=["HS256"]
        ),
        "nothing signed": f"{encoded({'alg': 'none', 'kid': 'e'})}.{body}.",
        "an empty mark": f"{head}.{body}.",
        "the public key as a secret": confused(claims(registered)),
        "another key's name": signed(registered, EC, header={"kid": "r"}),
        "a changed body": f"{head}.{encoded(claims(registered, sub='other'))}.{mark}",
        "no token at all": "x",
        "not even text": "æ.ø.å",
    }
    for trick, assertion in tricks.items():
        assert ask(registered, assertion).status_code == 401, trick


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def confused(told: dict[str, Any]) -> str:
    """Signed with HMAC, the public key's own text as the secret."""
    begin = f"{encoded({'alg': 'HS384', 'kid': 'r'})}.{encoded(told)}"
    mark = hmac.new(RSA.as_pem(private=False), begin.encode(), hashlib.sha384).digest()
    return f"{begin}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"


def test_what_is_asked_for_otherwise_is_refused_in_the_words_of_oauth(registered: Running) -> None:
    def error(scope: str = "lists:read", **changed: str) -> tuple[int, str]:
        answer = ask(registered, signed(registered), scope, **changed)
        return answer.status_code, answer.json()["error"]

    assert error("system/Bundle.c") == (400, "invalid_scope")
    assert error("") == (400, "invalid_scope")
    assert error(grant_type="password") == (400, "unsupported_grant_type")
    assert error(grant_type="") == (400, "invalid_request")
    assert error(client_assertion_type="x") == (400, "invalid_client")
    assert error(client_assertion="") == (400, "invalid_request")
    assert error(scope="x" * 40_000) == (400, "invalid_request")


def test_an_ended_client_gets_nothing_and_its_tokens_end(registered: Running) -> None:
    given = ask(registered, signed(registered), "lists:read").json()["access_token"]
    with registered.database.write() as session:
        clients.end(session, "eoj", registered.clock())
        with pytest.raises(NotFound):
            clients.end(session, "eoj", registered.clock())
    with registered.visitor() as machine:
        assert machine.get("/api/v1/lists", headers={"Authorization": f"Bearer {given}"}).status_code == 401
    assert ask(registered, signed(registered)).status_code == 401


def test_scopes_are_the_clients_own_and_the_old_words_are_understood() -> None:
    assert granted("system/*.rs", SCOPES) == ("system/Patient.rs", "system/RiskAssessment.rs")
    assert granted("system/RiskAssessment.read lists:read", SCOPES) == ("lists:read", "system/RiskAssessment.rs")
    assert permissions(SCOPES) == {Permission.READ_SCORES, Permission.READ_IDENTIFIERS, Permission.READ_LISTS}
    for unheard in ("system/RiskAssessment.cruds", "system/*.*", "user/RiskAssessment.rs", "loads:write"):
        with pytest.raises(ScopeRefused):
            granted(unheard, SCOPES)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("nonsense", "no JSON Web Key Set"),
        ('{"keys": 7}', "no JSON Web Key Set"),
        (json.dumps(KeySet([EC]).as_dict(private=True)), "private key"),
        (json.dumps({"keys": [OctKey.import_key("s" * 32, {"kid": "o"}).as_dict()]}), "private key"),
        (json.dumps({"keys": [ECKey.generate_key("P-256", {"kid": "p"}).as_dict(private=False)]}), "too weak"),
        (json.dumps({"keys": [EC.as_dict(private=False), EC.as_dict(private=False)]}), "kid of its own"),
        ('{"keys": []}', "no JSON Web Key Set"),
    ],
)
def test_keys_that_prove_nothing_are_not_registered(written: str, words: str) -> None:
    with pytest.raises(RequestWrong, match=words):
        smart.read_keys(written)


def test_clients_are_registered_told_and_ended_at_the_command_line(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OMHU_DATABASE_URL", sqlite_url)
    (tmp_path / "keys.json").write_text(PUBLIC, encoding="utf-8")

    def omhu(*words: str) -> str:
        return CliRunner().invoke(build(), ["client", *words], catch_exceptions=False).stdout

    words = ("add", "eoj", "--jwks", str(tmp_path / "keys.json"), "--scope")
    assert "registered" in omhu(*words, "system/RiskAssessment.rs", "--district", "Nord")
    with pytest.raises(RequestWrong, match="of that name"):
        omhu(*words, "system/RiskAssessment.rs")
    with pytest.raises(RequestWrong, match="no scope"):
        omhu(*words, "system/everything.cruds")
    assert "Nord" in omhu("list")
    assert "ended" in omhu("end", "eoj")
    with Database.open(sqlite_url) as database, database.read() as session:
        assert [(one.name, one.ended_at is None) for one in clients.every(session)] == [("eoj", False)]
