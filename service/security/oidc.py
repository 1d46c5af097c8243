"""Login at the municipality's identity provider: OpenID Connect, code flow with PKCE, state and nonce.

What the browser must bring back is derived from one secret in its cookie, so nothing is kept here between the two
halves, and an answer fetched by another browser opens nothing. Claims become role, districts and teams by settings;
whoever has no role by them is refused. A KOMBIT context handler speaks SAML: docs/access.md says what stands between.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from models.errors import NotAllowed, RequestWrong, SystemWrong
from service.security.login import Opened, open_session
from service.security.rights import Role
from service.settings import Settings
from service.storage import users
from service.storage.database import Database, WriteSession

RETURN_PATH: Final = "/login/oidc/svar"
_SIGNED_WITH: Final = ["RS256", "PS256", "ES256"]
_LEEWAY_SECONDS: Final = 60
_TIMEOUT_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Claimed:
    """Who the provider says it is, and what that is here."""

    subject: str
    name: str
    role: Role
    districts: frozenset[str]
    teams: frozenset[str]


def is_set_up(settings: Settings) -> bool:
    """Whether there is a provider to log in at."""
    return bool(settings.oidc_issuer and settings.oidc_client_id and settings.public_address)


def address_to_begin(settings: Settings, secret: str) -> str:
    """The provider's address that asks who it is. Raises `NotAllowed` without a provider."""
    metadata = _metadata(settings)
    return prepare_grant_uri(
        metadata["authorization_endpoint"],
        settings.oidc_client_id,
        "code",
        redirect_uri=_return_address(settings),
        scope=settings.oidc_scope,
        state=_derived(secret, "state"),
        nonce=_derived(secret, "nonce"),
        code_challenge=create_s256_code_challenge(_derived(secret, "verifier")),
        code_challenge_method="S256",
    )


def finish(database: Database, settings: Settings, secret: str, answer: Mapping[str, str], now: datetime) -> Opened:
    """Open a session for whom the provider's answer names. Raises `NotAllowed` whatever is not as it must be."""
    if not secret or not hmac.compare_digest(answer.get("state", "").encode(), _derived(secret, "state").encode()):
        raise NotAllowed("The answer is not to a login of this browser.", "Log in again.")
    if not answer.get("code"):
        raise NotAllowed("The identity provider let nobody in.", "Log in again.")
    metadata = _metadata(settings)
    token = _token(settings, metadata, answer["code"], secret)
    claims = _verified(settings, metadata, token, _derived(secret, "nonce"), now)
    claimed = read_claims(settings, claims)
    with database.write() as session:
        return open_session(session, _user(session, claimed, now), now)


def read_claims(settings: Settings, claims: Mapping[str, Any]) -> Claimed:
    """What the claims are here. Raises `NotAllowed` for nobody's role, more than one, or a nurse of no district."""
    roles = settings.oidc_roles
    found = {roles[one] for one in _several(claims, settings.oidc_role_claim) if one in roles}
    if len(found) != 1:
        raise NotAllowed("Your account has no role here, or more than one.", "Ask your administrator for one.")
    role, names = found.pop(), settings.oidc_districts
    claimed = _several(claims, settings.oidc_district_claim)
    districts = frozenset(names[one] for one in claimed if one in names) if names else frozenset(claimed)
    if role in {Role.NURSE, Role.LEADER} and not districts:
        raise NotAllowed("Your account has no district here.", "Ask your administrator for one.")
    subject = f"{settings.oidc_issuer} {claims['sub']}"
    name = str(claims.get(settings.oidc_name_claim) or claims["sub"])[:100]
    return Claimed(subject, name, role, districts, frozenset(_several(claims, settings.oidc_team_claim)))


def _user(session: WriteSession, claimed: Claimed, now: datetime) -> users.User:
    """The user of a subject, with the rights that are claimed today; made when it is the first time."""
    known = users.user_known_as(session, claimed.subject)
    if known is not None:
        users.set_rights(session, known.number, claimed.role, claimed.districts, claimed.teams)
        return users.user_of(session, known.number)
    if users.subject_was_ended(session, claimed.subject):
        raise NotAllowed("Your account here has been ended.", "Ask your administrator.")
    try:
        number = users.add_user(
            session,
            claimed.name,
            claimed.role,
            claimed.districts,
            None,
            now,
            teams=claimed.teams,
            subject=claimed.subject,
        )
    except RequestWrong:
        # A local account of that name may be somebody else's: a claim must not take it over.
        raise NotAllowed("Your name is taken by another account here.", "Ask your administrator.") from None
    return users.user_of(session, number)


def _token(settings: Settings, metadata: Mapping[str, Any], code: str, secret: str) -> Mapping[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": _return_address(settings),
        "code_verifier": _derived(secret, "verifier"),
    }
    credentials = httpx.BasicAuth(settings.oidc_client_id, settings.oidc_client_secret.get_secret_value())
    try:
        answer = httpx.post(metadata["token_endpoint"], data=form, auth=credentials, timeout=_TIMEOUT_SECONDS)
        token = answer.json()
    except (httpx.HTTPError, ValueError):
        raise _silent() from None
    if answer.is_error or not isinstance(token.get("id_token"), str):
        raise NotAllowed("The identity provider let nobody in.", "Log in again.")
    return token


def _verified(
    settings: Settings, metadata: Mapping[str, Any], token: Mapping[str, Any], nonce: str, now: datetime
) -> Mapping[str, Any]:
    """The claims of an ID token that is signed by the provider, for us, for this login, and of now."""
    options = {
        "iss": {"essential": True, "value": settings.oidc_issuer},
        "aud": {"essential": True, "value": settings.oidc_client_id},
        "sub": {"essential": True},
    }
    params = {"nonce": nonce, "client_id": settings.oidc_client_id, "access_token": token.get("access_token")}
    try:
        keys = KeySet.import_key_set(_fetched(metadata["jwks_uri"]))
        decoded = jwt.decode(token["id_token"], keys, algorithms=_SIGNED_WITH)
        claims = CodeIDToken(decoded.claims, decoded.header, options, params)
        claims.validate(now=int(now.timestamp()), leeway=_LEEWAY_SECONDS)
    except (JoseError, KeyError, TypeError, ValueError):
        raise NotAllowed("What the identity provider says cannot be relied on.", "Log in again.") from None
    return claims


def _metadata(settings: Settings) -> Mapping[str, Any]:
    if not is_set_up(settings):
        raise NotAllowed("There is no login by an identity provider here.", "Log in with name and password.")
    metadata = _fetched(f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration")
    if metadata.get("issuer") != settings.oidc_issuer:
        raise SystemWrong("The identity provider calls itself by another name.", "Check OMHU_OIDC_ISSUER.")
    return metadata


def _fetched(address: str) -> Any:
    try:
        answer = httpx.get(address, timeout=_TIMEOUT_SECONDS).raise_for_status()
        return answer.json()
    except (httpx.HTTPError, ValueError):
        raise _silent() from None


def _silent() -> SystemWrong:
    return SystemWrong("The identity provider does not answer.", "Check OMHU_OIDC_ISSUER, and that it runs.")


def _several(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The values of a claim: a list, or one text."""
    value = claims.get(name)
    if isinstance(value, str):
        return (value,)
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


def _return_address(settings: Settings) -> str:
    return settings.public_address.rstrip("/") + RETURN_PATH


def _derived(secret: str, purpose: str) -> str:
    """A secret of 256 bits for one purpose, safe in an address."""
    digest = hmac.new(secret.encode(), f"oidc {purpose}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
