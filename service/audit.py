"""The look-up log: who looked at whom, when, why and from where, as a chain that shows if a link was changed.

Every answer that holds a citizen is logged before it leaves; when the log cannot be written the look does not happen
(decision 10). Each record carries the hash of the one before it, so changing, removing or reordering a
record breaks every later hash. No names of citizens and no texts: citizens appear as pseudonymous keys, and a
search as its criterion (field 6, log of looks).
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

GENESIS = "0" * 64
"""What the first record carries in place of a hash before it."""

Result = Literal["shown", "done", "refused"]

LookAction = Literal[
    "audit.prune",
    "board.view",
    "capacity.set",
    "cards.read",
    "citizen.erase",
    "citizen.merge",
    "citizen.report",
    "citizen.unmerge",
    "citizen.view",
    "follow_up.view",
    "label.explain",
    "legal.set",
    "list.accept_stale",
    "list.export",
    "list.read",
    "list.view",
    "load.cancel",
    "load.receive",
    "load.rejects",
    "log.export",
    "log.verify",
    "log.view",
    "login",
    "login.bekraeft",
    "login.code",
    "login.kode",
    "login.oidc",
    "login.password",
    "login.second_factor",
    "logout",
    "objection.register",
    "objection.withdraw",
    "outcomes.read",
    "pseudonyms.view",
    "refused",
    "review.add",
    "review.undo",
    "risk.read",
    "risk.search",
    "scores.read",
    "second_factor.confirm",
    "second_factor.enrol",
    "second_factor.remove",
    "session.end",
    "unranked.view",
    "user.add",
    "user.end",
    "user.reset",
    "user.rights",
]
"""Every code a look may be logged under. They stand in logs that are kept for years: none is ever renamed."""


@dataclass(frozen=True, slots=True)
class Look:
    """One use of personal data, or one attempt: `citizens` are all those whose data the answer holds.

    `actor` is a `Visitor.key`, `local:` and a name at the machine's own terminal, or `nobody`; `role` a `Role`, what a
    `Visitor` is instead, `operator` at the terminal, or empty; `search` what was asked for; `address` the network
    address it came from; `at` is UTC.
    """

    at: datetime
    actor: str
    role: str
    action: LookAction
    purpose: str
    search: str
    citizens: tuple[int, ...]
    address: str
    result: Result

    def digest(self, before: str) -> str:
        """The record's hash, hexadecimal, 64 characters: SHA-256 over the hash before it and its own canonical JSON."""
        facts = [self.at.isoformat(), self.actor, self.role, self.action, self.purpose, self.search]
        text = json.dumps([before, *facts, list(self.citizens), self.address, self.result], ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Record:
    """A look as it stands in the log: its number, the hash before it and its own."""

    number: int
    look: Look
    before: str
    hash: str


PRUNE: Final = "audit.prune"
"""The action of the record that anchors the chain once its beginning is gone: `search` holds what `anchor` wrote."""


def anchor(last: Record) -> str:
    """What a record of `PRUNE` says of the last record that goes: its number and its hash."""
    return f"{last.number} {last.hash}"


def anchored(look: Look) -> tuple[int, str] | None:
    """The number and hash of the last record that went, as a record of `PRUNE` tells them; None of any other."""
    number, _, digest = look.search.partition(" ")
    return (int(number), digest) if look.action == PRUNE and number.isdigit() else None


def first_broken(records: Iterable[Record], start: str = GENESIS) -> int | None:
    """The number of the first record that is not what it was when written, or does not follow the one before; or None.

    `records` come in order of number; `start` is the hash before the first of them. A log cut off at its end looks
    whole by itself: compare the last hash with one kept elsewhere.
    """
    before = start
    for record in records:
        if record.before != before or record.look.digest(before) != record.hash:
            return record.number
        before = record.hash
    return None
