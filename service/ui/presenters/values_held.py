"""How a value that is held on a citizen is told: Danish time, words for codes, and nothing where there is nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, cast

from models.notes.lexicon import packaged_lexicon
from models.vocabulary import name as code_name
from service.clock import danish_date
from service.ui.language import Language
from service.ui.presenters import wording
from service.weekly.lists import Band, Status
from service.weekly.reviews import Action


@dataclass(frozen=True, slots=True)
class Names:
    """What numbers in the rows stand for: users, and the dates of lists."""

    users: Mapping[int, str] = field(default_factory=dict[int, str])
    lists: Mapping[int, date] = field(default_factory=dict[int, date])


def plain(value: object) -> str:
    """The value as it is."""
    return "" if value is None else str(value)


def moment(language: Language, value: object) -> str:
    """`8. mar. 2025 07.54`, in Denmark, from ISO text."""
    if not isinstance(value, str):
        return plain(value)
    found = datetime.fromisoformat(value)
    return f"{_kept_together(language, danish_date(found))} {language.clock(found)}"


def day(language: Language, value: object) -> str:
    """`8. mar. 2025`, from the text of a date or of the instant its day begins."""
    if not isinstance(value, str):
        return plain(value)
    found = date.fromisoformat(value) if len(value) == len("2025-03-08") else danish_date(datetime.fromisoformat(value))
    return _kept_together(language, found)


def _kept_together(language: Language, found: date) -> str:
    """A date that no narrow column breaks in two."""
    return language.full_date(found).replace(" ", "\N{NO-BREAK SPACE}")


def number(language: Language, value: object) -> str:
    """A number with the language's own separators, at most two decimals."""
    return language.number(value, 2) if isinstance(value, (int, float)) else plain(value)


def unit(value: object) -> str:
    """A unit as people write it; UCUM has its own ways for a few."""
    return {"Cel": "°C", "mm[Hg]": "mmHg", "1": ""}.get(plain(value), plain(value))


def yes(language: Language, value: object) -> str:
    """A flag as a word."""
    return "" if value is None else language.say("Ja") if value else language.say("Nej")


def code(language: Language, value: object) -> str:
    """What a code is called, with the code where it has a name."""
    if not value:
        return ""
    named = code_name(str(value), _side(language))
    return named if named == value or ":" in str(value) else f"{named} ({value})"


def read_codes(language: Language, value: object) -> str:
    """What a note was read to say: the concepts' own phrases, with what was said of them."""
    pairs = cast("list[tuple[str, float | None]]", value) if isinstance(value, list) else []
    return ", ".join(_read(language, told) for told, _ in pairs)


def _read(language: Language, told: str) -> str:
    family, _, rest = told.partition(":")
    concept, _, how = rest.partition(":")
    known = packaged_lexicon().concepts.get(concept)
    if family != "mention" or known is None:
        return code_name(rest, _side(language))
    phrase = known.danish_phrase if _side(language) == "da" else known.english_phrase
    said = {"absent": language.say("ikke"), "worse": language.say("værre")}
    return f"{phrase} ({said[how]})" if how in said else phrase


def reasons(language: Language, value: object) -> str:
    """The reasons' own sentences; there are Danish and English ones."""
    found = cast("list[Mapping[str, str]]", value) if isinstance(value, list) else []
    return "\n".join(one[_side(language)] for one in found)


def band(language: Language, value: object) -> str:
    """The band in a word."""
    return wording.band_word(language, Band(str(value))) if value else ""


def odds(language: Language, value: object) -> str:
    """The probability as a share of people."""
    return wording.odds(language, value) if isinstance(value, float) else plain(value)


def standing(language: Language, value: object) -> str:
    """Whether one was ranked, or why not."""
    return wording.status_word(language, Status(str(value)))


def review_action(language: Language, value: object) -> str:
    """What was done."""
    return wording.action_word(language, Action(str(value)))


def role(language: Language, value: object) -> str:
    """Who wrote."""
    said = {
        "SSH": language.say("Social- og sundhedshjælper"),
        "SSA": language.say("Social- og sundhedsassistent"),
        "SPL": language.say("Sygeplejerske"),
        "TER": language.say("Terapeut"),
    }
    return said.get(str(value)) or wording.role_word(language, plain(value))


def user(language: Language, names: Names, value: object) -> str:
    """A user by name."""
    known = names.users.get(value) if isinstance(value, int) else None
    return known or ("" if value is None else language.say("bruger nr. %(number)s", number=value))


def list_date(language: Language, names: Names, value: object) -> str:
    """The date of a list; one that was only tried out has none that was shown to anybody."""
    known = names.lists.get(value) if isinstance(value, int) else None
    return _kept_together(language, known) if known else language.say("nr. %(number)s, vist til ingen", number=value)


def sex(language: Language, value: object) -> str:
    """A sex in a word."""
    said = {"female": language.say("Kvinde"), "male": language.say("Mand"), "other": language.say("Andet")}
    return said.get(str(value), "")


def kind(language: Language, value: object) -> str:
    """A kind of visit."""
    say = language.say
    said = {
        "personal_care": say("Personlig pleje"),
        "practical_help": say("Praktisk hjælp"),
        "nursing": say("Sygepleje"),
        "rehabilitation": say("Rehabilitering"),
        "night": say("Natbesøg"),
        "acute": say("Akutbesøg"),
    }
    return said.get(str(value), plain(value))


def status(language: Language, value: object) -> str:
    """What became of a visit, or whether a condition holds."""
    say = language.say
    said = {
        "completed": say("Gennemført"),
        "declined": say("Sagt nej til"),
        "no_response": say("Ingen åbnede"),
        "cancelled": say("Aflyst"),
        "planned": say("Planlagt"),
        "active": say("Aktiv"),
        "inactive": say("Ikke aktiv"),
        "entered-in-error": say("Skrevet ved en fejl"),
    }
    return said.get(str(value), plain(value))


def activity(language: Language, value: object) -> str:
    """A hospital's message."""
    say = language.say
    said = {
        "admit-inpatient": say("Indlagt"),
        "admit-emergency": say("Kom på akutmodtagelsen"),
        "start-leave-inpatient": say("Tog på orlov"),
        "end-leave-inpatient": say("Kom tilbage fra orlov"),
        "discharge-inpatient-home": say("Udskrevet til hjemmet"),
        "discharge-emergency-home": say("Hjem fra akutmodtagelsen"),
        "deceased": say("Død"),
    }
    told = plain(value)
    for before, how in (("revise-", say("rettelse")), ("cancel-", say("annulleret"))):
        if told.startswith(before) and told.removeprefix(before) in said:
            return f"{said[told.removeprefix(before)]} ({how})"
    return said.get(told, told)


def _side(language: Language) -> Literal["da", "en"]:
    """Which of the two languages of codes and reasons is nearer."""
    return "da" if language.code == "da" else "en"
