"""What whoever is on call asks: figures without a person in them, and a readiness that tells the truth."""

import json
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from prometheus_client.parser import text_string_to_metric_families

from models.features.catalogue import CATALOGUE
from models.scoring import bundle, champion
from models.scoring.champion import Champion, Gate
from service.operation.model_check import GATES, ModelCheck
from service.security.rights import Permission
from service.storage import loads, runs, uploads
from service.storage.times import stored
from service.storage.uploads import Upload
from tests.models import fitted
from tests.service.invented_lists import NOW
from tests.service.running import Running
from tests.service.test_closed_routes import filled, listed


def sampled(text: str) -> dict[tuple[str, ...], float]:
    """The samples of a scrape, by name and label values."""
    families = text_string_to_metric_families(text)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def install(home: Path, version: str = "1") -> Path:
    """Put a champion that was really fitted in place; gives its folder."""
    source = home / "made"
    bundle.write(source, fitted.manifest(CATALOGUE.fingerprint), fitted.model(), fitted.rows(40, seed=5), "# Card\n")
    named = Champion(version=version, run_id="r", tracking_uri="sqlite:///x", registry_stamp="", gate="passed")
    champion.install(home / "bundles", named, source)
    return named.folder(home / "bundles")


def test_requests_are_counted_by_pattern_and_status_and_name_nobody(running: Running) -> None:
    address = filled("/borger/{reference}", running)
    with running.log_in("nord") as nurse, running.machine(Permission.READ_METRICS) as machine:
        nurse.get(address)
        nurse.get("/nowhere/at/all")
        nurse.request("PROPFIND", "/")
        machine.get("/metrics")
        answer = machine.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    samples = sampled(answer.text)
    assert samples["omhu_requests_total", "GET", "/borger/{reference}", "200"] == 1
    assert samples["omhu_request_seconds_count", "/borger/{reference}"] == 1
    assert samples["omhu_requests_total", "GET", "/metrics", "200"] == 1
    assert {one[1] for one in samples if one[0] == "omhu_requests_total"} == {"GET", "POST", "other"}
    told = {word for sample in samples for word in sample}  # not the values: a duration may hold any digits
    for secret in (address.rsplit("/", 1)[-1], str(listed(running)), "Nord", "Sentinel", "nowhere"):
        assert not [word for word in told if secret in word], secret


def test_the_state_of_the_store_is_told(running: Running) -> None:
    due = NOW - timedelta(hours=3)
    with running.database.write() as session:
        number = loads.begin(session, "drop", "live", stored(due))
        loads.finish(session, number, "loaded", stored(due), None)
        uploads.add_upload(session, Upload("u", "token:1", due, "received"))
        runs.claim(session, "list", due, "one", due)
        runs.end(session, "list", due, "one", due, runs.State.FAILED, "x")
    with running.machine(Permission.READ_METRICS) as machine:
        samples = sampled(machine.get("/metrics").text)
    assert samples["omhu_data_age_seconds",] == 3 * 3600
    assert samples["omhu_list_age_seconds", "shown"] == (4 * 60 + 20) * 60
    assert ("omhu_list_age_seconds", "silent") not in samples
    assert samples["omhu_loads", "loaded"] == 1
    assert samples["omhu_job_runs", "list", "failed"] == 1
    assert samples["omhu_uploads_unfinished",] in {0, 1}  # the worker may have taken it up by now
    assert not [name for name in samples if name[0] == "omhu_model"]


def test_drift_and_the_gate_are_told_without_a_district(running: Running) -> None:
    raised = {"raised": True, "since": "2026-11-09", "streak": 0, "measured": "2026-11-16", "value": 1.5}
    quiet = {"raised": False, "since": None, "streak": 1, "measured": "2026-11-16", "value": 0.07}
    states = {"volume:Nord": raised, "lateness:Nord": raised, "volume:Syd": raised, "scores": quiet}
    with running.machine(Permission.READ_METRICS) as machine:
        before = sampled(machine.get("/metrics").text)
        (running.home / "drift.json").write_text(json.dumps(states), encoding="utf-8")
        install(running.home)
        after, text = sampled(machine.get("/metrics").text), machine.get("/metrics").text
        (running.home / "drift.json").write_text("{", encoding="utf-8")
        damaged = sampled(machine.get("/metrics").text)
    assert not [name for name in before if name[0].startswith(("omhu_drift", "omhu_score", "omhu_gate"))]
    counts = {name[1]: count for name, count in after.items() if name[0] == "omhu_drift_alarms"}
    assert counts == {"features": 0, "code": 0, "concern": 0, "volume": 2, "lateness": 1, "scores": 0}
    assert after["omhu_score_drift",] == 0.07
    assert after["omhu_drift_age_days",] == 7
    assert {name[1]: held for name, held in after.items() if name[0] == "omhu_gate"} == {
        "passed": 1, "accepted": 0, "returned": 0, "unknown": 0,
    }  # fmt: skip
    assert "Nord" not in text
    assert ("omhu_score_drift",) not in damaged


def test_the_gates_states_are_those_a_copy_can_hold() -> None:
    assert get_args(Gate) == GATES


def test_figures_need_a_right_of_their_own(running: Running) -> None:
    others = [one for one in Permission if ":" in one and one is not Permission.READ_METRICS]
    with running.visitor() as nobody, running.machine(*others) as machine:
        assert nobody.get("/metrics").status_code == 401
        assert machine.get("/metrics").status_code == 403


def test_ready_only_with_a_store_of_this_version_and_a_model_that_scores_as_it_did(running: Running) -> None:
    with running.visitor() as nobody, running.machine(Permission.READ_METRICS) as machine:
        assert nobody.get("/healthz").json() == {"status": "ok"}
        assert nobody.get("/readyz").json() == {"status": "unready", "store": "ok", "model": "missing"}
        folder = install(running.home)
        while nobody.get("/readyz").json()["model"] == "checking":
            pass
        assert nobody.get("/readyz").status_code == 200
        assert sampled(machine.get("/metrics").text)["omhu_model", "1"] == 1
        with running.database.write() as session:
            session.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        assert nobody.get("/readyz").json() == {"status": "unready", "store": "missing", "model": "ok"}
        (folder / "reference_rows.json").write_text("{}", encoding="utf-8")
        while nobody.get("/readyz").json()["model"] == "checking":
            pass
        assert nobody.get("/readyz").json()["model"] == "refused"


@pytest.mark.parametrize("written", ["{", "[]", "{}", '{"version": "7"}'])
def test_a_copy_that_is_not_whole_is_no_model(tmp_path: Path, written: str) -> None:
    (tmp_path / "champion.json").write_text(written, encoding="utf-8")
    assert ModelCheck(tmp_path).found(0) == "missing"


def test_a_check_that_takes_longer_is_told_as_under_way(tmp_path: Path) -> None:
    install(tmp_path)
    check = ModelCheck(tmp_path / "bundles")
    assert check.found(0.001) == "checking"
    assert check.found(100) == "ok"
