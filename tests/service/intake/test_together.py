"""Messages loaded together: the store, and what every sender is told, are as if each had been loaded alone."""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from service.intake.checks import check
from service.intake.fhir.bundle import Citizens
from service.intake.fhir.discovery import FhirFile
from service.intake.fhir.files import ReadFiles, read
from service.intake.fhir.spool import rules_of
from service.intake.orders import Group, Loaded, Order
from service.intake.received import Received
from service.intake.uploads import UploadWorker
from service.storage import facts, loads, uploads
from service.storage.database import Database, StoreAway
from service.storage.loads import SetAside
from service.storage.readings import READINGS
from service.storage.uploads import Upload
from tests.drops import emptied, state
from tests.service.running import Clock

SENDER = "token:1"
DATA = Path(__file__).parents[2] / "data" / "hospital_notifications"
GOLDEN = Path(__file__).parent / "fhir" / "golden"
CPR = {"system": "urn:oid:1.2.208.176.1.2", "value": "2512489996"}


def observation(name: str, value: float, subject: Mapping[str, object] | None = None, **told: object) -> bytes:
    """A temperature; of nobody that can be told where the subject is a reference to another message's patient."""
    resource = {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8310-5"}]},
        "subject": subject or {"identifier": CPR},
        "effectiveDateTime": "2026-11-01T08:00:00+01:00",
        "issued": "2026-11-01T08:05:00+01:00",
        "valueQuantity": {"value": value, "unit": "Cel", "system": "http://unitsofmeasure.org", "code": "Cel"},
        **told,
    }
    return json.dumps(resource).encode()


def words(name: str, text: str) -> bytes:
    """A message in words, which becomes a note."""
    resource = {
        "resourceType": "Communication",
        "id": name,
        "status": "completed",
        "subject": {"identifier": CPR},
        "sent": "2026-11-01T09:00:00+01:00",
        "payload": [{"contentString": text}],
    }
    return json.dumps(resource).encode()


def sent_in() -> list[tuple[str, bytes]]:
    """All that may come, in the order it comes: names of files, and what stands in them."""
    examples = [("resource.json", path.read_bytes()) for path in sorted(DATA.glob("*.json"))]
    golden = [(f"resource{path.suffix}", path.read_bytes()) for path in sorted(GOLDEN.glob("*/input.*"))]
    crafted = [
        observation("o1", 38.4),
        observation("o1", 38.4),  # the same again
        observation("o1", 38.9, issued="2026-11-01T10:00:00+01:00"),  # a correction
        observation("o1", 38.7, issued="2026-11-01T10:00:00+01:00"),  # said otherwise at the same moment
        observation("o2", 400.0),  # out of range: set aside
        observation("o3", 37.0, {"reference": "Patient/p1"}),  # of the patient of some other message: nobody here
        observation("o4", 36.6, effectiveDateTime="1899-12-30T00:00:00Z"),
        b'{"resourceType": "Observation", "id":',  # cut off
        b'{"made_by": "somebody"}',  # no FHIR
        observation("o5", 37.1) + b"\n" + b'{"no": "resource"}',  # lines under a name that does not say so
        words("c1", "Borger er træt og har feber. Spiser ikke."),
    ]
    return [*golden, *examples, *examples[:3], *(("resource.json", body) for body in crafted)]


@dataclass
class Counting:
    """Loads for real, and counts how many at a time."""

    real: Received
    at_a_time: list[int] = field(default_factory=list[int])
    may_share: bool = True
    failing: type[Exception] | None = None
    cancelled: tuple[str, ...] = ()
    attempts: int = 0

    def alone(self, database: Database, order: Order) -> Loaded:
        """Load one."""
        self.at_a_time.append(1)
        return self.real.alone(database, order)

    def together(self, database: Database, group: Group) -> int | None:
        """Load some, unless it shall not be or shall fail; after somebody has taken some of them back."""
        self.attempts += 1
        if self.failing:
            raise self.failing("on purpose")
        if not self.may_share:
            return None
        for number in self.cancelled:
            with database.write() as session:
                uploads.cancel_upload(session, number, group.clock())
        over = self.real.together(database, group)
        self.at_a_time += [over] if over else []
        return over


