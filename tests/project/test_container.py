"""The container files agree with each other and with the rest of the project.

That the image builds and runs is shown by tests/tools/docker_check.sh, which needs root and time.
"""

import json
import re
from typing import Any

import yaml

from tests.project.tree import PACKAGES, ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def _json_after(instruction: str) -> list[str]:
    found = re.search(rf"^{instruction} (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert found
    return json.loads(found[1])


def _copied_from_the_context() -> set[str]:
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    return {name for sources in copies for name in sources.split()}


def test_the_image_and_the_makefile_pin_the_same_installer() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    pinned = re.search(r"^UV_VERSION := (\S+)$", makefile, re.MULTILINE)
    assert pinned
    assert f"uv=={pinned[1]}\n" in DOCKERFILE


def test_both_stages_stand_on_the_same_python() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(bases) == 2
    assert len(set(bases)) == 1


def test_the_build_sees_exactly_what_it_copies() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert "*" in lines
    assert let_in == _copied_from_the_context()
    assert set(PACKAGES) <= let_in


def test_the_image_runs_the_service_as_a_user_that_is_not_root() -> None:
    assert _json_after("CMD")[:2] == ["omhu", "serve"]
    user = re.findall(r"^USER (\d+):\d+$", DOCKERFILE, re.MULTILINE)
    assert user
    assert user[-1] != "0"
    assert f"--uid {user[-1]} " in DOCKERFILE


def test_the_health_check_asks_the_port_the_image_exposes() -> None:
    exposed = re.search(r"^EXPOSE (\d+)$", DOCKERFILE, re.MULTILINE)
    assert exposed
    assert f"http://127.0.0.1:{exposed[1]}/healthz" in DOCKERFILE
    assert COMPOSE["services"]["omhu"]["ports"] == [f"127.0.0.1:{exposed[1]}:{exposed[1]}"]


def test_composed_services_write_nowhere_but_to_their_volumes() -> None:
    for name in ("init", "omhu"):
        service = COMPOSE["services"][name]
        assert service["read_only"] is True
        assert service["volumes"] == ["state:/data"]
        assert service["cap_drop"] == ["ALL"]


def test_the_composed_service_starts_on_a_migrated_store() -> None:
    services = COMPOSE["services"]
    assert services["init"]["command"] == ["omhu", "init"]
    assert services["omhu"]["depends_on"] == {"init": {"condition": "service_completed_successfully"}}
    assert services["init"]["depends_on"] == {"database": {"condition": "service_healthy"}}
