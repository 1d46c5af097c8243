"""The container files agree with each other and with the rest of the project.

That the image builds and runs is shown by tests/tools/docker_check.sh, which needs root and time.
"""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.project.tree import PACKAGES, ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]


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
    caddyfile = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    assert f"reverse_proxy omhu:{exposed[1]} " in caddyfile


def test_extras_are_chosen_when_the_image_is_built_and_stand_in_its_list_of_parts() -> None:
    assert re.search(r"^ARG EXTRAS=$", DOCKERFILE, re.MULTILINE)
    steps = re.findall(r"uv (?:sync|export) --frozen .*", DOCKERFILE)
    assert len(steps) == 3
    assert [step for step in steps if '"$@"' not in step or "--no-dev" not in step] == []
    assert any("cyclonedx" in step and "/opt/omhu/" in step for step in steps)


def test_composed_services_of_ours_write_nowhere_but_to_their_volumes() -> None:
    ours = {name for name, service in SERVICES.items() if service["image"] == "omhu"}
    assert ours == {"init", "omhu", "worker", "watch", "mlflow"}
    for name in ours | {"proxy"}:
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    for name in ("init", "omhu", "worker"):
        assert SERVICES[name]["volumes"] == ["state:/data"]


def test_the_composed_service_starts_on_a_migrated_store() -> None:
    assert SERVICES["init"]["command"] == ["omhu", "init"]
    assert SERVICES["init"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    for name in ("omhu", "worker", "watch"):
        assert SERVICES[name]["depends_on"] == {"init": {"condition": "service_completed_successfully"}}


def test_every_composed_command_is_one_there_is() -> None:
    commands = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    for name in ("init", "omhu", "worker", "watch"):
        program, command, *rest = SERVICES[name]["command"]
        about = commands.partition(f"## {program} {command}\n")[2].partition("\n## ")[0]
        assert about
        assert [option for option in rest if option.startswith("--") and f"`{option}" not in about] == []


def test_only_the_proxy_can_be_reached_and_only_it_reaches_out() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert [name for name, service in SERVICES.items() if service["networks"] != ["inside"]] == ["proxy"]


def test_mlflow_answers_to_the_name_it_is_asked_by_and_keeps_its_files_in_a_volume() -> None:
    asked = COMPOSE["x-omhu"]["environment"]["MLFLOW_TRACKING_URI"].removeprefix("http://")
    command = SERVICES["mlflow"]["command"]
    assert f"--allowed-hosts={asked}" in command
    (volume,) = SERVICES["mlflow"]["volumes"]
    assert f"--artifacts-destination={volume.partition(':')[2]}/artifacts" in command


def test_no_secret_stands_in_the_surroundings_and_each_that_is_used_is_made() -> None:
    words = re.compile(r"PASSWORD|SECRET|DATABASE_URL")
    given = [name for service in SERVICES.values() for name in service.get("environment", {}) if words.search(name)]
    assert given
    assert [name for name in given if not name.endswith("_FILE")] == []
    script = (ROOT / "deploy" / "make_secrets.sh").read_text(encoding="utf-8")
    files = [secret["file"] for secret in COMPOSE["secrets"].values()]
    assert [file for file in files if f"$folder/{file.removeprefix('deploy/secrets/')}" not in script] == []
    used = {secret for service in SERVICES.values() for secret in service.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])


def test_the_proxy_serves_the_municipalitys_certificate_and_asks_nobody_for_one() -> None:
    caddyfile = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    assert "tls /run/secrets/certificate /run/secrets/certificate_key" in caddyfile
    assert {"auto_https disable_certs", "ocsp_stapling off", "admin off"} <= {
        one.strip() for one in caddyfile.splitlines()
    }
    assert "header_up X-Forwarded-For {remote_host}" in caddyfile
    assert "--behind-tls" in SERVICES["omhu"]["command"]


def test_the_secrets_are_made_once_and_kept_from_others(tmp_path: Path) -> None:
    script = tmp_path / "make_secrets.sh"
    script.write_bytes((ROOT / "deploy" / "make_secrets.sh").read_bytes())
    before: dict[str, bytes] = {}
    for _ in range(2):
        subprocess.run(["sh", str(script), "omhu.example"], check=True, capture_output=True)
        made = {file.name: file.read_bytes() for file in (tmp_path / "secrets").iterdir()}
        assert before in ({}, made)
        before = made
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    assert before["database_password"].strip() in before["database_url"]
    assert set(before) == {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
