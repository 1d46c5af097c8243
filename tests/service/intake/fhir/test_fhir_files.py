"""FHIR as files: what is taken together, what stays out, and what a foreign sender comes to."""

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.errors import RequestWrong
from service.storage import loads
from service.storage.database import Database
from tests.drops import RECEIVED, at, citizen, load, load_rows, state, versions, write_drop

DATA = Path(__file__).parents[3] / "data"
CPR = "urn:oid:1.2.208.176.1.2"


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """An empty store in SQLite: what a file is does not depend on where its rows would go."""
    with Database.open(sqlite_url) as opened:
        yield opened


def _weight(identity: str, **told: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "resourceType": "Observation",
        "id": identity,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "subject": {"identifier": {"system": CPR, "value": "2509479989"}},
        "effectiveDateTime": "2025-01-10T08:00:00Z",
        "issued": "2025-01-10T09:00:00Z",
        "valueQuantity": {"value": 71.5, "unit": "kg"},
    }
    return usual | told


def _write(file: Path, *resources: object) -> Path:
    file.write_text("\n".join(json.dumps(one) for one in resources), encoding="utf-8")
    return file


def test_a_foreign_sender_loads_and_what_has_no_meaning_here_is_counted(database: Database) -> None:
    first = load(database, DATA / "synthea_r4", "history")
    before = state(database)
    second = load(database, DATA / "synthea_r4", "history", RECEIVED + 1)

    assert first.refused == ()
    assert first.tables["citizens"].new == 6
    assert first.tables["observations"].new > 200
    assert first.tables["observations"].unknown_codes["loinc:8302-2"] > 0
    assert (first.resources["Claim"].read, first.resources["Claim"].left_out) == (67, 67)
    assert first.resources["Observation"].left_out < first.resources["Observation"].read
    assert second.tables["observations"].unchanged == first.tables["observations"].new
    assert state(database) == before


def test_fhir_lies_beside_the_tables_of_a_drop(database: Database, tmp_path: Path) -> None:
    write_drop(tmp_path, citizens=[citizen("2509479989", recorded_at="2025-01-01T00:00:00Z")])
    _write(tmp_path / "weights.ndjson", _weight("w1"), _weight("w2"))
    _write(tmp_path / "manifest.json", {"made": "2025-01-10"})
    told = load(database, tmp_path)

    assert (told.tables["citizens"].new, told.tables["observations"].new) == (1, 2)
    assert told.tables["observations"].citizens_unknown == 0
    assert told.unknown_files == ("manifest.json",)
    assert told.refused == ()


def test_files_below_a_folder_are_named_by_where_they_stand(database: Database, tmp_path: Path) -> None:
    (tmp_path / "day1" / ".hidden").mkdir(parents=True)
    _write(tmp_path / "day1" / "weight.json", _weight("w1"))
    _write(tmp_path / "day1" / ".hidden" / "weight.json", _weight("w2"))
    (tmp_path / "day1" / "broken.json").write_text('{"resourceType": "Observ', encoding="utf-8")
    told = load(database, tmp_path)

    assert told.tables["observations"].new == 1
    assert [one.file for one in told.refused] == ["day1/broken.json"]


def test_a_patient_in_another_file_says_who_a_resource_is_about(database: Database, tmp_path: Path) -> None:
    _write(tmp_path / "Observation.ndjson", _weight("w1", subject={"reference": "Patient/77"}))
    _write(
        tmp_path / "Patient.ndjson",
        {"resourceType": "Patient", "id": "77", "identifier": [{"system": CPR, "value": "2509479989"}]},
    )
    load(database, tmp_path)

    assert [row["citizen_id"] for row in versions(database, "observations")] == ["2509479989"]


def test_a_patient_id_that_two_citizens_share_names_neither(database: Database, tmp_path: Path) -> None:
    _write(tmp_path / "a.ndjson", _weight("w1", subject={"reference": "Patient/77"}))
    for number in ("2509479989", "0108589995"):
        patient = {"resourceType": "Patient", "id": "77", "identifier": [{"system": CPR, "value": number}]}
        _write(tmp_path / f"{number}.ndjson", patient)
    told = load(database, tmp_path)

    assert told.tables["observations"].set_aside == {"missing": 1}


def test_a_patient_never_takes_away_what_the_municipality_said(database: Database, tmp_path: Path) -> None:
    drop = [citizen("2509479989", recorded_at="2025-01-01T00:00:00Z", care_start="2024-01-01")]
    load_rows(database, tmp_path / "drop", "history", citizens=drop)
    patient = {
        "resourceType": "Patient",
        "id": "77",
        "meta": {"lastUpdated": "2025-02-01T00:00:00Z"},
        "identifier": [{"system": CPR, "value": "2509479989"}],
    }
    load(database, _write(tmp_path / "patient.json", patient), "history")

    (standing,) = [row for row in versions(database, "citizens") if row["superseded_at"] is None]
    assert (standing["district"], standing["care_start"]) == ("Nord", at("2023-12-31T23:00:00"))


