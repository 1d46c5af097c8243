"""The tables of users, sessions, tokens, uploads and the look-up log; migration 0002 is what makes them.

Of every secret only a fingerprint is stored, but for those that codes are computed from. The look-up log has no foreign
keys, so that it can never be in the way of what it logs, and the store itself refuses to change it.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from service.storage.tables import METADATA

USERS: Final = Table(
    "users",
    METADATA,
    Column("user_id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("districts", Text, nullable=False),  # JSON list
    Column("password", Text),  # argon2id; empty: one-time login only
    Column("made_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("failures", Integer, nullable=False),
    Column("locked_until", BigInteger),
    Column("teams", Text, nullable=False, server_default="[]"),  # JSON list; empty: every team of the districts
    Column("subject", Text),  # who they are at the identity provider: issuer and subject
)
Index("users_subject", USERS.c.subject, unique=True)

SECOND_FACTORS: Final = Table(
    "second_factors",
    METADATA,
    Column("user_id", Integer, ForeignKey("users.user_id"), primary_key=True, autoincrement=False),
    Column("secret", Text, nullable=False),  # needed in the clear to compute codes
    Column("confirmed_at", BigInteger),  # empty: shown to the user, no code from it seen yet
    Column("last_step", BigInteger, nullable=False),  # the time step of the last code used: it is not taken twice
)

RECOVERY_CODES: Final = Table(
    "recovery_codes",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("user_id", Integer, ForeignKey("users.user_id"), nullable=False),
    Column("used_at", BigInteger),
)

HALF_LOGINS: Final = Table(
    "half_logins",
    METADATA,
    Column("half_login", Text, primary_key=True),
    Column("user_id", Integer, ForeignKey("users.user_id"), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)
"""Who has given the right password and not yet the second factor."""

ONE_TIME_LOGINS: Final = Table(
    "one_time_logins",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("user_id", Integer, ForeignKey("users.user_id"), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)

SESSIONS: Final = Table(
    "sessions",
    METADATA,
    Column("session", Text, primary_key=True),
    Column("user_id", Integer, ForeignKey("users.user_id"), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
)

TOKENS: Final = Table(
    "tokens",
    METADATA,
    Column("token_id", Integer, primary_key=True),
    Column("token", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),  # JSON list
    Column("districts", Text, nullable=False),  # JSON list
    Column("made_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("client_id", Integer),  # the client that asked for it, of a token that lives for minutes
    Column("teams", Text, nullable=False, server_default="[]"),  # JSON list; empty: every team of the districts
)
Index("tokens_client", TOKENS.c.client_id)

UPLOADS: Final = Table(
    "uploads",
    METADATA,
    Column("upload_id", Text, primary_key=True),
    Column("sender", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("status", Text, nullable=False),  # received | running | cancelling | cancelled | loaded | partly | refused
    Column("finished_at", BigInteger),
    Column("report", Text),
    Column("problem", Text),
    Column("load_id", Integer),
    Column("idempotency_key", Text),  # the sender's own, each once
    Column("fingerprint", Text),  # SHA-256 of what was sent under that key
)
Index("uploads_key", UPLOADS.c.sender, UPLOADS.c.idempotency_key, unique=True)
Index("uploads_waiting", UPLOADS.c.status, UPLOADS.c.received_at)

LOOK_UPS: Final = Table(
    "look_ups",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("search", Text, nullable=False),
    Column("citizens", Text, nullable=False),  # JSON list of keys
    Column("address", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("hash", Text, nullable=False),
)
Index("look_ups_at", LOOK_UPS.c.at)
