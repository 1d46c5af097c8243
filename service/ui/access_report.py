"""The access report as a page that stands alone: a file for the person, with nothing to fetch from anywhere."""

from collections.abc import Mapping, Sequence

from service.citizens.access_report import AccessReport
from service.clock import danish_date
from service.ui.language import Language, languages
from service.ui.presenters import looks, values_held
from service.ui.presenters.held import Sheet, sheets
from service.ui.presenters.values_held import Names
from service.ui.rendering import environment


def page(report: AccessReport, code: str = "da") -> str:
    """The report as HTML in a language of the pages. Raises `KeyError` for one there is none of."""
    language = languages()[code]
    facts = {
        "language": language,
        "report": report,
        "made": language.long_date(danish_date(report.made_at)),
        "looks": _looks(language, report.looks),
        "sheets": sheets(language, report.tables, Names(report.users, report.lists)),
    }
    return environment(language).get_template("access_report.html").render(facts)


def _looks(language: Language, found: Sequence[Mapping[str, object]]) -> Sheet:
    say = language.say
    columns = (say("Tidspunkt"), say("Hvem"), say("Rolle"), say("Hvad"), say("Formål"), say("Svar"))
    lines = tuple(_look(language, look) for look in found)
    return Sheet("looks", say("Hvem har set oplysningerne"), columns, lines)


def _look(language: Language, look: Mapping[str, object]) -> tuple[str, ...]:
    """A look as the report's rows have it: a user by name already, anyone else as the log names them."""
    told = {name: str(value) for name, value in look.items()}
    return (
        values_held.moment(language, told["at"]),
        looks.actor_words(language, told["who"], {}),
        looks.look_role(language, told["role"]),
        looks.action_phrase(language, told["action"]),
        looks.purpose_phrase(language, told["purpose"]),
        looks.result_word(language, refused=told["result"] == "refused"),
    )
