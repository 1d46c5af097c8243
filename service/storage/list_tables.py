"""The tables of lists, reviews and capacities, as SQLAlchemy sees them; migration 0002 is what makes them.

Times are microseconds since 1970, UTC, and dates ISO text, so that both stores order and compare them alike. Nothing
here names a citizen: the key is the pseudonymous one, `citizen_references` what stands for it in a page's address.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from service.storage.tables import FACTS, METADATA

LISTS: Final = Table(
    "lists",
    METADATA,
    Column("list_id", Integer, primary_key=True),
    Column("as_of", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("snapshot_hash", Text, nullable=False),
    Column("data_until", BigInteger, nullable=False),
    Column("silent", SmallInteger, nullable=False),
    Column("hindsight", SmallInteger, nullable=False, server_default="0"),
    UniqueConstraint("as_of", "model_version", "silent", name="lists_as_of_model_silent"),
)

LIST_ENTRIES: Final = Table(
    "list_entries",
    METADATA,
    Column("list_id", Integer, ForeignKey("lists.list_id"), primary_key=True),
    Column("citizen", Integer, primary_key=True),
    Column("district", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("rank", Integer),
    Column("overall_rank", Integer),
    Column("probability", Double),
    Column("band", Text),
    Column("shown", SmallInteger, nullable=False),
    Column("change", Text),
    Column("previous_rank", Integer),
    Column("weeks", Integer, nullable=False),
    Column("discharged_on", Text),
    Column("weekly_minutes", Double),
    Column("reasons", Text, nullable=False),
    Column("against", Text, nullable=False),
)
Index("list_entries_district", LIST_ENTRIES.c.list_id, LIST_ENTRIES.c.district, LIST_ENTRIES.c.shown)
Index("list_entries_citizen", LIST_ENTRIES.c.citizen)

CAPACITIES: Final = Table(
    "capacities",
    METADATA,
    Column("district", Text, primary_key=True),
    Column("capacity", Integer, nullable=False),
)

CITIZEN_REFERENCES: Final = Table(
    "citizen_references",
    METADATA,
    Column("citizen", Integer, primary_key=True, autoincrement=False),
    Column("reference", Text, nullable=False, unique=True),
)
"""A random word for each citizen on a list: an address with it tells nothing, and cannot be guessed from another."""

REVIEWS: Final = Table(
    "reviews",
    METADATA,
    Column("review_id", Integer, primary_key=True),
    Column("citizen", Integer, nullable=False),
    Column("list_id", Integer, ForeignKey("lists.list_id"), nullable=False),
    Column("user_id", Integer, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("action", Text, nullable=False),
    Column("grounds", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("snoozed_until", Text),
    Column("undone_at", BigInteger),
    Column("undone_by", Integer),
)
Index("reviews_citizen", REVIEWS.c.citizen)
Index("reviews_list", REVIEWS.c.list_id)

# A page asks for some hundred citizens' years of birth, and for one's stays; a load asks by source and never by key.
Index("citizens_citizen", FACTS["citizens"].c.citizen)
Index("hospital_notifications_citizen", FACTS["hospital_notifications"].c.citizen)
