"""Secrets we hand out ourselves: session keys, API tokens, one-time codes, and the proofs made from them.

Each has 256 random bits, so a plain SHA-256 of it is stored: a slow hash protects guessable secrets, and these are
not. What is stored can be compared with and never be used in place of the secret.
"""

import hashlib
import hmac
import secrets

TOKEN_PREFIX = "omhu_"  # noqa: S105 - lets a leaked token be recognised by scanners


def new_secret() -> str:
    """A fresh secret of 256 bits, safe in a cookie, a header and a URL."""
    return secrets.token_urlsafe(32)


def new_token() -> str:
    """A fresh API token."""
    return TOKEN_PREFIX + new_secret()


def fingerprint(secret: str) -> str:
    """What is stored of a secret: its SHA-256 in hexadecimal, 64 characters."""
    return hashlib.sha256(secret.encode()).hexdigest()


def form_proof(secret: str) -> str:
    """The value a form must carry to prove that its page was made for the holder of the secret (against CSRF)."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()


def proves(proof: str, secret: str) -> bool:
    """Whether a form's value is the proof of the secret, compared in constant time."""
    return hmac.compare_digest(proof.encode(), form_proof(secret).encode())
