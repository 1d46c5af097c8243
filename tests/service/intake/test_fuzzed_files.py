"""Files of nonsense: whatever bytes or structures come, a load says what it refuses and never falls over."""

import json
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.storage.database import Database
from tests.drops import emptied, load

HEADER = "note_id,citizen_id,observed_at,recorded_at,text\n"
TYPES = [
    "Bundle",
    "Patient",
    "Encounter",
    "Condition",
    "CarePlan",
    "Procedure",
    "Observation",
    "QuestionnaireResponse",
    "DiagnosticReport",
    "Communication",
    "DocumentReference",
    "MessageHeader",
    "Device",
]
NAMES = [
    "id",
    "identifier",
    "system",
    "value",
    "subject",
    "reference",
    "status",
    "code",
    "coding",
    "text",
    "meta",
    "lastUpdated",
    "period",
    "start",
    "end",
    "entry",
    "resource",
    "fullUrl",
    "type",
    "timestamp",
    "contained",
    "extension",
    "url",
    "valueReference",
    "effectiveDateTime",
    "valueQuantity",
    "unit",
    "class",
    "event",
    "eventCoding",
    "issued",
    "component",
    "item",
    "answer",
    "linkId",
    "activity",
    "detail",
    "payload",
    "contentString",
    "attachment",
    "data",
    "contentType",
    "content",
    "birthDate",
    "gender",
    "name",
    "family",
    "deceasedDateTime",
    "resourceType",
]
WORDS = st.sampled_from(
    [
        "", "2025-01-10T08:00:00+01:00", "2025", "entered-in-error", "urn:oid:1.2.208.176.1.2", "2512489996",
        "Patient/1", "#1", "urn:uuid:1", "message", "collection", "NPU08676", "1e999", "\0", "\ud800", "YWJj", "****",
    ]
)  # fmt: skip
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS, st.text(max_size=8))
TREES = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=25,
)
RESOURCES = st.builds(
    lambda kind, told: {**told, "resourceType": kind},
    st.sampled_from(TYPES) | WORDS,
    st.dictionaries(st.sampled_from(NAMES), TREES, max_size=8),
)
FHIR = st.one_of(
    RESOURCES,
    st.builds(
        lambda kind, inner: {"resourceType": "Bundle", "type": kind, "entry": [{"resource": one} for one in inner]},
        st.sampled_from(["message", "collection", "transaction"]),
        st.lists(RESOURCES, max_size=4),
    ),
    TREES,
)
CELLS = st.lists(st.text(st.sampled_from('ab",;\r\n\0æ '), max_size=6), max_size=7).map(",".join)
FEW = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture
def database(sqlite_url: str) -> Generator[Database]:
    """An empty store in SQLite."""
    with Database.open(sqlite_url) as opened:
        yield opened


@FEW
@given(found=st.lists(FHIR, min_size=1, max_size=4))
def test_no_structure_makes_a_load_of_fhir_fall_over(
    database: Database, tmp_path_factory: pytest.TempPathFactory, found: list[object]
) -> None:
    emptied(database)
    folder = tmp_path_factory.mktemp("fhir")
    for number, one in enumerate(found):
        (folder / f"{number}.json").write_text(json.dumps(one), encoding="utf-8")
    (folder / "lines.ndjson").write_text("\n".join(json.dumps(one) for one in found), encoding="utf-8")
    told = load(database, folder)
    for table in told.tables.values():
        counted = table.new + table.corrected + table.unchanged + table.retracted
        assert counted + sum(table.set_aside.values()) == table.read
    assert load(database, folder).model_dump(include={"refused"}) == told.model_dump(include={"refused"})


@FEW
@given(body=st.lists(CELLS, max_size=12), end=st.sampled_from(["\n", "\r\n", ""]))
def test_no_text_makes_a_load_of_csv_fall_over(
    database: Database, tmp_path_factory: pytest.TempPathFactory, body: list[str], end: str
) -> None:
    emptied(database)
    folder = tmp_path_factory.mktemp("csv")
    (folder / "notes.csv").write_text(HEADER + end.join(body), encoding="utf-8", newline="")
    told = load(database, folder)
    for table in told.tables.values():
        counted = table.new + table.corrected + table.unchanged + table.retracted
        assert counted + sum(table.set_aside.values()) == table.read


@pytest.mark.parametrize("depth", [500, 960, 100_000])
@pytest.mark.parametrize("form", ["[", '{"entry":'])
def test_json_of_any_depth_is_refused_or_has_no_meaning(
    database: Database, tmp_path_factory: pytest.TempPathFactory, depth: int, form: str
) -> None:
    folder = tmp_path_factory.mktemp("deep")
    ending = "]" if form == "[" else "}"
    deep = f'{{"resourceType":"Observation","code":{form * depth}1{ending * depth}}}'
    (folder / "deep.json").write_text(deep)
    (folder / "lines.ndjson").write_text(deep + "\n")
    told = load(database, folder)
    left_out = sum(one.left_out for one in told.resources.values())
    assert left_out + sum(told.unread.values()) + len(told.refused) == 2
