"""What became of lists: of the tiny town's from its own stays, and of invented ones whose stays are written out."""

import json
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.home import Home
from models.outcomes import Figures
from models.snapshot import Snapshot
from models.truth.label import DEFAULT_POLICY
from models.windows import day_number, day_of
from service.cli import build
from service.snapshots import bring_up_to_date
from service.storage import identities, lists, reviews
from service.storage import outcomes as stored
from service.storage.database import Database
from service.weekly import outcome_days
from service.weekly.lists import Band, Entry, Status, WeeklyList
from service.weekly.outcome_report import rows
from service.weekly.outcomes import Settled, settle
from service.weekly.reviews import Action, Draft
from tests.drops import citizen, load, observation, write_drop

MONDAY = date(2026, 3, 2)
LATER = datetime(2026, 6, 1, 8, tzinfo=UTC)
NORD, SYD = [f"B{number:02}" for number in range(12)], [f"C{number:02}" for number in range(4)]


class Stays:
    """A store whose hospital messages are written by the test, with one list of twelve in Nord and four in Syd."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.home = Home.of({"OMHU_HOME": str(folder)})
        self.database = database
        self.number = 0

    def know(self, *admitted: tuple[str, str], until: str = "2026-05-20", received: datetime = LATER) -> None:
        """Load admissions, `(citizen, day)`, and everyday life up to `until`; bring the snapshot up to date."""
        self.number += 1
        folder = self.home.folder / f"drop{self.number}"
        notices = [
            {
                "notification_id": f"{one}{day}{self.number}",
                "citizen_id": one,
                "episode_id": f"{one}{day}",
                "activity": "admit-inpatient",
                "planned": False,
                "occurred_at": f"{day}T10:00:00Z",
                "recorded_at": f"{day}T10:05:00Z",
            }
            for one, day in admitted
        ]
        times = {"observed_at": f"{until}T08:00:00Z", "recorded_at": f"{until}T09:00:00Z"}
        seen = observation(f"o{self.number}", "NPU03804", citizen_id="B00", value=80.0, **times)
        people = [citizen(one, district="Nord" if one in NORD else "Syd") for one in (*NORD, *SYD)]
        write_drop(folder, citizens=people, observations=[seen], hospital_notifications=notices)
        load(self.database, folder, received_at=int(received.timestamp() * 1_000_000))
        bring_up_to_date(self.database, self.home.snapshot)

    def settle(self, known_at: date | None = None) -> Settled:
        return settle(self.database, Snapshot.open(self.home.snapshot), LATER, lambda _: None, known_at=known_at)

    def store_list(self, as_of: date = MONDAY, *, silent: bool = False, hindsight: bool = False) -> None:
        """Half of each district is shown; everyone's probability is a quarter, below the cut a twentieth."""
        with self.database.write() as session:
            keys = {one: key for key, one in identities.citizen_ids(session, range(1, 99)).items()}
            entries = [
                entry(keys[one], place, len(several), name)
                for several, name in ((NORD, "Nord"), (SYD, "Syd"))
                for place, one in enumerate(several)
            ]
            made = datetime(as_of.year, as_of.month, as_of.day, 4, tzinfo=UTC)
            made_of = ("1", "0" * 64, made, silent, tuple(entries), hindsight)
            lists.store_list(session, WeeklyList(as_of, made, *made_of))
        self.keys = keys

    def act(self, citizen: str, action: Action, *, undone: bool = False) -> None:
        with self.database.write() as session:
            head = lists.latest_list(session, MONDAY)
            assert head is not None
            draft = Draft(action, grounds="kendt" if action is Action.WRONG else "")
            number = reviews.add_review(session, self.keys[citizen], head.number, 1, draft, LATER)
            if undone:
                reviews.undo_review(session, number, self.keys[citizen], 1, LATER)


def entry(citizen: int, place: int, of: int, district: str) -> Entry:
    shown = place < of // 2
    probability, band = (0.25, Band.VERY_HIGH) if shown else (0.05, Band.USUAL)
    return Entry(
        citizen,
        district,
        "",
        Status.RANKED,
        rank=place + 1,
        overall_rank=place + 1,
        probability=probability,
        band=band,
        shown=shown,
    )


