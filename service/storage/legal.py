"""The entries of the legal switch: added, read, never changed."""

from datetime import date
from typing import Final

from sqlalchemy import BigInteger, Column, Integer, RowMapping, Table, Text, insert, select

from service.legal import LegalBasis, Purpose
from service.storage.database import ReadSession, WriteSession
from service.storage.tables import METADATA
from service.storage.times import moment, stored

LEGAL_BASES: Final = Table(
    "legal_bases",
    METADATA,
    Column("legal_basis_id", Integer, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("valid_from", Text, nullable=False),
    Column("valid_to", Text),
    Column("set_by", Text, nullable=False),
    Column("set_at", BigInteger, nullable=False),
)


def add(session: WriteSession, entry: LegalBasis) -> None:
    """Put an entry on record."""
    row = {
        "purpose": entry.purpose.value,
        "basis": entry.basis,
        "document": entry.document,
        "valid_from": entry.valid_from.isoformat(),
        "valid_to": entry.valid_to.isoformat() if entry.valid_to else None,
        "set_by": entry.set_by,
        "set_at": stored(entry.set_at),
    }
    session.execute(insert(LEGAL_BASES), row)


def entries(session: ReadSession) -> tuple[LegalBasis, ...]:
    """Every entry, in the order they were set."""
    found = session.execute(select(LEGAL_BASES).order_by(LEGAL_BASES.c.legal_basis_id)).mappings()
    return tuple(_entry(row) for row in found)


def _entry(row: RowMapping) -> LegalBasis:
    return LegalBasis(
        purpose=Purpose(row["purpose"]),
        basis=row["basis"],
        document=row["document"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        set_by=row["set_by"],
        set_at=moment(row["set_at"]),
    )