def worked_off(
    database: Database, folder: Path, prefix: str, loader: Counting, bodies: Sequence[tuple[str, bytes]]
) -> tuple[list[Upload], list[list[SetAside]]]:
    """What became of these, in their order, and the rows each is told were set aside."""
    clock = Clock()
    numbers = [f"{prefix}{at:03}" for at in range(len(bodies))]
    for number, (name, body) in zip(numbers, bodies, strict=True):
        (folder / number).mkdir(parents=True)
        (folder / number / name).write_bytes(body)
        clock.turn(timedelta(seconds=1))
        with database.write() as session:
            uploads.add_upload(session, Upload(number, SENDER, clock(), "received"))
    UploadWorker(database, folder, clock, loader).work_off()
    with database.read() as session:
        found = [uploads.find_upload(session, number, SENDER) for number in numbers]
        over = [one for one in found if one is not None]
        assert len(over) == len(numbers)
        rejects = [list(_rejects(session, one)) for one in over]
    return over, rejects


def _rejects(session: Any, upload: Upload) -> list[SetAside]:
    return [] if upload.load_id is None else list(loads.rejects(session, upload.load_id, of=upload.number))


def told(upload: Upload) -> tuple[str, str | None, Any]:
    """What a sender is told, but for the names of the upload and the load."""
    report = json.loads(upload.report or "{}")
    return upload.status, upload.problem, {key: report[key] for key in report if key not in {"load", "drop"}}


def test_all_is_as_if_each_had_been_loaded_alone(database: Database, tmp_path: Path) -> None:
    bodies = sent_in()
    one_by_one = Counting(Received(tmp_path / "mapping.toml"), may_share=False)
    apart, apart_rejects = worked_off(database, tmp_path / "loads", "a", one_by_one, bodies)
    expected = state(database)
    emptied(database)
    shared = Counting(Received(tmp_path / "mapping.toml"))
    joined, joined_rejects = worked_off(database, tmp_path / "loads", "b", shared, bodies)

    assert one_by_one.at_a_time == [1] * len(bodies)
    assert max(shared.at_a_time) >= 20, shared.at_a_time
    assert sum(shared.at_a_time) == len(bodies)
    assert state(database) == expected
    for body, before, after in zip(bodies, apart, joined, strict=True):
        assert told(after) == told(before), body
    assert joined_rejects == apart_rejects
    assert sum(map(len, joined_rejects)) >= 3
    assert {one.status for one in joined} == {"loaded", "refused"}
    assert list((tmp_path / "loads").iterdir()) == []


def test_what_is_loaded_together_is_one_load_that_counts_all(database: Database, tmp_path: Path) -> None:
    bodies = [("resource.json", observation(f"o{at}", 37.0)) for at in range(7)]
    bodies.append(("resource.json", b"{"))
    over, _ = worked_off(database, tmp_path / "loads", "n", Counting(Received(tmp_path / "mapping.toml")), bodies)
    with database.read() as session:
        (one,) = loads.latest(session)

    assert (one.name, one.status) == ("8 messages", "partly")
    assert {upload.load_id for upload in over} == {one.load_id}
    report = json.loads(one.report or "")
    assert report["tables"]["observations"]["new"] == 7
    assert [one["file"] for one in report["refused"]] == ["n007/resource.json"]


@pytest.mark.parametrize(
    ("bound", "at_a_time"), [("_MOST_ROWS_TOGETHER", [3, 3, 1]), ("_MOST_BYTES_TOGETHER", [1] * 7)]
)
def test_a_group_ends_when_it_is_enough(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, at_a_time: list[int]
) -> None:
    monkeypatch.setattr(f"service.intake.together.{bound}", 3)
    bodies = [("resource.json", observation(f"o{at}", 37.0)) for at in range(7)]
    loader = Counting(Received(tmp_path / "mapping.toml"))
    over, _ = worked_off(database, tmp_path / "loads", "n", loader, bodies)

    assert loader.at_a_time == at_a_time
    assert {one.status for one in over} == {"loaded"}


def test_no_reader_is_waited_for(database: Database, tmp_path: Path) -> None:
    bodies = [("resource.json", observation(f"o{at}", 37.0)) for at in range(2)]
    loader = Counting(Received(tmp_path / "mapping.toml"))
    with database.read() as reader:
        assert facts.is_empty(reader, "observations")
        work = threading.Thread(
            target=worked_off, args=(database, tmp_path / "loads", "n", loader, bodies), daemon=True
        )
        work.start()
        work.join(30)
        assert not work.is_alive()
    assert len(state(database)["observations"]) == 2


