"""SMART Backend Services: a client proves with its own private key who it is, and gets a token for some minutes.

Only what was registered by hand is believed: `jku` is not followed, nothing is fetched. Only RS384 and ES384 are read,
so a public key is never taken for a shared secret and nothing unsigned is taken at all. An assertion is taken once.
Source: HL7 SMART App Launch 2.2, "Backend Services" and "Client Authentication: Asymmetric"; RFC 7523.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey
from joserfc.jws import extract_compact

from models.errors import NotAllowed, RequestWrong
from service.security.secrets import fingerprint, new_token
from service.security.smart_scopes import granted, permissions
from service.storage import clients, tokens
from service.storage.clients import Client
from service.storage.database import Database

ALGORITHMS: Final = ["RS384", "ES384"]
LONGEST: Final = timedelta(minutes=5)
TOKEN_LIFE: Final = timedelta(minutes=5)
_LEEWAY: Final = timedelta(seconds=10)
_LONGEST_ID: Final = 255
_FEWEST_BITS: Final = 2048
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class AssertionRefused(NotAllowed):
    """The client did not prove who it is; why is not told, or a stranger would learn which half was right."""

    @classmethod
    def plain(cls) -> "AssertionRefused":
        """The one thing that is said."""
        return cls("The assertion does not prove a client that is registered here.")


@dataclass(frozen=True, slots=True)
class Granted:
    """A token as it leaves once, and what it may do."""

    token: str
    scopes: tuple[str, ...]


def read_keys(text: str) -> str:
    """A JSON Web Key Set as it is kept. Raises `RequestWrong` unless it is of public RSA or P-384 keys with names."""
    try:
        written: dict[str, Any] = json.loads(text)
        keys = KeySet.import_key_set({"keys": written["keys"]}).keys
        private = any(_PRIVATE & set(one) for one in written["keys"])
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):
        raise RequestWrong("The file is no JSON Web Key Set.", 'It begins with {"keys": [') from None
    names = [one.kid for one in keys]
    if private:
        raise RequestWrong("The file holds a private key.", "Send the public half, and make a new pair.")
    if not keys or None in names or len(set(names)) < len(names) or not all(_strong(one) for one in keys):
        raise RequestWrong("A key is too weak, or has no kid of its own.", "Use RSA from 2048 bits, or EC on P-384.")
    return json.dumps({"keys": written["keys"]})


def grant(database: Database, assertion: str, scope: str, audiences: Collection[str], now: datetime) -> Granted:
    """A token for the client that signed the assertion.

    Raises `AssertionRefused`, or `ScopeRefused` for a scope the client does not have.
    """
    client, claims = _proven(database, assertion)
    expires = _require_timely(claims, now)
    _require_meant(claims, client, audiences)
    scopes = granted(scope, client.scopes)
    secret = new_token()
    with database.write() as session:
        if not clients.use_up(session, client.number, fingerprint(claims["jti"]), expires, now):
            raise AssertionRefused.plain()
        may, ends = permissions(scopes), now + TOKEN_LIFE
        tokens.add_token(
            session, fingerprint(secret), client.name, may, client.districts, now, ends, client=client.number
        )
    return Granted(secret, scopes)


def _proven(database: Database, assertion: str) -> tuple[Client, Mapping[str, Any]]:
    """The client, and the claims its registered key has signed."""
    try:
        unproven = json.loads(extract_compact(assertion.encode()).payload)
        named = unproven["iss"]
        if isinstance(named, str) and not named.isprintable():  # PostgreSQL chokes on a NUL
            raise AssertionRefused.plain()
        with database.read() as session:
            client = clients.find(session, named) if isinstance(named, str) else None
        if client is None:
            raise AssertionRefused.plain()
        keys = KeySet.import_key_set(json.loads(client.keys))
        header = extract_compact(assertion.encode()).headers()
        if header.get("kid") not in {one.kid for one in keys.keys}:
            raise AssertionRefused.plain()
        return client, jwt.decode(assertion, keys, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise AssertionRefused.plain() from None


def _require_timely(claims: Mapping[str, Any], now: datetime) -> datetime:
    """When the assertion expires: after now, and within five minutes."""
    expires = _instant(claims.get("exp"))
    begins = [_instant(claims[name]) for name in ("iat", "nbf") if name in claims]
    if not now < expires <= now + LONGEST + _LEEWAY or any(moment > now + _LEEWAY for moment in begins):
        raise AssertionRefused.plain()
    return expires


def _require_meant(claims: Mapping[str, Any], client: Client, audiences: Collection[str]) -> None:
    """Issuer and subject are the client itself, the audience is this token address, and it has a name of its own."""
    audience, number = claims.get("aud"), claims.get("jti")
    meant = [audience] if isinstance(audience, str) else audience if isinstance(audience, list) else []
    named = isinstance(number, str) and 0 < len(number) <= _LONGEST_ID
    if claims.get("iss") != client.name or claims.get("sub") != client.name or not named:
        raise AssertionRefused.plain()
    if not set(audiences) & {one for one in meant if isinstance(one, str)}:
        raise AssertionRefused.plain()


def _instant(seconds: object) -> datetime:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise AssertionRefused.plain()
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise AssertionRefused.plain() from None


def _strong(key: object) -> bool:
    if isinstance(key, RSAKey):
        return key.public_key.key_size >= _FEWEST_BITS
    return isinstance(key, ECKey) and key.curve_name == "P-384"
