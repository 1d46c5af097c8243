"""Passwords: argon2id with the parameters of RFC 9106's second recommendation (64 MiB, three passes).

Nothing here stores or logs a password. Checking one takes the same time whether the account exists or not.
"""

import re
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from models.errors import RequestWrong

SHORTEST = 12

_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
_at_most_two = BoundedSemaphore(2)  # each holds 64 MiB: a flood of logins must not take the memory of the pages


def hashed(password: str) -> str:
    """The encoded argon2id hash of a password; raises `RequestWrong` when it is too short or one character repeated."""
    if len(password) < SHORTEST or re.fullmatch(r"(.)\1*", password):
        raise RequestWrong(f"The password is too weak: at least {SHORTEST} characters are needed, not all the same.")
    return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one; without a stored one the same work is done, and the answer is no."""
    try:
        with _at_most_two:
            return _hasher.verify(stored or _nobodys(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(stored: str) -> bool:
    """Whether a stored hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


@cache
def _nobodys() -> str:
    """A hash that no account has, so that an unknown name costs as much as a known one."""
    return _hasher.hash("nobody has this password")