@pytest.fixture
def stays(tmp_path: Path, database_url: str) -> Generator[Stays]:
    with Database.open(database_url) as database:
        found = Stays(tmp_path, database)
        found.know(until="2026-03-01", received=datetime(2026, 3, 1, 12, tzinfo=UTC))
        found.store_list()
        yield found


def nord(settled: Settled, as_of: date = MONDAY) -> Figures:
    head = next(head for head in settled.lists if head.as_of == as_of)
    return settled.figures[head.number, "Nord"]


def test_the_days_pages_know_are_those_of_the_label() -> None:
    days = DEFAULT_POLICY.horizon_days + DEFAULT_POLICY.settled_days
    assert (outcome_days.POLICY, outcome_days.SETTLED_AFTER.days) == (DEFAULT_POLICY.id, days)
    assert outcome_days.told_from(MONDAY) == day_of(day_number(MONDAY) + days)


def test_who_was_admitted_within_thirty_days_counts_and_nobody_else(stays: Stays) -> None:
    stays.know(("B00", "2026-03-02"), ("B07", "2026-03-31"), ("B01", "2026-04-01"), ("B02", "2026-03-01"))
    figures = nord(stays.settle())
    assert figures.told
    assert (figures.everyone.listed.citizens, figures.everyone.listed.admitted) == (6, 1)
    assert (figures.everyone.below.citizens, figures.everyone.below.admitted) == (6, 1)
    assert figures.everyone.listed.expected == pytest.approx(1.5)


def test_before_the_horizon_is_over_only_what_is_expected_is_told_and_nothing_stored(stays: Stays) -> None:
    stays.know(("B00", "2026-03-03"), until="2026-04-02", received=datetime(2026, 4, 2, 12, tzinfo=UTC))
    settled = stays.settle()
    assert settled.known_before == date(2026, 4, 3)
    assert (nord(settled).told, settled.added) == (False, 0)
    assert nord(settled).everyone.listed.expected == pytest.approx(1.5)


def test_a_feed_that_stopped_is_nobody_at_home(stays: Stays) -> None:
    assert not nord(stays.settle()).told


def test_hospitals_that_fell_silent_are_nobody_in_hospital(stays: Stays) -> None:
    stays.know(until="2026-05-20")
    assert not nord(stays.settle()).told
    stays.know(("B00", "2026-03-03"), until="2026-03-19", received=datetime(2026, 3, 19, 12, tzinfo=UTC))
    silent = stays.settle()
    assert (nord(silent).told, silent.added, silent.known_before) == (False, 0, date(2026, 4, 3))
    stays.know(("B01", "2026-05-19"), until="2026-05-20")
    heard = stays.settle()
    assert (nord(heard).told, nord(heard).everyone.listed.admitted) == (True, 1)


def test_settling_again_adds_nothing_and_a_late_message_adds_what_it_changes(stays: Stays) -> None:
    stays.know(("B07", "2026-05-09"), until="2026-05-10", received=datetime(2026, 5, 10, 12, tzinfo=UTC))
    assert stays.settle().added == 2
    assert stays.settle().added == 0
    stays.know(("B00", "2026-03-05"), received=datetime(2026, 5, 20, 12, tzinfo=UTC))
    later = stays.settle()
    assert (later.added, nord(later).everyone.listed.admitted) == (1, 1)
    earlier = stays.settle(known_at=date(2026, 5, 15))
    assert (earlier.added, nord(earlier).everyone.listed.admitted) == (0, 0)
    with stays.database.read() as session:
        numbers = [head.number for head in later.lists]
        for known_by, admitted in ((date(2026, 5, 15), 0), (date(2026, 5, 30), 1), (None, 1)):
            found = stored.told(session, numbers, DEFAULT_POLICY.id, known_by=known_by)
            assert found[numbers[0], "Nord"].everyone.listed.admitted == admitted


def test_those_acted_on_are_shown_apart_and_what_was_taken_back_or_only_seen_is_not(stays: Stays) -> None:
    stays.act("B00", Action.VISITED)
    stays.act("B01", Action.PHONED, undone=True)
    stays.act("B02", Action.SEEN)
    stays.act("B03", Action.WRONG)
    stays.know(("B00", "2026-03-05"), ("B02", "2026-03-06"))
    figures = nord(stays.settle())
    assert (figures.acted, figures.everyone.listed.admitted, figures.unacted.listed.admitted) == (1, 2, 1)


