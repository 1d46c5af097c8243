"""Second factors: time-based codes (RFC 6238) from an authenticator app, and recovery codes for when it is lost.

Pure: what is stored, and that a code is not taken twice, is `service.security.second_factor`'s.
"""

import hmac
import secrets
from datetime import datetime
from typing import Final

from pyotp import random_base32
from pyotp.totp import TOTP

RECOVERY_CODES: Final = 10
_STEP_SECONDS: Final = 30
_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
"""Letters and digits that are not read as one another."""


def new_totp_secret() -> str:
    """A fresh secret of 160 bits, in base 32 as authenticator apps take it."""
    return random_base32()


def enrolment_address(secret: str, name: str) -> str:
    """What the QR code says: an `otpauth:` address for the app."""
    return TOTP(secret).provisioning_uri(name=name, issuer_name="Omhu")


def step_of(secret: str, code: str, now: datetime, after: int) -> int | None:
    """The time step a code belongs to, among this one and its neighbours, later than `after`; None when it is none.

    Every step is compared, so that the time it takes tells nothing.
    """
    totp, current = TOTP(secret), int(now.timestamp()) // _STEP_SECONDS
    steps = [step for step in (current - 1, current, current + 1) if step > after]
    right = [step for step in steps if hmac.compare_digest(totp.at(step * _STEP_SECONDS), _plain(code))]
    return right[0] if right else None


def new_recovery_codes() -> tuple[str, ...]:
    """Fresh recovery codes of some 49 bits, such as `k7mq-x2vw-9r`: behind a password and its back-off, enough."""
    return tuple("-".join(_drawn(length) for length in (4, 4, 2)) for _ in range(RECOVERY_CODES))


def plain_recovery_code(code: str) -> str:
    """A recovery code as its fingerprint is taken of it, however it was typed."""
    return _plain(code).lower()


def _plain(code: str) -> str:
    return "".join(sign for sign in code if sign.isascii() and sign.isalnum())


def _drawn(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
