"""Who a pseudonymous key is: name and year of birth for those who may see the citizen, and the word in an address.

Nothing else of the service reads the identity table for display. Whoever calls has checked the district and logged
the look.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import RowMapping, insert, select

from service.storage.database import ReadSession, WriteSession
from service.storage.list_tables import CITIZEN_REFERENCES
from service.storage.tables import FACTS, IDENTITIES
from service.storage.times import moment

_MOST_PARAMETERS = 500


@dataclass(frozen=True, slots=True)
class Person:
    """A citizen as nurses know them; `name` and `birth_year` may not have been delivered."""

    citizen: int
    name: str | None
    birth_year: int | None
    reference: str


def of(session: ReadSession, citizens: Collection[int]) -> Mapping[int, Person]:
    """The persons behind the keys, those of them that have ever been on a list."""
    chosen = sorted(citizens)
    parts = [chosen[at : at + _MOST_PARAMETERS] for at in range(0, len(chosen), _MOST_PARAMETERS)]
    return {person.citizen: person for part in parts for person in _some(session, part)}


def citizen_of(session: ReadSession, reference: str) -> int | None:
    """The key behind the word in an address, or None."""
    asked = select(CITIZEN_REFERENCES.c.citizen).where(CITIZEN_REFERENCES.c.reference == reference)
    return session.scalar(asked)


def ensure_references(session: WriteSession, citizens: Collection[int]) -> None:
    """Give every citizen a word for addresses who has none yet; 72 random bits, the same for good."""
    known = set(session.scalars(select(CITIZEN_REFERENCES.c.citizen)))
    rows = [{"citizen": citizen, "reference": secrets.token_urlsafe(9)} for citizen in citizens if citizen not in known]
    if rows:
        session.execute(insert(CITIZEN_REFERENCES), rows)


def _some(session: ReadSession, citizens: list[int]) -> list[Person]:
    facts = FACTS["citizens"]
    born = select(facts.c.citizen, facts.c.birth_date).where(
        facts.c.citizen.in_(citizens), facts.c.superseded_at.is_(None), facts.c.retracted == 0
    )
    years = {row.citizen: _year(row.birth_date) for row in session.execute(born) if row.birth_date is not None}
    named = (
        select(CITIZEN_REFERENCES.c.citizen, CITIZEN_REFERENCES.c.reference, IDENTITIES.c.name)
        .join(IDENTITIES, IDENTITIES.c.citizen == CITIZEN_REFERENCES.c.citizen, isouter=True)
        .where(CITIZEN_REFERENCES.c.citizen.in_(citizens))
    )
    return [_person(row, years) for row in session.execute(named).mappings()]


def _person(row: RowMapping, years: Mapping[int, int]) -> Person:
    return Person(
        citizen=row["citizen"], name=row["name"], birth_year=years.get(row["citizen"]), reference=row["reference"]
    )


def _year(born_us: int) -> int:
    """The year of a birth date, stored as the instant its local day begins: never later than 01.00 that day in UTC."""
    return moment(born_us + 43_200_000_000).year
