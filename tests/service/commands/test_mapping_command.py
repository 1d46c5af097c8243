"""`omhu mapping`: proposing a file, checking it, using it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.cli import build
from service.intake.mapping.file import read_mapping

DROP = """\
maaling_id,citizen_id,maalt,recorded_at,kode,value,unit,rolle,ekstra
1,B1,2025-01-01T10:00:00,2025-01-01T10:05:00,VGT,80,kg,Sygeplejerske,x
2,B1,2025-01-01T10:00:00,2025-01-01T10:05:00,npu 08676,98.6,°F,SSA,x
3,B1,2025-01-01T10:00:00,2025-01-01T10:05:00,NPU03804,12,stone,SSA,x
4,B1,2025-01-01T10:00:00,2025-01-01T10:05:00,Temperatur,37,Cel,SSA,x
5,B1,2025-01-01T10:00:00,2025-01-01T10:05:00,NPU03804,160,[lb_av],SSA,x
"""


@pytest.fixture
def drop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A drop with words of its own, in a home of its own."""
    monkeypatch.setenv("OMHU_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("OMHU_DATABASE_URL", raising=False)
    folder = tmp_path / "drop"
    folder.mkdir()
    (folder / "observations.csv").write_text(DROP, encoding="utf-8")
    return folder


def run(*arguments: object) -> tuple[int, str]:
    """Exit code and output of a command."""
    done = CliRunner().invoke(build(), [str(argument) for argument in arguments])
    return done.exit_code, done.output


def test_what_is_proposed_is_a_valid_file_with_what_is_sure_as_entries_and_the_rest_as_comments(
    drop: Path, tmp_path: Path
) -> None:
    file = tmp_path / "kommune.toml"
    assert run("mapping", "suggest", drop, "--out", file)[0] == 0
    text = file.read_text(encoding="utf-8")

    assert read_mapping(file).faults == ()
    for line in (
        '"maalt" = "observed_at"',
        '"npu 08676" = "NPU08676"  # 1 row, Temperatur',
        '# "VGT" = "NPU03804"  # 1 row; nearest: NPU03804 (Vægt)',
        '# "Temperatur" = "NPU08676"  # 1 row; nearest: NPU08676 (Temperatur)',
        '# "Sygeplejerske" = "SPL"  # 1 row; nearest: SPL',
        '# "ekstra" = "?"  # nothing near',
        '# "[lb_av]" is converted already: 1 rows of NPU03804 (Vægt)',
    ):
        assert line in text.splitlines()
    assert "B1" not in text
    assert run("mapping", "suggest", drop)[1] == text
    assert run("mapping", "suggest", drop, "--out", file)[0] != 0, "what a person wrote is never replaced"


def test_a_completed_proposal_leaves_nothing_unknown_and_is_used_from_then_on(drop: Path, tmp_path: Path) -> None:
    file = tmp_path / "kommune.toml"
    run("mapping", "suggest", drop, "--out", file)
    assert "observations.code: not known: VGT (1 rows)" in run("mapping", "check", file, "--drop", drop)[1]
    done = [line.removeprefix("# ") if " = " in line and '"?"' not in line else line for line in _lines(file)]
    file.write_text("\n".join([*done, 'stone = { to = "kg", code = "NPU03804", scale = 6.35, source = "UCUM" }']))

    code, said = run("mapping", "check", file, "--drop", drop)
    assert (code, said.splitlines()[1:]) == (0, ["observations: column left out: ekstra"])
    assert run("mapping", "use", file)[0] == 0
    code, said = run("load", drop)
    assert code == 0
    assert "values changed by the mapping: code (3), role (1), unit (1)" in said


def _lines(file: Path) -> list[str]:
    """The lines of the proposal itself, without what it says at its head."""
    text = file.read_text(encoding="utf-8")
    return text[text.index("municipality") :].splitlines()


def test_a_file_with_faults_is_refused_with_exit_code_2_and_the_lines(drop: Path, tmp_path: Path) -> None:
    file = tmp_path / "kommune.toml"
    file.write_text('[units]\nq = "quux"\n[codes.visits.kind]\nPP = "pleje"\n', encoding="utf-8")

    code, said = run("mapping", "check", file)
    assert code == 2
    assert [line.split(":")[1] for line in said.splitlines()] == [" line 2", " line 4"]
    assert run("mapping", "use", file)[0] != 0
    assert not (tmp_path / "home" / "mapping.toml").exists()
    assert run("mapping", "check", tmp_path / "none.toml")[0] != 0


def test_a_drop_that_would_still_lack_a_column_is_told(drop: Path, tmp_path: Path) -> None:
    file = tmp_path / "kommune.toml"
    file.write_text('municipality = "Vestby"\n', encoding="utf-8")
    code, said = run("mapping", "check", file, "--drop", drop)

    assert code == 2
    assert "observations: lacks observation_id, observed_at, code" in said
