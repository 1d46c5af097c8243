"""The access report as a page that stands alone: a file for the person, with nothing to fetch from anywhere."""

from collections.abc import Mapping

from service.citizens.access_report import AccessReport
from service.ui.language import Language, languages
from service.ui.rendering import environment


def page(report: AccessReport, code: str = "da") -> str:
    """The report as HTML in a language of the pages. Raises `KeyError` for one there is none of."""
    language = languages()[code]
    titles = _titles(language)
    facts = {
        "language": language,
        "report": report,
        "made": language.long_date(report.made_at.date()),
        "sections": [_section(titles.get(table, table), rows) for table, rows in report.tables.items()],
        "looks": _section("", report.looks),
    }
    return environment(language).get_template("access_report.html").render(facts)


def _section(title: str, rows: tuple[Mapping[str, object], ...]) -> dict[str, object]:
    """A table without the columns that are empty in every row."""
    columns = [name for name in (rows[0] if rows else {}) if any(row[name] not in (None, "", []) for row in rows)]
    lines = [["" if row[name] is None else row[name] for name in columns] for row in rows]
    return {"title": title, "columns": columns, "lines": lines}


def _titles(language: Language) -> Mapping[str, str]:
    say = language.say
    return {
        "identities": say("Navn og nummer"),
        "citizens": say("Stamoplysninger"),
        "visits": say("Besøg"),
        "observations": say("Observationer og målinger"),
        "notes": say("Notater"),
        "readings": say("Det, der er læst ud af notaterne"),
        "conditions": say("Tilstande"),
        "services": say("Bevilgede ydelser"),
        "monitoring_plans": say("Planer for målinger"),
        "hospital_notifications": say("Beskeder fra sygehuset"),
        "list_entries": say("Pladser på ugelister"),
        "reviews": say("Gennemgange"),
        "hand_overs": say("Overdragelser"),
        "objections": say("Indsigelser"),
        "citizen_references": say("Ordet, der står for borgeren i sidernes adresser"),
        "citizen_merges": say("Numre, der hører til samme person"),
    }
