"""How many citizens each district's nurses can work through in a week: where its list is cut."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import delete, insert, select

from models.errors import RequestWrong
from service.storage.database import ReadSession, WriteSession
from service.storage.list_tables import CAPACITIES

DEFAULT_CAPACITY: Final = 20


def capacities(session: ReadSession) -> Mapping[str, int]:
    """The capacity of each district that has one set; any other has `DEFAULT_CAPACITY`."""
    return {row.district: row.capacity for row in session.execute(select(CAPACITIES))}


def set_capacity(session: WriteSession, district: str, capacity: int) -> None:
    """Set a district's capacity, from the next list on. Raises `RequestWrong` when it is below zero."""
    if capacity < 0:
        raise RequestWrong(f"A capacity cannot be {capacity}.", "Give the number of citizens, zero or more.")
    session.execute(delete(CAPACITIES).where(CAPACITIES.c.district == district))
    session.execute(insert(CAPACITIES), {"district": district, "capacity": capacity})
