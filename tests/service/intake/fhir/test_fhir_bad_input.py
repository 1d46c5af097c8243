"""FHIR nobody should send: refused or set aside in words that hold nothing of it, and never a crash."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import FileRefused
from service.intake.fhir.bundle import Citizens
from service.intake.fhir.discovery import FhirFile
from service.intake.fhir.files import ReadFiles, read
from service.intake.fhir.resources import READERS, rows_of
from service.intake.fhir.rows import Resources
from service.storage import loads
from service.storage.database import Database
from tests.drops import load

SECRET = "2509479989"
GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """An empty store in SQLite: what a file is does not depend on where its rows would go."""
    with Database.open(sqlite_url) as opened:
        yield opened


def _bomb() -> bytes:
    entities = "".join(f'<!ENTITY e{n} "&e{n - 1};&e{n - 1};&e{n - 1};">' for n in range(1, 30))
    return f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]><Patient xmlns="http://hl7.org/fhir">&e29;</Patient>'.encode()


BAD = {
    "cut_off.json": (b'{"resourceType": "Patient", "id": "' + SECRET.encode(), "cut off"),
    "empty.json": (b" \n", "is empty"),
    "latin1.json": ('{"resourceType": "Patient", "name": "Sørensen"}'.encode("latin-1"), "latin-1"),
    "deep.json": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "too deep"),
    "cut_off.xml": (b'<Patient xmlns="http://hl7.org/fhir"><id value="' + SECRET.encode(), "cut off"),
    "deep.xml": (b'<Patient xmlns="http://hl7.org/fhir">' + b"<a>" * 1000, "too deep"),
    "bomb.xml": (_bomb(), "DOCTYPE"),
    "outside.xml": (
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><Patient xmlns="http://hl7.org/fhir">&f;</Patient>',
        "DOCTYPE",
    ),
    "other.xml": (b"<html><body/></html>", "no FHIR"),
    "encoding.xml": (b'<?xml version="1.0" encoding="klingon"?><Patient xmlns="http://hl7.org/fhir"/>', "cut off"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_read_is_refused_in_words_that_hold_nothing_of_it(
    database: Database, tmp_path: Path, name: str
) -> None:
    content, words = BAD[name]
    (tmp_path / name).write_bytes(content)
    told = load(database, tmp_path)

    (refusal,) = told.refused
    assert (refusal.file, told.tables) == (name, {})
    assert words in refusal.message
    assert SECRET not in refusal.message + refusal.remedy


def test_a_file_too_large_to_be_read_as_a_whole_is_refused_with_the_way_out(tmp_path: Path) -> None:
    file = tmp_path / "large.json"
    with file.open("wb") as stream:
        stream.truncate((64 << 20) + 1)

    with pytest.raises(FileRefused, match="NDJSON"):
        read(FhirFile(file.name, file), Citizens(), ReadFiles())


def test_a_line_without_end_is_refused_and_nothing_of_its_file_is_kept(database: Database, tmp_path: Path) -> None:
    patient = {"resourceType": "Patient", "id": "1", "birthDate": "1940-01-01"}
    with (tmp_path / "endless.ndjson").open("wb") as stream:
        stream.write(json.dumps(patient).encode() + b"\n")
        stream.truncate((64 << 20) + 1000)
    told = load(database, tmp_path)

    assert [one.message for one in told.refused] == ["line 2 is longer than 64 MB."] or "line 2" in told.refused[
        0
    ].message
    assert told.tables == {}


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"id": None}, "observation_id"),
        ({"subject": None}, "citizen_id"),
        ({"subject": {"reference": "Patient/nobody"}}, "citizen_id"),
        ({"subject": {"identifier": {"system": "urn:oid:1.2.208.176.1.2", "value": "9999999999"}}}, "citizen_id"),
        ({"subject": {"identifier": {"system": "urn:oid:1.2.208.176.1.2", "value": 2509479989}}}, "citizen_id"),
        ({"issued": None}, "recorded_at"),
        ({"issued": "yesterday"}, "recorded_at"),
        ({"effectiveDateTime": "2025-02"}, "observed_at"),
        ({"effectiveDateTime": "2025-02-31T10:00:00Z"}, "observed_at"),
        ({"effectiveDateTime": "1899-01-01T10:00:00Z"}, "observed_at"),
        ({"effectiveDateTime": "2099-01-01T10:00:00Z"}, "observed_at"),
        ({"code": {}}, "code"),
        ({"valueQuantity": {"value": float("nan"), "unit": "kg"}}, "value"),
        ({"valueQuantity": {"value": float("inf"), "unit": "kg"}}, "value"),
        ({"valueQuantity": {"value": "many", "unit": "kg"}}, "value"),
        ({"valueQuantity": {"value": 71, "unit": "stone"}}, "unit"),
        ({"valueQuantity": {"value": 7100, "unit": "kg"}}, "value"),
        ({"valueQuantity": None, "valueString": "x" * 20_001}, "value_text"),
        ({"valueQuantity": None, "valueString": "a\0b"}, "value_text"),
    ],
)
def test_a_resource_that_lacks_or_breaks_something_is_set_aside_by_the_column(
    database: Database, tmp_path: Path, change: dict[str, Any], column: str
) -> None:
    usual: dict[str, Any] = {
        "resourceType": "Observation",
        "id": "w1",
        "code": {"coding": [{"code": "NPU03804"}]},
        "subject": {"identifier": {"system": "urn:oid:1.2.208.176.1.2", "value": SECRET}},
        "effectiveDateTime": "2025-01-10T08:00:00Z",
        "issued": "2025-01-10T09:00:00Z",
        "valueQuantity": {"value": 71.5, "unit": "kg"},
    }
    (tmp_path / "a.json").write_text(json.dumps(usual | change), encoding="utf-8")
    told = load(database, tmp_path)

    assert sum(told.tables["observations"].set_aside.values()) == 1
    assert told.tables["observations"].new == 0
    with database.read() as session:
        assert [one.column for one in loads.rejects(session, told.load)] == [column]


@pytest.mark.parametrize(
    "change",
    [
        {"timestamp": None, "provenance": None},
        {"episode": None},
        {"patient": None},
        {"activity": "new-message"},
    ],
)
def test_a_notification_that_lacks_something_is_set_aside(
    database: Database, tmp_path: Path, change: dict[str, None]
) -> None:
    bundle = json.loads((GOLDEN / "notification_death" / "input.json").read_text(encoding="utf-8"))
    resources = {entry["resource"]["resourceType"]: entry["resource"] for entry in bundle["entry"]}
    if "timestamp" in change:
        del bundle["timestamp"]
        bundle["entry"] = [one for one in bundle["entry"] if one["resource"]["resourceType"] != "Provenance"]
    if "episode" in change:
        del resources["Encounter"]["episodeOfCare"]
    if "patient" in change:
        resources["Patient"]["identifier"] = [{"system": "urn:oid:1.2.208.176.1.2", "value": "0000000000"}]
    if "activity" in change:
        del resources["Patient"]["deceasedBoolean"]
        for entry in bundle["entry"]:
            if entry["resource"]["resourceType"] == "Provenance":
                entry["resource"]["activity"] = {"coding": [{"code": "new-message"}]}
    (tmp_path / "a.json").write_text(json.dumps(bundle), encoding="utf-8")
    told = load(database, tmp_path)

    assert told.tables["hospital_notifications"].new == 0
    assert sum(told.tables["hospital_notifications"].set_aside.values()) == 1


def test_half_a_pair_of_letters_is_no_crash(database: Database, tmp_path: Path) -> None:
    content = (GOLDEN / "medcom_care_communication" / "input.json").read_text(encoding="utf-8")
    (tmp_path / "a.json").write_text(content.replace("Datter", "\\ud83d"), encoding="utf-8")

    assert load(database, tmp_path).tables["notes"].new == 2


def test_damaged_base64_is_set_aside(database: Database, tmp_path: Path) -> None:
    document = {
        "resourceType": "DocumentReference",
        "id": "d1",
        "date": "2025-01-10T09:00:00Z",
        "subject": {"identifier": {"system": "urn:oid:1.2.208.176.1.2", "value": SECRET}},
        "content": [{"attachment": {"contentType": "text/plain", "data": "%%%"}}],
    }
    (tmp_path / "a.json").write_text(json.dumps(document), encoding="utf-8")

    assert load(database, tmp_path).tables["notes"].set_aside == {"missing": 1}


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
_NAMES = st.sampled_from(
    """id status class code coding system value subject reference period start end identifier entry resource target
    recorded activity item linkId answer valueInteger valueQuantity content attachment data contentType payload
    contentString extension url meta lastUpdated contained component deceasedBoolean focus episodeOfCare""".split()  # noqa: SIM905
)
_ANYTHING = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=5), max_leaves=25
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    kind=st.sampled_from([*READERS, "Bundle"]),
    told=st.dictionaries(_NAMES, _ANYTHING, max_size=8),
    bundled=st.sampled_from(["message", "collection", None]),
)
def test_no_resource_of_any_shape_stops_the_reader(kind: str, told: dict[str, Any], bundled: str | None) -> None:
    resource: dict[str, Any] = {**told, "resourceType": kind}
    if bundled:
        resource = {"resourceType": "Bundle", "type": bundled, "entry": [{"resource": resource}, {"resource": told}]}
    for row in rows_of(resource, Citizens(), Resources()):
        assert all(value is None or isinstance(value, str) for value in row.values.values())


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    case=st.sampled_from(["notification_death/input.json", "notification_as_xml/input.xml"]),
    place=st.floats(0, 1),
    length=st.integers(0, 40),
    put=st.binary(max_size=10),
)
def test_no_damage_to_a_file_stops_the_reader(tmp_path: Path, case: str, place: float, length: int, put: bytes) -> None:
    whole = (GOLDEN / case).read_bytes()
    start = int(place * len(whole))
    file = tmp_path / Path(case).name
    file.write_bytes(whole[:start] + put + whole[start + length :])
    assert SECRET not in _refusal(file)


def _refusal(file: Path) -> str:
    """Why a file is refused; nothing when it is read."""
    told = ReadFiles()
    try:
        read(FhirFile(file.name, file), Citizens(), told)
    except FileRefused as refused:
        return str(refused)
    finally:
        told.rows.close()
    return ""


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.lists(
        st.tuples(st.sampled_from(sorted(READERS)), st.dictionaries(_NAMES, _ANYTHING, max_size=8)), max_size=4
    )
)
def test_whatever_is_read_is_filed_or_set_aside(
    database: Database, tmp_path: Path, told: list[tuple[str, dict[str, Any]]]
) -> None:
    resources = [{**said, "resourceType": kind} for kind, said in told]
    (tmp_path / "a.ndjson").write_text("\n".join(json.dumps(one) for one in resources), encoding="utf-8")
    report = load(database, tmp_path)

    assert report.refused == ()
    for table in report.tables.values():
        counted = table.new + table.corrected + table.unchanged + table.retracted + sum(table.set_aside.values())
        assert counted == table.read
