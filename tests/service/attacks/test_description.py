"""The whole API as it describes itself, asked in ways nobody would think of, with every right and with none."""

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.result import Ok

from service.security.rights import SCOPES, Permission
from tests.service.invented_lists import name_of
from tests.service.running import Running

FEW = settings(
    max_examples=3,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large),
)
OPEN = {"/healthz", "/readyz", "/fhir/metadata", "/auth/token"}
UNREADY = {"/readyz", "/api/v1/quality"}
"""What says 503 in a town without a model and without a snapshot."""


@pytest.mark.parametrize("with_rights", [True, False])
def test_no_question_that_fits_the_description_is_an_error_of_ours_or_tells_a_stranger_anything(
    running: Running, *, with_rights: bool
) -> None:
    broken: list[tuple[str, int]] = []
    asked: set[str] = set()
    with running.machine(*map(Permission, SCOPES)) as machine, running.visitor() as nobody:
        described: dict[str, Any] = machine.get("/api/v1/openapi.json").json()
        client = machine if with_rights else nobody
        schema = schemathesis.openapi.from_dict(described)
        for operation in schema.get_all_operations():
            assert isinstance(operation, Ok)
            one = operation.ok()

            @FEW
            @given(case=one.as_strategy())
            def ask(case: Any) -> None:
                sent = case.as_transport_kwargs(base_url=running.address)
                answer = send(client, sent)
                asked.add(case.path)
                foreseen = str(answer.status_code) in case.operation.definition.raw["responses"]
                unready = answer.status_code == 503 and case.path in UNREADY
                stranger = not with_rights and case.path not in OPEN and ".well-known" not in case.path
                if answer.status_code >= 500 and not unready:
                    broken.append((f"{case.method} {case.path}", answer.status_code))
                if stranger and answer.status_code not in {401, 404, 405}:
                    broken.append((f"{case.method} {case.path}", answer.status_code))
                if not foreseen and answer.status_code not in {400, 401, 403, 404, 405, 406, 412, 415, 422, 503}:
                    broken.append((f"undescribed {case.method} {case.path}", answer.status_code))
                if any(name_of(key) in answer.text for key in (1001, 1002, 2001)):
                    broken.append((f"a name: {case.path}", answer.status_code))

            ask()
    assert not sorted(set(broken))
    assert len(asked) > 10


def send(client: httpx.Client, sent: dict[str, Any]) -> httpx.Response:
    """The question over the wire; what no client could send at all counts as refused."""
    known = {name: value for name, value in sent.items() if name in {"json", "data", "params"}}
    body = str(sent["files"]) if sent.get("files") else known.pop("data", None)
    if isinstance(body, str | bytes):
        known["content"] = body
    elif body is not None:
        known["data"] = body
    headers = {name: value for name, value in (sent.get("headers") or {}).items() if name.lower() != "authorization"}
    try:
        return client.request(sent["method"], sent["url"], headers=headers, **known)
    except (httpx.InvalidURL, UnicodeEncodeError, ValueError, httpx.LocalProtocolError):
        return httpx.Response(400)
