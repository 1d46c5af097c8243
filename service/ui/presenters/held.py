"""What is held on a citizen as sheets they can read: which tables, which columns of them, and how each is told.

Data and not code: a table here says in order what its columns are called and how their values are written. Columns of
`TECHNICAL` are numbers of the store's own, told in the report's file only. A table that is not here yet is shown as it
is, so that nothing new is ever kept back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from service.ui.language import Language
from service.ui.presenters import values_held as values
from service.ui.presenters.values_held import Names

Row = Mapping[str, object]
Tell = Callable[[object], str]
Columns = Mapping[str, tuple[str, Tell]]

TECHNICAL: Final = frozenset(
    (
        *("sequence", "load_id", "source_id", "source_key", "content", "citizen", "known_from", "changed", "sent"),
        *("lexicon", "words", "places", "review_id", "objection_id", "named_at", "shown", "change", "previous_rank"),
        *("weeks", "overall_rank", "retracted", "into_citizen", "undone_by", "episode_id"),
    )
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table as it is shown: `lines` have a text for each of `columns`."""

    key: str
    title: str
    columns: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


def sheets(language: Language, tables: Mapping[str, Sequence[Row]], names: Names) -> tuple[Sheet, ...]:
    """The tables in the order a person would ask for them, empty columns left out."""
    known, tables = _known(language, names), _with_readings(tables)
    ordered = [*(name for name in known if name in tables), *(name for name in tables if name not in known)]
    return tuple(_sheet(name, *known.get(name, (name, _as_it_is(tables[name]))), tables[name]) for name in ordered)


def _with_readings(tables: Mapping[str, Sequence[Row]]) -> Mapping[str, Sequence[Row]]:
    """The same with what was read from each note beside it, under the same number, and not in a table of its own."""
    if "notes" not in tables:
        return tables
    read = {row["sequence"]: row["codes"] for row in tables.get("readings", ())}
    notes = [{**row, "read": read.get(row["sequence"])} for row in tables["notes"]]
    return {**{name: rows for name, rows in tables.items() if name != "readings"}, "notes": notes}


def worded(language: Language) -> Mapping[str, frozenset[str]]:
    """The columns that are told in words, by table."""
    known = {name: frozenset(columns) for name, (_, columns) in _known(language, Names()).items()}
    return {**known, "readings": frozenset({"codes"})}


def _sheet(key: str, title: str, columns: Columns, rows: Sequence[Row]) -> Sheet:
    told = [[tell(row[name]) if name in row else "" for name, (_, tell) in columns.items()] for row in rows]
    used = [at for at in range(len(columns)) if any(line[at] for line in told)]
    titles = [title for title, _ in columns.values()]
    lines = tuple(tuple(line[at] for at in used) for line in told)
    return Sheet(key, title, tuple(titles[at] for at in used), lines)


def _as_it_is(rows: Sequence[Row]) -> Columns:
    return {name: (name, values.plain) for name in (rows[0] if rows else ())}


def _known(language: Language, names: Names) -> Mapping[str, tuple[str, Columns]]:
    say = language.say
    return {
        "identities": (
            say("Navn og nummer"),
            {"name": (say("Navn"), values.plain), "citizen_id": (say("Nummer i omsorgssystemet"), values.plain)},
        ),
        **_care(language),
        **_risk(language, names),
        **_written(language),
        **_granted(language),
        "visits": (
            say("Besøg"),
            {
                "started_at": (say("Tidspunkt"), partial(values.moment, language)),
                "kind": (say("Slags"), partial(values.kind, language)),
                "planned_minutes": (say("Planlagte minutter"), partial(values.number, language)),
                "delivered_minutes": (say("Leverede minutter"), partial(values.number, language)),
                "status": (say("Status"), partial(values.status, language)),
                **_history(language),
            },
        ),
        "citizen_references": (
            say("Ordet, der står for dig i sidernes adresser"),
            {"reference": (say("Ord"), values.plain)},
        ),
        "citizen_merges": (
            say("Numre, der hører til samme person"),
            {
                "made_at": (say("Tidspunkt"), partial(values.moment, language)),
                "made_by": (say("Af"), values.plain),
                "reason": (say("Begrundelse"), values.plain),
            },
        ),
    }


def _care(language: Language) -> Mapping[str, tuple[str, Columns]]:
    say, day = language.say, partial(values.day, language)
    return {
        "citizens": (
            say("Stamoplysninger"),
            {
                "birth_date": (say("Født"), day),
                "sex": (say("Køn"), partial(values.sex, language)),
                "district": (say("Distrikt"), values.plain),
                "team": (say("Team"), values.plain),
                "care_start": (say("Hjemmepleje fra"), day),
                "care_end": (say("Hjemmepleje til"), day),
                "death_date": (say("Død"), day),
                "terminal": (say("Livets afslutning"), partial(values.yes, language)),
                **_history(language),
            },
        ),
    }