def test_of_few_nothing_is_told_where_figures_are_protected(stays: Stays) -> None:
    stays.act("B00", Action.VISITED)
    stays.know(("B00", "2026-03-05"))
    settled = stays.settle()
    told = {
        protected: {
            row["district"]: row for row in rows(settled.lists, settled.figures, settled.told_from, protected=protected)
        }
        for protected in (True, False)
    }
    assert told[False]["Syd"]["listed"] == 2
    assert told[True]["Syd"]["listed"] is None
    assert told[True]["Syd"]["precision"] is None
    assert (told[False]["Nord"]["acted_on"], told[True]["Nord"]["acted_on"]) == (1, None)
    assert told[True][None]["without_acted_on"] is None
    # All less those of Nord would be the two of Syd.
    assert (told[True][None]["admitted_listed"], told[True]["Nord"]["admitted_listed"]) == (1, None)
    assert told[True][None]["bands"] == told[False][None]["bands"]


def test_of_a_list_in_hindsight_nothing_is_told_anywhere(
    tmp_path: Path, database_url: str, stays: Stays, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = MONDAY - timedelta(weeks=1)
    stays.store_list(late, hindsight=True)
    stays.know(("B00", "2026-03-05"))
    settled = stays.settle()
    assert [head.as_of for head in settled.hindsight] == [late]
    assert [head.as_of for head in settled.lists] == [MONDAY]
    assert {number for number, _ in settled.figures} == {head.number for head in settled.lists}
    monkeypatch.setenv("OMHU_HOME", str(tmp_path))
    monkeypatch.setenv("OMHU_DATABASE_URL", database_url)
    run = CliRunner().invoke(build(), ["outcomes", "--as-of", late.isoformat(), "--format", "json"])
    assert run.exit_code == 0, run.output
    written = json.loads(run.stdout)
    assert written["outcomes"] == []
    assert written["hindsight"] == [{"as_of": late.isoformat(), "model_version": "1", "silent": False}]
    assert f"the list of {late}, whose model 1 had learnt from what came after" in " ".join(run.stderr.split())


def test_silent_lists_are_measured_too(stays: Stays) -> None:
    stays.store_list(MONDAY + timedelta(weeks=1), silent=True)
    stays.know(("B00", "2026-03-20"))
    settled = stays.settle()
    assert [head.silent for head in settled.lists] == [True, False]
    assert nord(settled, MONDAY + timedelta(weeks=1)).everyone.listed.admitted == 1


def test_the_command_writes_a_table_and_json(
    tmp_path: Path, database_url: str, stays: Stays, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays.know(("B00", "2026-03-05"), ("B07", "2026-03-31"))
    monkeypatch.setenv("OMHU_HOME", str(tmp_path))
    monkeypatch.setenv("OMHU_DATABASE_URL", database_url)
    run = CliRunner().invoke(build(), ["outcomes", "--format", "json"])
    assert run.exit_code == 0, run.output
    written = json.loads(run.stdout)
    assert written["policy"] == "acute_broad@1"
    everyone, of_nord, _ = written["outcomes"]
    assert (everyone["district"], of_nord["district"], of_nord["state"]) == (None, "Nord", "told")
    assert of_nord["precision"]["value"] == pytest.approx(1 / 6)
    assert of_nord["recall"]["value"] == pytest.approx(1 / 2)
    assert of_nord["calibration"]["value"] == pytest.approx(2 / 1.8)
    table = CliRunner().invoke(build(), ["outcomes", "--as-of", MONDAY.isoformat()])
    assert table.exit_code == 0
    assert "Nord" in table.stdout
    missing = CliRunner().invoke(build(), ["outcomes", "--as-of", "2020-01-06"])
    assert missing.exit_code != 0


def test_figures_read_as_they_were_written(stays: Stays) -> None:
    stays.know(("B00", "2026-03-05"))
    figures = nord(stays.settle())
    assert stored.read(stored.written(figures)) == figures
    assert stored.read(stored.written(replace(figures, told=False))) != figures
