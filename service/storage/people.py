"""Who a pseudonymous key is: name and year of birth for those who may see the citizen, and the word in an address.

Nothing else of the service reads the identity table for display. Whoever calls has checked the district and logged
the look.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import func, insert, select

from service.storage.database import ReadSession, WriteSession
from service.storage.keys import among
from service.storage.list_tables import CITIZEN_REFERENCES
from service.storage.tables import FACTS, IDENTITIES
from service.storage.times import moment

_CITIZENS = FACTS["citizens"].c
_BORN = (
    select(func.max(_CITIZENS.birth_date))
    .where(_CITIZENS.citizen == CITIZEN_REFERENCES.c.citizen)
    .where(_CITIZENS.superseded_at.is_(None), _CITIZENS.retracted == 0)
    .scalar_subquery()
)
_ASKED = select(
    CITIZEN_REFERENCES.c.citizen, CITIZEN_REFERENCES.c.reference, IDENTITIES.c.name, _BORN.label("born")
).join(IDENTITIES, IDENTITIES.c.citizen == CITIZEN_REFERENCES.c.citizen, isouter=True)


@dataclass(frozen=True, slots=True)
class Person:
    """A citizen as nurses know them; `name` and `birth_year` may not have been delivered."""

    citizen: int
    name: str | None
    birth_year: int | None
    reference: str


def of(session: ReadSession, citizens: Collection[int]) -> Mapping[int, Person]:
    """The persons behind the keys, those of them that have ever been on a list."""
    asked = _ASKED.where(among(session, CITIZEN_REFERENCES.c.citizen, citizens))
    return {
        row.citizen: Person(row.citizen, row.name, _year(row.born), row.reference) for row in session.execute(asked)
    }


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


def _year(born_us: int | None) -> int | None:
    """The year of a birth date, stored as the instant its local day begins: never later than 01.00 that day in UTC."""
    return None if born_us is None else moment(born_us + 43_200_000_000).year
