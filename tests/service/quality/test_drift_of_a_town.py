"""Drift of a tiny town: quiet when nothing changed, and pointing at what did."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from models.errors import RequestWrong
from models.events import Events
from models.snapshot import Snapshot
from models.windows import day_number
from service.quality import drift
from tests.service.terminal import OmhuAt
from tests.service.tiny_town import SECOND, TinyTown


class Silent(Snapshot):
    """The town from a day on, when everybody ceased to write and visits came in a week late."""

    __slots__ = ("_day",)

    def __init__(self, snapshot: Snapshot, day: int) -> None:
        super().__init__(snapshot.folder, snapshot.manifest)
        object.__setattr__(self, "_day", day)

    def read(self, bucket: int, from_day: int = -(2**30), known_before: int = 2**30) -> Events:
        whole = Snapshot.read(self, bucket, from_day, known_before)
        noted = np.array([code.startswith(("note:", "mention:", "sign:")) for code in whole.codes])[whole.code]
        visit = np.array([code.startswith("visit:") for code in whole.codes])[whole.code]
        later = np.where(visit & (whole.day >= self._day), whole.known_day + 7, whole.known_day).astype(np.int32)
        return replace(whole, known_day=later).where(~(noted & (whole.day >= self._day)))


@pytest.fixture(scope="module")
def usual(tiny_town: TinyTown) -> drift.Drift:
    return drift.measure(tiny_town.snapshot, tiny_town.model, SECOND)


def test_a_quiet_town_has_small_drift(usual: drift.Drift):
    assert usual.citizens > 100
    assert usual.reference[-1] <= SECOND - timedelta(weeks=4)
    assert {district.district for district in usual.districts} >= {"Nord", "Syd"}
    assert all(0.5 < district.now / district.before < 2.0 for district in usual.districts)
    assert usual.scores.psi < usual.by_chance + 0.25
    assert "season" not in {group.group for group in usual.groups}


def test_what_changed_is_pointed_at(tiny_town: TinyTown, usual: drift.Drift):
    changed = Silent(tiny_town.snapshot, day_number(SECOND) - 40)
    found = drift.measure(changed, tiny_town.model, SECOND)
    of_group = {group.group: group.psi for group in found.groups}
    assert of_group["documentation"] > {group.group: group.psi for group in usual.groups}["documentation"] + 1.0
    written = next(code for code in found.codes if code.name == "note:SSH")
    assert written.ratio < 0.05
    assert written.z < -6.0
    assert all(district.now < district.before for district in found.districts)
    assert all(district.late_now > district.late_before + 0.3 for district in found.districts)


def test_an_alarm_takes_two_weeks(tiny_town: TinyTown, tmp_path: Path):
    states = tmp_path / "drift.json"
    changed = Silent(tiny_town.snapshot, day_number(SECOND) - 40)
    found = drift.measure(changed, tiny_town.model, SECOND)
    first = drift.with_alarms(found, states)
    assert first.alarms == ()
    assert drift.with_alarms(found, states).alarms == ()
    second = drift.with_alarms(replace(found, as_of=SECOND + timedelta(weeks=1)), states)
    assert "features:documentation" in second.alarms
    assert "code:note:SSH" in second.alarms
    assert {"lateness:Nord", "volume:Nord"} & set(second.alarms)
    states.write_text("not json")
    assert drift.with_alarms(found, states).alarms == ()


def test_a_date_without_anybody_is_refused(tiny_town: TinyTown):
    with pytest.raises(RequestWrong, match="Nobody was ranked on 1950-01-02"):
        drift.measure(tiny_town.snapshot, tiny_town.model, date(1950, 1, 2))


def test_by_command(tiny_town: TinyTown, tmp_path: Path, omhu_at: OmhuAt):
    home = tiny_town.copied(tmp_path / "home")
    code, shown, _ = omhu_at(home.folder, "drift", "--as-of", SECOND.isoformat(), "--format", "json")
    assert code == 0
    told = json.loads(shown)
    assert told["as_of"] == SECOND.isoformat()
    assert {"groups", "codes", "concerns", "districts", "scores", "alarms"} <= set(told)
    assert "Alarms: none" in omhu_at(home.folder, "drift")[1]
    assert (home.folder / "drift.json").exists()
