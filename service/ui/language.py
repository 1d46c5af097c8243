"""Languages of the pages: Danish is written in the templates, every other language is a catalogue beside this module.

A new language is a new file `locale/xx.po`; it is read at start and needs no compiling. Dates, numbers and plurals
come from Babel for the same language. Times are shown in Denmark's zone whatever the language.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache, lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations

from service.clock import DENMARK, danish_date

SOURCE = "da"
CATALOGUES = Path(__file__).parent / "locale"


@dataclass(frozen=True, slots=True, eq=False)  # there is one of each, and much is remembered by it
class Language:
    """One language: its messages, and how it writes dates and numbers."""

    code: str
    name: str
    locale: Locale
    messages: NullTranslations

    def say(self, text: str, **facts: object) -> str:
        """The text in this language, with named facts put in."""
        return self.messages.gettext(text) % facts if facts else self.messages.gettext(text)

    def count(self, one: str, many: str, number: int, **facts: object) -> str:
        """The text for this many; `%(n)s` is the number."""
        return self.messages.ngettext(one, many, number) % {"n": number, **facts}

    def long_date(self, day: date) -> str:
        """`mandag den 23. november 2026`, or as the language has it."""
        return format_date(day, format="full", locale=self.locale)

    def short_date(self, day: date) -> str:
        """`23. nov.`: day and short month."""
        return _short_date(self.code, day)

    def full_date(self, day: date) -> str:
        """`23. nov. 2026`: a date that may be long ago or far ahead."""
        return format_date(day, format="medium", locale=self.locale)

    def month(self, day: date) -> str:
        """`nov.`: the short month by itself."""
        return format_date(day, format="LLL", locale=self.locale)

    def weekday(self, moment: datetime) -> str:
        """`fre. 20. nov.`: for the date of a note."""
        return _weekday(self.code, danish_date(moment))

    def clock(self, moment: datetime) -> str:
        """`9.12`: the time of day in Denmark."""
        return _clock(self.code, moment.astimezone(DENMARK).time().replace(second=0, microsecond=0))

    def day_and_clock(self, moment: datetime) -> str:
        """`søndag 22. nov. kl. 23.50`: when the data was last complete."""
        day = format_datetime(moment, "EEEE", tzinfo=DENMARK, locale=self.locale)
        date = self.short_date(danish_date(moment))
        return self.say("%(day)s %(date)s kl. %(clock)s", day=day, date=date, clock=self.clock(moment))

    def clock_to_the_second(self, moment: datetime) -> str:
        """`23.50.07`: the time of day in Denmark, for what is told apart by it."""
        return format_time(moment, "medium", tzinfo=DENMARK, locale=self.locale)

    def number(self, value: float, decimals: int = 0) -> str:
        """A number with the language's own separators, at most so many decimals."""
        return _number(self.code, round(value, decimals))


# A list says the same few dates and hours many times over, and Babel takes its time with each.
@lru_cache(maxsize=1024)
def _short_date(code: str, day: date) -> str:
    locale = Locale.parse(code)
    return format_date(day, format=locale.datetime_skeletons["MMMd"].pattern, locale=locale)


@lru_cache(maxsize=1024)
def _weekday(code: str, day: date) -> str:
    return f"{format_date(day, 'EEE', locale=code)} {_short_date(code, day)}"


@lru_cache(maxsize=1440)
def _clock(code: str, time_of_day: time) -> str:
    return format_time(time_of_day, format="short", locale=code)


@lru_cache(maxsize=1024)
def _number(code: str, value: float) -> str:
    return format_decimal(value, locale=code)


@cache
def languages(folder: Path = CATALOGUES) -> Mapping[str, Language]:
    """Danish and every catalogue in the folder, by code; read once, whoever asks."""
    catalogues = {path.stem: path for path in sorted(folder.glob("*.po"))}
    return {code: _language(code, catalogues.get(code)) for code in (SOURCE, *catalogues)}


def _language(code: str, catalogue: Path | None) -> Language:
    locale = Locale.parse(code)
    messages = _messages(catalogue) if catalogue else NullTranslations()
    return Language(code=code, name=str(locale.get_display_name(locale)).capitalize(), locale=locale, messages=messages)


def _messages(catalogue: Path) -> NullTranslations:
    compiled = BytesIO()
    with catalogue.open("rb") as file:
        write_mo(compiled, read_po(file, locale=catalogue.stem))
    compiled.seek(0)
    return Translations(compiled)
