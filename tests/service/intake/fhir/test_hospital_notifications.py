"""MedCom's hospital notifications: the published examples, and what order, repetition and lateness may not change."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.truth import episodes
from models.windows import NEVER
from service.intake.fhir.bundle import Citizens, Surroundings
from service.intake.fhir.elements import Element
from service.intake.fhir.notification import read_notification
from service.intake.fhir.xml import read_xml
from service.storage import facts
from service.storage.database import Database
from tests.drops import RECEIVED, at, emptied, load, state, versions

EXAMPLES = Path(__file__).parents[3] / "data" / "hospital_notifications"

EXPECTED = {
    "AN_STIN_N": ("5a6c371c", "cancel-admit-inpatient", "2023-03-01T13:00:00+01:00", "2023-03-01T14:00:02+01:00"),
    "MORS_K": ("26260217", "deceased", "2023-03-04T07:00:00+01:00", "2023-03-04T07:00:02+01:00"),
    "SLHJ_H": ("d3d03544", "discharge-inpatient-home", "2023-03-07T09:45:30+01:00", "2023-03-07T09:45:32+01:00"),
    "SLOR_G": ("04675bbd", "end-leave-inpatient", "2023-03-05T15:30:00+01:00", "2023-03-05T15:30:02+01:00"),
    "STAA_D": ("c1280ebe", "admit-emergency", "2023-02-28T10:00:04+01:00", "2023-02-28T10:00:06+01:00"),
    "STAA_E": ("6ef2055a", "admit-emergency", "2023-02-28T10:00:04+01:00", "2023-02-28T10:00:06+01:00"),
    "STIN_A": ("82873e50", "admit-inpatient", "2023-03-01T12:00:00+01:00", "2023-03-01T12:00:00+01:00"),
    "STIN_B1": ("16b2bf28", "admit-inpatient", "2023-03-01T12:00:00+01:00", "2023-03-01T12:00:02+01:00"),
    "STIN_B2": ("16b2bf28", "admit-inpatient", "2023-03-01T20:35:00+01:00", "2023-03-01T20:35:00+01:00"),
    "STIN_C1": ("54413373", "admit-inpatient", "2023-03-01T12:00:00+01:00", "2023-03-01T12:00:02+01:00"),
    "STIN_C2": ("54413373", "admit-inpatient", "2023-03-01T12:00:00+01:00", "2023-03-01T12:00:02+01:00"),
    "STIN_E": ("6ef2055a", "admit-inpatient", "2023-03-01T15:00:00+01:00", "2023-03-01T15:00:00+01:00"),
    "STIN_F": ("49a2b22b", "admit-inpatient", "2023-03-01T12:00:00+01:00", "2023-03-01T12:00:02+01:00"),
    "STIN_G": ("04675bbd", "admit-inpatient", "2023-03-01T12:00:00+01:00", "2023-03-01T12:00:02+01:00"),
    "STIN_H": ("d3d03544", "admit-inpatient", "2023-03-01T12:00:00+01:00", "2023-03-01T12:00:02+01:00"),
    "STIN_K": ("26260217", "admit-inpatient", "2023-03-01T12:00:00+01:00", "2023-03-01T12:00:02+01:00"),
    "STIN_N": ("5a6c371c", "admit-inpatient", "2023-03-01T12:00:00+01:00", "2023-03-01T12:00:02+01:00"),
    "STOR_F": ("49a2b22b", "start-leave-inpatient", "2023-03-03T14:00:10+01:00", "2023-03-03T14:00:12+01:00"),
    "STOR_G": ("04675bbd", "start-leave-inpatient", "2023-03-03T14:00:10+01:00", "2023-03-03T14:00:12+01:00"),
    "TEK_DUB": ("9840fa2e", "admit-inpatient", "2023-03-01T12:00:00+01:00", "2023-03-01T12:00:00+01:00"),
    "TEK_FCC": ("e2e8453c", "admit-inpatient", "2023-03-01T12:00:00+01:00", "2023-03-01T12:00:00+01:00"),
}
"""By the name of the example: how the episode begins, the activity, when it happened, when it was written."""


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """An empty store in SQLite: what a message means does not depend on where it is kept."""
    with Database.open(sqlite_url) as opened:
        yield opened


def _example(name: str) -> dict[str, Any]:
    return json.loads((EXAMPLES / f"HospitalNotification_Ex_{name}.json").read_text(encoding="utf-8"))


def _row(bundle: Element) -> dict[str, str | None]:
    return dict(read_notification(bundle, Surroundings.of(bundle, Citizens())).values)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_published_example_says_what_happened_and_when_it_was_written(name: str) -> None:
    episode, activity, occurred_at, recorded_at = EXPECTED[name]
    row = _row(_example(name))

    assert (row["citizen_id"], row["activity"]) == ("2509479989", activity)
    assert (row["occurred_at"], row["recorded_at"]) == (occurred_at, recorded_at)
    assert (row["episode_id"] or "").startswith(episode)
    assert (row["notification_id"], row["sent_at"]) == (_example(name)["id"], _example(name)["timestamp"])


@pytest.mark.parametrize("name", EXPECTED)
def test_xml_says_the_same_as_json(name: str) -> None:
    bundle = _example(name)

    assert _row(read_xml(_as_xml(bundle).encode())) == _row(bundle)


def _as_xml(resource: dict[str, Any]) -> str:
    inner = "".join(_element(name, value) for name, value in resource.items() if name not in {"resourceType", "text"})
    return f'<{resource["resourceType"]} xmlns="http://hl7.org/fhir">{inner}</{resource["resourceType"]}>'


def _element(name: str, value: object) -> str:
    if isinstance(value, list):
        return "".join(_element(name, one) for one in value)
    if not isinstance(value, dict):
        written = {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value
        return f"<{name} value={quoteattr(str(written))}/>"
    if "resourceType" in value:
        return f"<{name}>{_as_xml(value)}</{name}>"
    url = f" url={quoteattr(value['url'])}" if "url" in value else ""
    inner = "".join(_element(inside, each) for inside, each in value.items() if inside not in {"url", "text"})
    return f"<{name}{url}>{inner}</{name}>"


def test_all_published_examples_load_and_loading_them_again_changes_nothing(database: Database) -> None:
    first = load(database, EXAMPLES, "history")
    before = state(database)
    second = load(database, EXAMPLES, "history", RECEIVED + 1)

    assert first.refused == second.refused == ()
    assert (first.tables["hospital_notifications"].new, first.tables["hospital_notifications"].set_aside) == (21, {})
    assert second.tables["hospital_notifications"].unchanged == 21
    assert first.resources["Bundle (hospital notification)"].read == 21
    assert state(database) == before


def test_the_order_is_that_of_writing_and_the_knowledge_that_of_sending(database: Database, tmp_path: Path) -> None:
    """The admission of N was sent two months late, its cancellation at once: it was never to be believed."""
    for name in ("STIN_N", "AN_STIN_N", "STIN_H"):
        (tmp_path / f"{name}.json").write_text(json.dumps(_example(name)), encoding="utf-8")
    load(database, tmp_path, "history")
    known = {row["source_id"]: row["known_from"] for row in versions(database, "hospital_notifications")}

    assert known[_example("STIN_N")["id"]] == at("2023-05-01T06:45:37")
    assert known[_example("AN_STIN_N")["id"]] == at("2023-03-01T13:00:02")
    assert _stays(database, at("2023-04-30T00:00:00")) == []
    late = at("2023-05-01T06:32:09")
    assert [one[1:3] for one in _stays(database, at("2023-06-01T00:00:00"))] == [
        ("stay:start", late),
        ("stay:untagged", late),
    ]


def _stays(database: Database, moment: int) -> list[tuple[int, str, int, int]]:
    """The stays believed at a moment: when, what, and from when to when it was believed."""
    with database.read() as session:
        rows = list(facts.rows_for_projection(session, "hospital_notifications"))
    found = episodes.stays(rows[0]).to_pylist() if rows else []
    told = [(_us(one["occurred_at"]), one["code"], _us(one["known_from"]), _us(one["superseded_at"])) for one in found]
    return sorted(one for one in told if one[2] <= moment < one[3])


def _us(moment: datetime | None) -> int:
    return NEVER if moment is None else (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _message(number: int, activity: str, hour: int, episode: int) -> dict[str, Any]:
    """A message of an invented hospital, written at an hour of its own and sent a little later."""
    day = datetime(2026, 3, 1, tzinfo=UTC)
    written, happened = day + timedelta(hours=hour, minutes=number), day + timedelta(hours=hour)
    base = activity.removeprefix("revise-").removeprefix("cancel-")
    period = {"start": happened.isoformat(), **({"end": happened.isoformat()} if base.startswith("disch") else {})}
    resources: list[dict[str, Any]] = [
        {"resourceType": "MessageHeader", "id": "h", "focus": [{"reference": "Encounter/e"}]},
        {
            "resourceType": "Patient",
            "id": "p",
            "identifier": [{"system": "urn:oid:1.2.208.176.1.2", "value": "2509479989"}],
        },
        {
            "resourceType": "Encounter",
            "id": "e",
            "subject": {"reference": "Patient/p"},
            "period": period,
            "episodeOfCare": [{"identifier": {"value": f"episode-{episode}"}}],
        },
        {
            "resourceType": "Provenance",
            "id": "v",
            "target": [{"reference": "MessageHeader/h"}],
            "recorded": written.isoformat(),
            "activity": {"coding": [{"code": activity}]},
        },
    ]
    return {
        "resourceType": "Bundle",
        "id": f"message-{number}",
        "type": "message",
        "timestamp": (written + timedelta(hours=number % 3)).isoformat(),
        "entry": [{"resource": one} for one in resources],
    }


ACTIVITIES = [
    f"{verb}{base}"
    for base in ("admit-emergency", "admit-inpatient", "start-leave-inpatient", "discharge-inpatient-home")
    for verb in ("", "revise-", "cancel-")
]


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.lists(
        st.tuples(st.sampled_from(ACTIVITIES), st.integers(0, 200), st.integers(0, 1)), min_size=1, max_size=8
    ),
    seed=st.integers(0, 1000),
    parts=st.integers(1, 3),
)
def test_any_order_and_any_repetition_gives_the_same_state_and_the_same_stays(
    database: Database, tmp_path: Path, told: list[tuple[str, int, int]], seed: int, parts: int
) -> None:
    messages = [_message(number, *one) for number, one in enumerate(told)]
    straight = _loaded(database, tmp_path / "straight", [messages])
    shuffled = messages * 2
    Random(seed).shuffle(shuffled)
    assert _loaded(database, tmp_path / "shuffled", [shuffled[part::parts] for part in range(parts)]) == straight


def _loaded(database: Database, folder: Path, loads: Sequence[Sequence[dict[str, Any]]]) -> object:
    """The state and, at several moments, the stays after loading messages, each a file, in several loads."""
    emptied(database)
    for number, messages in enumerate(loads):
        drop = folder / str(number)
        drop.mkdir(parents=True, exist_ok=True)
        for old in drop.iterdir():
            old.unlink()
        for place, message in enumerate(messages):
            (drop / f"{place:03}.json").write_text(json.dumps(message), encoding="utf-8")
        load(database, drop, "history", RECEIVED + 400 * 86_400_000_000 + number)
    moments = [at("2026-03-01T12:00:00"), at("2026-03-04T00:00:00"), at("2026-04-01T00:00:00")]
    return state(database), [_stays(database, moment) for moment in moments]
