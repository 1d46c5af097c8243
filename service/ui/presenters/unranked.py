"""Those who were not ranked, by the reason why, and those in care who are simply below the cut are not among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.storage.people import Person
from service.ui.language import Language
from service.ui.presenters import wording
from service.ui.presenters.row import about, display_name
from service.weekly.lists import Entry, Status


@dataclass(frozen=True, slots=True)
class UnrankedPerson:
    """One citizen who was not ranked."""

    name: str
    about: tuple[str, ...]
    district: str


@dataclass(frozen=True, slots=True)
class UnrankedGroup:
    """All who were not ranked for one reason."""

    key: str
    title: str
    reason: str
    people: tuple[UnrankedPerson, ...]


def unranked_groups(
    language: Language, entries: Sequence[Entry], persons: Mapping[int, Person]
) -> tuple[UnrankedGroup, ...]:
    """The groups that have anyone in them, those to look into first."""
    order = (Status.NO_DATA, Status.IN_HOSPITAL, Status.TERMINAL)
    groups = (_group(language, status, [e for e in entries if e.status is status], persons) for status in order)
    return tuple(group for group in groups if group.people)


def _group(
    language: Language, status: Status, entries: Sequence[Entry], persons: Mapping[int, Person]
) -> UnrankedGroup:
    people = (
        UnrankedPerson(display_name(language, person), about(language, entry, person), entry.district)
        for entry in entries
        for person in (persons[entry.citizen],)
    )
    return UnrankedGroup(
        key=status.value,
        title=wording.status_word(language, status),
        reason=wording.status_reason(language, status),
        people=tuple(sorted(people, key=lambda one: (one.district, one.name))),
    )
