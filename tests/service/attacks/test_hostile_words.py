"""Words that are orders somewhere, typed into every field and address: nowhere obeyed, nowhere an error of ours."""

from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import quote

import httpx
import pytest

from service.security.rights import SCOPES, Permission
from service.security.secrets import form_proof
from tests.service.attacks.places import RIGHT, fields, hostile_addresses, hostile_questions, page_of
from tests.service.running import Running, proof_in
from tests.service.test_closed_routes import OF_MACHINES, OPEN, filled, routes

MARK = "xzq7"
WORDS = (
    f"{MARK}' OR '1'='1'; DROP TABLE users;--",
    f'{MARK}") UNION SELECT password, secret FROM users--',
    f"{MARK}{{{{7*7}}}}{{% include '/etc/passwd' %}}${{7*7}}%(n)s%s%n",
    f"<script>{MARK}</script>\"'><img src=x onerror=alert(1)>",
    f"{MARK}\r\nSet-Cookie: stolen=1\r\n\r\n<html>",
    f"{MARK}\0/../../../../etc/passwd",
    f"{MARK}\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "9" * 5000,
    "-1",
    "99999999999999999999",
    "²",
    "../../../../etc/passwd",
)


@pytest.fixture(params=["running", "running_on_postgresql"])
def site(request: pytest.FixtureRequest) -> Running:
    """The town on each engine: they choke on different things."""
    return request.getfixturevalue(request.param)


def drivers(site: Running, methods: set[str]) -> Iterator[tuple[httpx.Client, str, str]]:
    """Every route of these methods with the client who gets furthest in it."""
    with ExitStack() as opened:
        machine = opened.enter_context(site.machine(*map(Permission, SCOPES)))
        nobody = opened.enter_context(site.visitor())
        users = {
            name: opened.enter_context(site.log_in(name)) for name in ("nord", "leder", "administrator", "revisor")
        }
        found = set(routes(site.app)) - {("POST", "/logout"), ("GET", "/readyz")}
        # The administrator last: she ends accounts.
        for method, pattern in sorted(found, key=lambda one: (one[1].startswith("/administration"), one)):
            if method not in methods:
                continue
            if pattern.startswith(OF_MACHINES):
                yield machine, method, pattern
            elif (method, pattern) in OPEN:
                yield nobody, method, pattern
            else:
                begins = {"/administration": "administrator", "/log": "revisor", "/borger": "nord"}
                name = next((one for begin, one in begins.items() if pattern.startswith(begin)), "leder")
                yield users[name], method, pattern


def words(site: Running) -> tuple[str, ...]:
    """All of them on SQLite; on PostgreSQL those that it may choke on."""
    return WORDS if site.database.engine.dialect.name == "sqlite" else WORDS[5:10]


def harmless(answer: httpx.Response) -> bool:
    """No error of ours, no header that was ordered, nothing put into a page as it was sent."""
    text = answer.text
    if answer.status_code == 503 and answer.request.url.path == "/api/v1/quality":
        return True  # the town has no snapshot to judge
    page = answer.headers.get("content-type", "").startswith("text/html")
    written = page and ("<script>xzq7" in text or "onerror=alert(1)>" in text or f"{MARK}49" in text)
    return answer.status_code < 500 and "stolen" not in answer.headers.get("set-cookie", "") and not written


def proof_for(client: httpx.Client, pattern: str) -> str:
    """What a form sent to the pattern needs, so that the words get past the door: a session's own, or a page's."""
    if pattern.startswith((*OF_MACHINES, "/auth")):
        return ""
    secret = client.cookies.get("omhu")
    return form_proof(secret) if secret else proof_in(client.get(page_of(pattern)).text)


def test_no_word_in_an_address_is_obeyed(site: Running) -> None:
    broken: set[tuple[str, str, str, int]] = set()
    for client, method, pattern in drivers(site, {"GET", "POST", "DELETE"}):
        for word in words(site):
            for address in hostile_addresses(pattern, quote(word, safe="")):
                sent = {"bevis": proof_for(client, pattern)} if method == "POST" else None
                answer = client.request(method, address, data=sent)
                if not harmless(answer):
                    broken.add((method, pattern, word[:20], answer.status_code))
    assert not broken, sorted(broken)


def test_no_word_in_a_parameter_is_obeyed(site: Running) -> None:
    broken: set[tuple[str, str, str, int]] = set()
    for client, _, pattern in drivers(site, {"GET"}):
        address = filled(pattern, site)
        for word in words(site):
            for asked in hostile_questions(pattern, word):
                answer = client.get(address, params=asked)
                if not harmless(answer):
                    broken.add((pattern, " ".join(asked)[:30], word[:20], answer.status_code))
    assert not broken, sorted(broken)


def test_no_word_in_a_field_of_a_form_is_obeyed(site: Running) -> None:
    broken: set[tuple[str, str, int]] = set()
    for client, method, pattern in drivers(site, {"POST"}):
        address = filled(pattern, site)
        for word in words(site):
            sent = dict.fromkeys(fields(pattern), word) | {"bevis": proof_for(client, pattern)} | RIGHT.get(pattern, {})
            answer = client.request(method, address, data=sent)
            if not harmless(answer):
                broken.add((pattern, word[:20], answer.status_code))
    assert not broken, sorted(broken)
