"""The API's description: what it promised when it was last written down, and nothing else."""

import difflib
import json
from pathlib import Path

from service.security.rights import Permission
from tests.service.running import Running
from tests.tools.write_reference import openapi

SNAPSHOT = Path(__file__).with_name("openapi.json")
OPEN = {"/healthz", "/readyz", "/fhir/metadata", "/auth/token"}


def test_the_description_is_the_one_written_down() -> None:
    was, now = SNAPSHOT.read_text(encoding="utf-8").splitlines(), openapi().splitlines()
    changed = list(difflib.unified_diff(was, now, "written down", "now", n=1, lineterm=""))
    assert not changed, "\n".join(["If this is meant, run `make docs` and write it into docs/api.md:", *changed[:80]])


def test_what_is_written_down_is_what_the_service_tells(running: Running) -> None:
    with running.machine(Permission.READ_LISTS) as machine:
        assert machine.get("/api/v1/openapi.json").json() == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_every_operation_is_named_once_and_says_how_it_can_fail() -> None:
    paths: dict[str, dict[str, dict[str, object]]] = json.loads(openapi())["paths"]
    operations = [(path, told) for path, methods in paths.items() for told in methods.values()]
    names = [told["operationId"] for _, told in operations]
    assert len(names) == len(set(names))
    for path, told in operations:
        if path not in OPEN and ".well-known" not in path:
            responses = told["responses"]
            assert isinstance(responses, dict)
            assert {"401", "403"} <= set(responses), path
            assert told["security"], path