def test_an_id_of_any_length_is_set_aside_and_not_repeated_in_every_row(tmp_path: Path) -> None:
    endless = {"resourceType": "Observation", "id": "x" * 100_000, "subject": {"identifier": CPR}}
    parts = [{"code": {"coding": [{"system": "http://loinc.org", "code": "8310-5"}]}, "valueInteger": 1}] * 50
    (tmp_path / "resource.json").write_text(json.dumps(endless | {"component": parts}), encoding="utf-8")
    found = ReadFiles()
    assert read(FhirFile("resource.json", tmp_path / "resource.json"), Citizens(), found)
    (raw,) = found.rows.batches("observations")

    assert raw.rows.num_rows >= 50
    assert raw.rows.nbytes < 100_000
    assert {reason for _, _, reason in check("", rules_of("observations"), raw, 0).faults} == {"too_long"}


def test_notes_that_come_together_are_read_at_once(database: Database, tmp_path: Path) -> None:
    bodies = [("resource.json", words(f"c{at}", "Har feber.")) for at in range(3)]
    worked_off(database, tmp_path / "loads", "n", Counting(Received(tmp_path / "mapping.toml")), bodies)
    with database.read() as session:
        assert session.execute(select(func.count()).select_from(READINGS)).scalar_one() == 3


def test_what_was_taken_back_meanwhile_is_left_out(database: Database, tmp_path: Path) -> None:
    bodies = [("resource.json", observation(f"o{at}", 37.0)) for at in range(3)]
    loader = Counting(Received(tmp_path / "mapping.toml"), cancelled=("n001",))
    over, _ = worked_off(database, tmp_path / "loads", "n", loader, bodies)

    assert [one.status for one in over] == ["loaded", "cancelled", "loaded"]
    assert [row["source_id"] for row in state(database)["observations"]] == ["Observation/o0", "Observation/o2"]


def test_where_they_cannot_be_loaded_together_they_are_one_by_one(database: Database, tmp_path: Path) -> None:
    bodies = [("resource.json", observation(f"o{at}", 37.0)) for at in range(3)]
    loader = Counting(Received(tmp_path / "mapping.toml"), failing=RuntimeError)
    over, _ = worked_off(database, tmp_path / "loads", "n", loader, bodies)

    assert [one.status for one in over] == ["loaded"] * 3
    assert (loader.attempts, loader.at_a_time) == (1, [1, 1, 1])


def test_a_store_that_goes_away_leaves_all_of_them_waiting(database: Database, tmp_path: Path) -> None:
    bodies = [("resource.json", observation(f"o{at}", 37.0)) for at in range(3)]
    loader = Counting(Received(tmp_path / "mapping.toml"), failing=StoreAway)
    try:
        worked_off(database, tmp_path / "loads", "n", loader, bodies)
    except StoreAway:
        with database.read() as session:
            assert uploads.waiting(session, 10) == ("n000", "n001", "n002")
        assert len(list((tmp_path / "loads").iterdir())) == 3
    else:
        raise AssertionError("it went on without its store")


def test_two_processes_that_load_at_once_take_each_message_once_and_neither_stumbles(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock, rounds, loader = Clock(), 30, Counting(Received(tmp_path / "mapping.toml"))
    workers = [UploadWorker(database, tmp_path, clock, loader) for _ in range(2)]
    for at in range(rounds):
        numbers = [f"{at:02}{each}" for each in range(3)]
        for number in numbers:
            (tmp_path / number).mkdir()
            (tmp_path / number / "resource.json").write_bytes(observation(f"o{number}", 37.0))
            with database.write() as session:
                uploads.add_upload(session, Upload(number, SENDER, clock(), "received"))
        both = [threading.Thread(target=worker.work_off) for worker in workers]
        for one in both:
            one.start()
        for one in both:
            one.join()
        with database.read() as session:
            found = [uploads.find_upload(session, number, SENDER) for number in numbers]
        assert {one.status for one in found if one} == {"loaded"}
    assert sum(loader.at_a_time) == 3 * rounds
    assert "failed" not in capsys.readouterr().out


def test_what_another_process_told_of_an_upload_is_not_told_over(database: Database) -> None:
    clock, number = Clock(), "x"
    with database.write() as session:
        uploads.add_upload(session, Upload(number, SENDER, clock(), "received"))
        load_id = loads.begin(session, number, "live", 1)
        uploads.start_upload(session, number, load_id)
        uploads.finish_upload(session, number, "refused", clock(), problem="The zip is damaged.")
        assert not uploads.finish_left(session, number, load_id, "refused", clock(), None)
        told = uploads.find_upload(session, number, SENDER)
    assert told
    assert told.problem == "The zip is damaged."
