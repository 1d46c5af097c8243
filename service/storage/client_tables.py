"""The tables of clients and webhooks, as SQLAlchemy sees them; migration 0012 is what makes them.

No table here holds a citizen. A webhook's secret is needed in the clear to sign with; of a client only public keys are
kept, and of what it signed only fingerprints.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from service.storage.tables import METADATA

CLIENTS: Final = Table(
    "clients",
    METADATA,
    Column("client_id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("keys", Text, nullable=False),  # JSON Web Key Set of public keys
    Column("scopes", Text, nullable=False),  # JSON list
    Column("districts", Text, nullable=False),  # JSON list
    Column("made_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
)

CLIENT_ASSERTIONS: Final = Table(
    "client_assertions",
    METADATA,
    Column("client_id", Integer, ForeignKey("clients.client_id"), primary_key=True, autoincrement=False),
    Column("fingerprint", Text, primary_key=True),  # of the assertion's jti
    Column("expires_at", BigInteger, nullable=False),
)
"""Assertions that were taken and have not expired: none is taken twice."""

WEBHOOKS: Final = Table(
    "webhooks",
    METADATA,
    Column("webhook_id", Integer, primary_key=True),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
)

WEBHOOK_DELIVERIES: Final = Table(
    "webhook_deliveries",
    METADATA,
    Column("webhook_id", Integer, ForeignKey("webhooks.webhook_id"), primary_key=True, autoincrement=False),
    Column("list_id", Integer, primary_key=True, autoincrement=False),
    Column("delivery", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),  # waiting | delivered | dead
    Column("attempts", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False),  # when it is tried next, or when it ended
    Column("told", Text, nullable=False),
)
Index("webhook_deliveries_due", WEBHOOK_DELIVERIES.c.state, WEBHOOK_DELIVERIES.c.next_at)
