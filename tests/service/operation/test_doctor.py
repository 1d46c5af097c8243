"""What is wrong is said in words with what to do, each thing by itself; what is right is said to be right."""

import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from service.operation.doctor import Finding, Level, Patient, examine
from service.operation.jobs import JOBS
from service.operation.worker import last_due
from service.storage import runs, webhooks
from service.storage.database import Database
from service.storage.runs import State
from service.weekly.making import find_or_make
from tests.service.conftest import add_users, settings_of
from tests.service.tiny_town import NOW, SECOND, TinyTown, quiet


def found(database: Database, folder: Path) -> list[Finding]:
    return list(examine(Patient(settings_of(folder), database, NOW)))


def wrong(findings: Iterable[Finding]) -> dict[str, str]:
    return {finding.about: finding.told for finding in findings if finding.level is Level.WRONG}


@pytest.fixture
def healthy(tiny_town: TinyTown, tmp_path: Path) -> TinyTown:
    """An installation with everything in place: this week's list, a worker that did its jobs, users."""
    town = tiny_town.copied(tmp_path / "home")
    town.folder.chmod(0o700)
    with Database.open(town.home.database_url) as database:
        find_or_make(database, town.snapshot, town.model, SECOND, NOW, quiet)
        add_users(database)
        with database.write() as session:
            for job in JOBS:
                due = last_due(job.crontab, NOW)
                assert due
                assert runs.claim(session, job.name, due, "one", NOW)
                runs.end(session, job.name, due, "one", NOW, State.DONE, "")
    return town


def test_an_installation_in_order_has_nothing_wrong_and_nothing_to_do(healthy: TinyTown) -> None:
    with Database.open(healthy.home.database_url) as database:
        findings = found(database, healthy.folder)
    assert {finding.level for finding in findings} == {Level.FINE}, findings
    told = {finding.about for finding in findings}
    assert told == {"disk", "home", "store", "loads", "snapshot", "model", "legal", "list", "worker", "users", "log"}


def test_an_empty_installation_is_told_where_to_begin(database: Database, tmp_path: Path) -> None:
    findings = found(database, tmp_path)
    assert all(finding.remedy for finding in findings if finding.level is not Level.FINE)
    assert {"omhu load", "omhu train", "omhu legal set", "omhu user add"} <= {
        command
        for finding in findings
        for command in ("omhu load", "omhu train", "omhu legal set", "omhu user add")
        if command in finding.remedy
    }


def test_a_store_of_another_version_hides_what_rests_on_it(tmp_path: Path) -> None:
    with Database.open(f"sqlite:///{tmp_path / 'omhu.db'}") as database:
        database.migrate("0003")
        findings = found(database, tmp_path)
    assert "0003" in wrong(findings)["store"]
    assert {finding.about for finding in findings} <= {"disk", "home", "store"}


def test_each_thing_that_breaks_is_found_and_named(healthy: TinyTown) -> None:
    with Database.open(healthy.home.database_url) as database:
        with database.write() as session:
            session.exec_driver_sql("UPDATE runs SET state = 'failed', told = 'No room.' WHERE job = 'list'")
            session.exec_driver_sql("UPDATE loads SET status = 'interrupted'")
            session.exec_driver_sql("DELETE FROM runs WHERE job = 'snapshot'")
        next(iter(healthy.home.snapshot.glob("stream/*/*/*.parquet"))).unlink()
        (healthy.home.bundles / "champion.json").unlink()
        healthy.home.mapping.write_text("this is no mapping", encoding="utf-8")
        findings = found(database, healthy.folder)
    told = [finding.told for finding in findings if finding.level is Level.WRONG]
    assert set(wrong(findings)) == {"mapping", "loads", "snapshot", "model", "worker"}
    assert any("The job list failed: No room." in line for line in told)
    assert any("The job snapshot was not done" in line for line in told)
    assert any("1 of its files are damaged or gone" in line for line in told)
    assert any("interrupted" in line for line in told)


def test_an_address_that_is_needed_and_not_set_or_without_tls_is_told(database: Database, tmp_path: Path) -> None:
    def told(**settings: str) -> list[Finding]:
        patient = Patient(settings_of(tmp_path).model_copy(update=settings), database, NOW)
        return [finding for finding in examine(patient) if finding.about == "address"]

    assert told() == []
    assert [finding.level for finding in told(oidc_issuer="https://idp.example")] == [Level.WRONG]
    with database.write() as session:
        webhooks.add(session, "https://example.dk/omhu", "et hemmeligt ord", NOW)
    assert "webhook" in " ".join(finding.told for finding in told())
    assert "without TLS" in told(public_address="http://omhu.example.dk")[0].told
    assert "no address" in told(public_address="omhu.example.dk")[0].told
    assert [finding.level for finding in told(public_address="https://omhu.example.dk")] == [Level.FINE]


def test_a_feed_that_stopped_is_told_with_its_table(healthy: TinyTown) -> None:
    with Database.open(healthy.home.database_url) as database:
        late = Patient(settings_of(healthy.folder), database, NOW + timedelta(days=40))
        assert "A feed stopped: visits" in " ".join(
            finding.told for finding in examine(late) if finding.about == "data"
        )


def test_a_look_taken_out_of_the_log_is_found(healthy: TinyTown) -> None:
    from service.commands.looks import log_look

    with Database.open(healthy.home.database_url) as database:
        for _ in range(3):
            log_look(database, "list.view", (1,))
        with database.write() as session:
            # Only who owns the store can take the guard away.
            for (guard,) in session.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
                session.exec_driver_sql(f"DROP TRIGGER {guard}")
            session.exec_driver_sql("DELETE FROM look_ups WHERE number = 2")
        assert "broken" in wrong(found(database, healthy.folder))["log"]


def test_findings_can_be_read_by_a_machine(database: Database, tmp_path: Path) -> None:
    told = json.dumps([finding.told for finding in found(database, tmp_path)])
    assert str(tmp_path) not in told
