"""A stored list as table, CSV and JSON."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from models.errors import RequestWrong
from service.weekly.listing import COLUMNS, HINDSIGHT, Listed, as_text, choose, summary, write
from service.weekly.lists import Band, Change, Entry, ListHead, ListId, Quote, Reason, Status

MADE = datetime(2025, 6, 30, 3, 10, tzinfo=UTC)
HEAD = ListHead(ListId(1), date(2025, 6, 30), MADE, "7", "a" * 64, MADE, silent=False)
QUOTE = Quote("Har feber.", ((4, 9),), "SSA", MADE)
REASONS = tuple(
    Reason(group, 0.5 - place / 10, f"{group.capitalize()}: {place} på 7 dage", f"{group.capitalize()}: {place}")
    for place, group in enumerate(("fald", "feber", "smerter", "søvn"), start=1)
)


def ranked(citizen: int, district: str, rank: int, overall: int, *, shown: bool = True, **told: object) -> Entry:
    """A ranked entry; what is not told is usual."""
    entry = Entry(
        citizen, district, f"{district} 1", Status.RANKED, rank, overall, 1 / (3 * overall), Band.HIGH, shown,
        Change.NEW if shown else None, weeks=int(shown), reasons=REASONS[:overall] if shown else (),
    )  # fmt: skip
    return replace(entry, **told)


ENTRIES = (
    ranked(11, "Nord", 1, 1),
    ranked(21, "Syd", 1, 2, reasons=(replace(REASONS[0], quotes=(QUOTE,), trend=(None, 1.0)),)),
    ranked(12, "Nord", 2, 3),
    ranked(22, "Syd", 2, 4, shown=False),
    ranked(13, "Nord", 3, 5, shown=False),
    Entry(14, "Nord", "", Status.IN_HOSPITAL),
    Entry(23, "Syd", "", Status.NO_DATA),
    Entry(24, "Syd", "", Status.NO_DATA),
)
IDS = {entry.citizen: f"B{entry.citizen}" for entry in ENTRIES}
LISTED = Listed(HEAD, is_new=True, entries=ENTRIES, ids=IDS)


def citizens(**asked: object) -> list[int]:
    wanted: dict[str, object] = {"district": None, "top": None, "every": False, **asked}
    return [entry.citizen for entry in choose(LISTED, **wanted)]  # pyright: ignore[reportArgumentType]


def test_without_a_wish_each_districts_capacity_is_shown_by_rank():
    assert citizens() == [11, 21, 12]


def test_the_first_few_and_everyone_can_be_asked_for_and_one_district():
    assert citizens(top=4) == [11, 21, 12, 22]
    assert citizens(top=99) == citizens(every=True) == [11, 21, 12, 22, 13]
    assert citizens(district="Nord") == [11, 12]
    assert citizens(district="Syd", every=True) == [21, 22]
    assert citizens(district="Nord", top=3) == [11, 12, 13]


def test_an_unknown_district_is_answered_with_those_there_are():
    with pytest.raises(RequestWrong) as caught:
        citizens(district="Vest")
    assert caught.value.remedy == "There are: Nord, Syd."


def written(form: str, folder: Path, listed: Listed = LISTED, **asked: object) -> str:
    """What is written of the entries asked for."""
    chosen = [entry for entry in listed.entries if entry.citizen in citizens(**asked)]
    write(chosen, listed, form, folder / "list")
    return (folder / "list").read_text(encoding="utf-8")


def test_csv_has_the_promised_columns_in_order_and_every_digit(tmp_path: Path):
    text = written("csv", tmp_path, every=True)
    assert text.splitlines()[0] == ",".join(COLUMNS)
    assert COLUMNS[:5] == ("rank", "citizen_id", "probability", "band", "district")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["rank"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert [float(row["probability"]) for row in rows] == [entry.probability for entry in ENTRIES[:5]]
    first, last = rows[0], rows[4]
    assert (first["citizen_id"], first["band"], first["change"]) == ("B11", "high", "new")
    assert (first["reason_1"], first["reason_2"]) == ("Fald: 1 på 7 dage", "")
    assert rows[2]["reason_3"] == "Smerter: 3 på 7 dage"
    assert (last["district_rank"], last["change"], last["reason_1"]) == ("3", "", "")


def test_within_one_district_ranks_count_in_the_district(tmp_path: Path):
    text = written("csv", tmp_path, replace(LISTED, by_district=True), district="Nord", every=True)
    assert [row["rank"] for row in csv.DictReader(io.StringIO(text))] == ["1", "2", "3"]


@pytest.mark.parametrize("text", ["=1+1", "+45 1", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "Nord\r=1"])
def test_text_that_a_spreadsheet_would_compute_is_made_harmless(text: str, tmp_path: Path):
    harmless = as_text(text)
    assert harmless == ("Nord =1" if text.startswith("Nord") else "'" + text.replace("\r", " "))
    ids = IDS | {11: text}
    entries = (replace(ENTRIES[0], district=text, reasons=(replace(REASONS[0], da=text),)),)
    written_text = written("csv", tmp_path, replace(LISTED, ids=ids, entries=entries))
    (row,) = csv.DictReader(io.StringIO(written_text, newline=""))
    assert [row[name] for name in ("citizen_id", "district", "reason_1")] == [harmless] * 3


@pytest.mark.parametrize("value", ["B1", "", "1=1", -0.5, 3])
def test_what_is_no_formula_is_left_alone(value: object):
    assert as_text(value) == value


def test_text_with_commas_quotes_and_line_breaks_is_read_back_as_it_was(tmp_path: Path):
    odd = 'Nord, "øst"\nog vest'
    text = written("csv", tmp_path, replace(LISTED, entries=(replace(ENTRIES[0], district=odd),)))
    assert [row["district"] for row in csv.DictReader(io.StringIO(text))] == [odd]


def test_json_holds_the_whole_reasons_and_who_is_not_ranked(tmp_path: Path):
    text = written("json", tmp_path)
    assert "på 7 dage" in text
    told = json.loads(text)
    assert {name: told[name] for name in ("as_of", "made_at", "model_version", "snapshot", "data_until")} == {
        "as_of": "2025-06-30",
        "made_at": MADE.isoformat(),
        "model_version": "7",
        "snapshot": "a" * 64,
        "data_until": MADE.isoformat(),
    }
    assert [entry["citizen_id"] for entry in told["entries"]] == ["B11", "B21", "B12"]
    assert told["entries"][0]["probability"] == ENTRIES[0].probability
    (reason,) = told["entries"][1]["reasons"]
    assert reason["quotes"] == [
        {"text": "Har feber.", "marks": [[4, 9]], "role": "SSA", "observed_at": MADE.isoformat()}
    ]
    assert reason["trend"] == [None, 1.0]
    assert told["not_ranked"] == [
        {"citizen_id": "B14", "status": "in_hospital"},
        {"citizen_id": "B23", "status": "no_data"},
        {"citizen_id": "B24", "status": "no_data"},
    ]


def test_the_table_is_for_reading(tmp_path: Path):
    text = written("table", tmp_path)
    assert "As of 2025-06-30" in text
    assert "B11" in text
    assert "33%" in text
    assert "Smerter: 3 på 7 dage" in text
    assert max(len(line) for line in text.splitlines()) <= 120


def test_brackets_in_the_data_are_no_markup(tmp_path: Path):
    entries = (replace(ENTRIES[0], district="[b]Nord[/i]", reasons=(replace(REASONS[0], da="[red]: :smile:"),)),)
    text = written("table", tmp_path, replace(LISTED, entries=entries, ids={11: "[/]"}))
    for told in ("[b]Nord[/i]", "[red]: :smile:", "[/]"):
        assert told in text


def test_without_a_file_it_goes_to_standard_output(capsys: pytest.CaptureFixture[str]):
    write(ENTRIES[:1], LISTED, "csv", None)
    assert capsys.readouterr().out.startswith("rank,citizen_id")


def test_a_file_that_cannot_be_written_is_said_in_one_line(tmp_path: Path):
    with pytest.raises(RequestWrong, match=r"cannot be written: Is a directory\."):
        write(ENTRIES[:1], LISTED, "csv", tmp_path)


def test_the_summary_counts_who_is_written_and_who_could_not_be_ranked():
    assert summary(LISTED, ENTRIES[:3]) == (
        "List of 2025-06-30 by model version 7 (made now): 3 of 8 citizens in care written, "
        "1 in hospital, 2 no data not ranked."
    )
    nobody_apart = replace(LISTED, is_new=False, entries=ENTRIES[:5])
    assert "(fetched): 1 of 5 citizens in care written, none not ranked." in summary(nobody_apart, ENTRIES[:1])


def test_the_summary_says_when_the_model_knew_what_came_after():
    late = replace(LISTED, head=replace(HEAD, hindsight=True))
    assert summary(late, ()).splitlines() == [summary(LISTED, ()), HINDSIGHT]