def _risk(language: Language, names: Names) -> Mapping[str, tuple[str, Columns]]:
    say, moment, user = language.say, partial(values.moment, language), partial(values.user, language, names)
    day = partial(values.day, language)
    reasons = partial(values.reasons, language)
    return {
        "list_entries": (
            say("Ugelister, du har stået på, og den risiko, der blev regnet ud"),
            {
                "list_id": (say("Liste for"), partial(values.list_date, language, names)),
                "district": (say("Distrikt"), values.plain),
                "team": (say("Team"), values.plain),
                "status": (say("Vurdering"), partial(values.standing, language)),
                "rank": (say("Nummer i distriktet"), partial(values.number, language)),
                "band": (say("Risiko"), partial(values.band, language)),
                "probability": (say("Indlæggelse inden for 30 dage"), partial(values.odds, language)),
                "reasons": (say("Begrundelser"), reasons),
                "against": (say("Taler imod"), reasons),
                "weekly_minutes": (say("Minutter om ugen"), partial(values.number, language)),
                "discharged_on": (say("Udskrevet"), day),
            },
        ),
        "reviews": (
            say("Gennemgange: hvad personalet gjorde"),
            {
                "made_at": (say("Tidspunkt"), moment),
                "list_id": (say("Liste for"), partial(values.list_date, language, names)),
                "user_id": (say("Af"), user),
                "action": (say("Gjort"), partial(values.review_action, language)),
                "grounds": (say("Begrundelse"), values.plain),
                "comment": (say("Bemærkning"), values.plain),
                "snoozed_until": (say("Vist først igen fra"), day),
                "undone_at": (say("Fortrudt"), moment),
            },
        ),
        "hand_overs": (
            say("Overdragelser til en kollega"),
            {"to_user": (say("Til"), user), "until": (say("Indtil"), day)},
        ),
        "objections": (
            say("Dine indsigelser"),
            {
                "starts_on": (say("Fra"), day),
                "reason": (say("Begrundelse"), values.plain),
                "set_by": (say("Registreret af"), values.plain),
                "superseded_at": (say("Trukket tilbage"), moment),
                "withdrawn_by": (say("Trukket tilbage af"), values.plain),
            },
        ),
    }


def _written(language: Language) -> Mapping[str, tuple[str, Columns]]:
    say, moment = language.say, partial(values.moment, language)
    role, code = (say("Skrevet af"), partial(values.role, language)), partial(values.code, language)
    return {
        "notes": (
            say("Notater"),
            {
                "observed_at": (say("Tidspunkt"), moment),
                "role": role,
                "heading": (say("Under"), code),
                "text": (say("Notat"), values.plain),
                "read": (say("Læst af Omhu"), partial(values.read_codes, language)),
                **_history(language),
            },
        ),
        "observations": (
            say("Observationer og målinger"),
            {
                "observed_at": (say("Tidspunkt"), moment),
                "code": (say("Hvad"), code),
                "value": (say("Værdi"), partial(values.number, language)),
                "unit": (say("Enhed"), values.unit),
                "value_text": (say("Med ord"), values.plain),
                "role": role,
                **_history(language),
            },
        ),
        "hospital_notifications": (
            say("Beskeder fra sygehuset"),
            {
                "occurred_at": (say("Tidspunkt"), moment),
                "activity": (say("Besked"), partial(values.activity, language)),
                "planned": (say("Planlagt"), partial(values.yes, language)),
                **_history(language),
            },
        ),
    }


def _granted(language: Language) -> Mapping[str, tuple[str, Columns]]:
    say, day, number = language.say, partial(values.day, language), partial(values.number, language)
    code, valid = partial(values.code, language), {"valid_from": (say("Fra"), day), "valid_to": (say("Til"), day)}
    return {
        "conditions": (
            say("Tilstande"),
            {
                "code": (say("Tilstand"), code),
                "severity": (say("Grad"), number),
                "status": (say("Status"), partial(values.status, language)),
                **_history(language),
            },
        ),
        "services": (
            say("Bevilgede ydelser"),
            {
                "code": (say("Ydelse"), code),
                "minutes_per_week": (say("Minutter om ugen"), number),
                **valid,
                **_history(language),
            },
        ),
        "monitoring_plans": (
            say("Planer for målinger"),
            {
                "code": (say("Hvad"), code),
                "times_per_week": (say("Gange om ugen"), number),
                "low": (say("Nedre grænse"), number),
                "high": (say("Øvre grænse"), number),
                **valid,
                **_history(language),
            },
        ),
    }


def _history(language: Language) -> Columns:
    """When a row was written down, and when a later one took its place."""
    moment = partial(values.moment, language)
    return {
        "recorded_at": (language.say("Skrevet ned"), moment),
        "superseded_at": (language.say("Rettet eller trukket tilbage"), moment),
    }