def test_the_patient_of_a_message_makes_no_citizen(database: Database) -> None:
    told = load(database, DATA / "hospital_notifications")

    assert versions(database, "citizens") == []
    assert told.tables["hospital_notifications"].citizens_unknown == 1


def test_an_end_is_known_from_when_it_was_written_not_from_when_the_condition_was(
    database: Database, tmp_path: Path
) -> None:
    def delivery(number: int, day: str, status: str) -> Path:
        condition = {
            "resourceType": "Condition",
            "id": "c1",
            "clinicalStatus": {"coding": [{"code": status}]},
            "code": {"coding": [{"system": "urn:oid:1.2.208.176.2.21", "code": "I7.1"}]},
            "subject": {"identifier": {"system": CPR, "value": "2509479989"}},
            "recordedDate": "2025-01-05",
        }
        bundle = {"resourceType": "Bundle", "type": "collection", "timestamp": day, "entry": [{"resource": condition}]}
        return _write(tmp_path / f"{number}.json", bundle)

    load(database, delivery(1, "2025-01-06T02:00:00Z", "active"), "history")
    load(database, delivery(2, "2025-02-06T02:00:00Z", "inactive"), "history")

    active, inactive = versions(database, "conditions")
    assert (active["superseded_at"], inactive["known_from"]) == (at("2025-02-06T02:00:00"),) * 2


def test_what_was_entered_in_error_is_taken_back(database: Database, tmp_path: Path) -> None:
    load(database, _write(tmp_path / "a.json", _weight("w1")))
    mistaken = _weight("w1", status="entered-in-error", issued="2025-01-11T09:00:00Z")
    told = load(database, _write(tmp_path / "b.json", mistaken), received_at=RECEIVED + 5)

    assert told.tables["observations"].retracted == 1
    assert {row["superseded_at"] for row in versions(database, "observations") if not row["retracted"]} == {
        RECEIVED + 5
    }


def test_a_bad_line_is_set_aside_and_the_others_load(database: Database, tmp_path: Path) -> None:
    file = _write(tmp_path / "a.ndjson", _weight("w1"), _weight("w2"))
    file.write_text(file.read_text() + '\n{"resourceType": "Obs\n\n[1, 2]\n' + json.dumps(_weight("w3")), "utf-8")
    told = load(database, file)

    assert told.tables["observations"].new == 3
    assert told.unread == {"not_fhir": 2}
    with database.read() as session:
        aside = list(loads.rejects(session, told.load))
    assert [json.loads(one.row)["line"] for one in aside] == [3, 5]


def test_rows_set_aside_name_the_file_they_came_in(database: Database, tmp_path: Path) -> None:
    for name in ("a", "b"):
        _write(tmp_path / f"{name}.json", _weight(name, valueQuantity={"value": "NaN", "unit": "kg"}))
    told = load(database, tmp_path)

    assert told.tables["observations"].set_aside == {"not_finite": 2}
    with database.read() as session:
        assert [one.file for one in loads.rejects(session, told.load)] == ["a.json", "b.json"]


def test_a_file_of_many_rows_goes_by_way_of_a_temporary_file(database: Database, tmp_path: Path) -> None:
    lines = (_weight(f"{number:036}", issued=f"2025-01-10T09:{number % 60:02}:00Z") for number in range(41_000))
    told = load(database, _write(tmp_path / "many.ndjson", *lines))

    assert told.tables["observations"].new == 41_000


def _zipped(file: Path, *names: str) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, json.dumps(_weight(Path(name).stem)))
    return file


def test_a_zip_of_fhir_loads_as_the_folder_in_it_would(database: Database, tmp_path: Path) -> None:
    told = load(database, _zipped(tmp_path / "week.zip", "out/fhir/w1.json", "out/fhir/Agustín_w2.json"))

    assert (told.drop, told.tables["observations"].new) == ("week.zip", 2)


@pytest.mark.parametrize("names", [("../w1.json",), ("/w1.json",), ("a/w1.json", "b/w1.json"), ("a/b/c/d/w1.json",)])
def test_a_zip_that_reaches_out_of_its_place_is_refused(
    database: Database, tmp_path: Path, names: tuple[str, ...]
) -> None:
    with pytest.raises(RequestWrong):
        load(database, _zipped(tmp_path / "week.zip", *names))


def test_a_zip_that_is_a_bomb_is_refused(database: Database, tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.ndjson", "w") as sink,
    ):
        for _ in range(250):
            sink.write(b" " * (1 << 20))

    with pytest.raises(RequestWrong, match="unpacks to more"):
        load(database, tmp_path / "bomb.zip")


def test_a_copy_under_another_name_changes_nothing(database: Database, tmp_path: Path) -> None:
    load(database, DATA / "hospital_notifications", "history")
    before = state(database)
    for number, file in enumerate((DATA / "hospital_notifications").glob("*.json")):
        shutil.copy(file, tmp_path / f"{number}.json")
    told = load(database, tmp_path, "history", RECEIVED + 1)

    assert told.tables["hospital_notifications"].unchanged == 21
    assert state(database) == before
