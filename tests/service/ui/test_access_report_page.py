"""The access report as the citizen reads it: every table and column in words, Danish time, and nothing left out."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import inspect

from service.citizens.access_report import AccessReport
from service.storage.database import Database
from service.ui import access_report
from service.ui.language import languages
from service.ui.presenters import values_held
from service.ui.presenters.held import TECHNICAL, sheets, worded
from service.ui.presenters.values_held import Names

DANISH, ENGLISH = languages()["da"], languages()["en"]
NBSP = "\N{NO-BREAK SPACE}"
NOTE = {"sequence": 7, "observed_at": "2025-03-13T07:39:05+00:00", "role": "SSH", "text": "Dagvagt: <træt>."}
READING = {"sequence": 7, "codes": [["mention:fatigue:worse", 1.0], ["mention:oedema:absent", 1.0]]}
ENTRY = {
    "list_id": 2,
    "status": "ranked",
    "rank": 1,
    "band": "very_high",
    "probability": 0.31,
    "reasons": [{"da": "Fald: 2 gange", "en": "Falls: twice"}, {"da": "Åndenød", "en": "Short of breath"}],
}
LOOK = {"at": "2025-07-01T05:30:00+00:00", "who": "mette", "role": "nurse", "action": "citizen.view"}
REPORT = AccessReport(
    ids=("X1",),
    name="Niels Sønderskov",
    made_at=datetime(2025, 7, 1, 22, 30, tzinfo=UTC),
    tables={"notes": (NOTE,), "readings": (READING,), "list_entries": (ENTRY,)},
    looks=(
        LOOK | {"purpose": "care", "result": "shown"},
        LOOK | {"who": "token:3", "role": "token", "result": "refused", "purpose": "care"},
    ),
    users={},
    lists={2: date(2025, 6, 23)},
)


def test_every_column_held_on_a_citizen_is_told_in_words_or_known_to_be_technical(sqlite_url: str) -> None:
    known = worded(DANISH)
    with Database.open(sqlite_url) as database, database.read() as session:
        inspected = inspect(session)
        held = {name: {one["name"] for one in inspected.get_columns(name)} for name in inspected.get_table_names()}
    of_citizens = {name: columns for name, columns in held.items() if "citizen" in columns}
    assert set(of_citizens) == set(known)
    unworded = {name: columns - known[name] - TECHNICAL for name, columns in of_citizens.items()}
    assert not any(unworded.values()), unworded


def test_a_table_nobody_has_words_for_is_shown_as_it_is() -> None:
    (sheet,) = sheets(DANISH, {"moods": [{"citizen": 1, "mood": "glad", "empty": None}]}, Names())
    assert (sheet.title, sheet.columns, sheet.lines) == ("moods", ("citizen", "mood"), (("1", "glad"),))


def test_what_was_read_from_a_note_stands_beside_it() -> None:
    (sheet,) = sheets(DANISH, {"notes": [NOTE], "readings": [READING]}, Names())
    assert sheet.columns == ("Tidspunkt", "Skrevet af", "Notat", "Læst af Omhu")
    assert sheet.lines[0][:3] == (f"13.{NBSP}mar.{NBSP}2025 08.39", "Social- og sundhedshjælper", "Dagvagt: <træt>.")
    assert sheet.lines[0][3].endswith("(ikke)")
    assert "(værre), " in sheet.lines[0][3]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (
            "da",
            ("Meget høj", "ca. 1 ud af 3", "Fald: 2 gange\nÅndenød", "Visning af borgerens side", "Afvist", "Pleje"),
        ),
        (
            "en",
            ("Very high", "about 1 in 3", "Falls: twice\nShort of breath", "View of the citizen", "Refused", "Care"),
        ),
    ],
)
def test_the_page_tells_the_risk_and_the_looks_in_words(code: str, words: tuple[str, ...]) -> None:
    page = access_report.page(REPORT, code)
    assert not [word for word in words if word not in page]
    assert "Dagvagt: &lt;træt&gt;." in page
    codes = ("citizen.view", "very_high", "list_entries</", "observed_at", "T05:30", "mention:", "refused", "nurse<")
    assert not [one for one in codes if one in page]


def test_the_page_is_of_the_day_it_is_in_denmark() -> None:
    assert "Siden er lavet onsdag den 2. juli 2025" in access_report.page(REPORT)
    assert "System med nøgle nr. 3" in access_report.page(REPORT)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (values_held.day(DANISH, "2025-03-07T23:00:00+00:00"), f"8.{NBSP}mar.{NBSP}2025"),
        (values_held.day(DANISH, "2025-03-08"), f"8.{NBSP}mar.{NBSP}2025"),
        (values_held.day(DANISH, None), ""),
        (values_held.number(DANISH, 2402.39990234375), "2.402,4"),
        (values_held.number(DANISH, None), ""),
        (values_held.code(DANISH, "J3.2"), "Bevæge sig omkring (J3.2)"),
        (values_held.code(DANISH, "sign:lonely"), "Ensom"),
        (values_held.code(DANISH, "diag:DI50"), "diag:DI50"),
        (values_held.unit("Cel"), "°C"),
        (values_held.yes(DANISH, 1), "Ja"),
        (values_held.yes(DANISH, None), ""),
        (values_held.activity(DANISH, "cancel-admit-inpatient"), "Indlagt (annulleret)"),
        (values_held.activity(ENGLISH, "revise-discharge-inpatient-home"), "Discharged home (correction)"),
        (values_held.activity(DANISH, "sang"), "sang"),
        (values_held.user(DANISH, Names({4: "leder"}), 4), "leder"),
        (values_held.user(DANISH, Names(), 4), "bruger nr. 4"),
        (values_held.list_date(DANISH, Names(), 3), "nr. 3, vist til ingen"),
    ],
)
def test_a_value_is_told_as_people_write_it(told: str, words: str) -> None:
    assert told == words
