"""What the service imports and writes while it runs: little, and nothing personal."""

import json
import subprocess
import sys

import httpx
import structlog

from service.logs import ALLOWED, only_allowed, set_up
from service.security.rights import Permission
from tests.service.running import Running
from tests.service.test_closed_routes import filled, routes

HEAVY = {"mlflow", "lightgbm", "numba", "sklearn", "pandas", "pyarrow", "numpy", "matplotlib"}


def test_importing_and_making_the_app_loads_nothing_heavy_and_opens_nothing() -> None:
    program = (
        "import sys, service.app, service.settings;"
        "service.app.create_app(service.settings.Settings.read({'OMHU_HOME': '/nowhere/at/all'}));"
        f"print(sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_makes_a_list_loads_nothing_that_fits_a_model_reads_notes_or_migrates() -> None:
    unwanted = {"sklearn", "pandas", "matplotlib", "mlflow", "pyspark", "alembic", "models.notes.reader"}
    program = f"import sys, service.weekly.listing; print(sorted({unwanted!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_log_has_listed_keys_only() -> None:
    line = only_allowed(
        None, "info", {"event": "request", "name": "Inger", "citizen": 7, "route": "/", "text": "tør mund"}
    )
    assert line == {"event": "request", "route": "/"}
    assert not {"name", "citizen", "path", "url", "text", "message", "exception"} & ALLOWED


def test_no_log_line_of_any_route_or_error_holds_a_name_a_reference_or_a_code(running: Running, capfd: object) -> None:
    read = getattr(capfd, "readouterr")  # noqa: B009 - its type is private to pytest
    set_up()
    try:
        reference = filled("{reference}", running)
        with running.log_in("nord") as nurse, running.machine(Permission.READ_LISTS) as machine:
            walk(running, nurse)
            walk(running, machine)
            with running.database.write() as session:
                session.exec_driver_sql("DROP TABLE reviews")
            assert nurse.get("/").status_code == 500
            nurse.get(f"/borger/{reference}")
    finally:
        structlog.reset_defaults()
    written = read().err
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    assert {"/borger/{reference}", "/"} <= {line.get("route") for line in lines}
    assert any(line["event"] == "broken" for line in lines)
    for secret in ("Sentinel", "Drikker", reference, "kode=", "SELECT", "/tmp/"):
        assert secret not in written, secret


def walk(running: Running, client: httpx.Client) -> None:
    """Ask for every route that can be read."""
    for method, pattern in sorted(routes(running.app)):
        if method == "GET":
            client.get(filled(pattern, running))
