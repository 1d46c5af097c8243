"""What an endpoint may ask of its request: the running service, and the token's holder with the right scope."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from models.errors import NotAllowed
from service.audit import LookAction
from service.errors import Unauthenticated
from service.security.rights import Permission, Visitor
from service.security.secrets import fingerprint
from service.storage import tokens
from service.wiring import Wiring

_bearer = HTTPBearer(auto_error=False, description="An API token: `omhu token add`.")
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def wiring_of(request: Request) -> Wiring:
    """The running service."""
    return request.state.wiring


Service = Annotated[Wiring, Depends(wiring_of)]


@dataclass(frozen=True, slots=True)
class Call:
    """One call by the holder of a token in force."""

    wiring: Wiring
    visitor: Visitor
    address: str

    def log(self, action: LookAction, *, citizens: tuple[int, ...] = (), search: str = "") -> None:
        """Write to the look-up log what the answer is about to tell."""
        self.wiring.log_look(self.visitor, action, address=self.address, citizens=citizens, search=search)

    def refused(self, path: str) -> None:
        """Log that something was asked for and may not be told."""
        self.wiring.log_look(self.visitor, "refused", address=self.address, search=path, result="refused")


def anyone(request: Request, credentials: Bearer, wiring: Service) -> Call:
    """The call, whatever its token's scopes; raises `Unauthenticated` without a token in force."""
    found = None
    if credentials is not None:
        with wiring.database.read() as session:
            holder = tokens.holder_of(session, fingerprint(credentials.credentials), wiring.clock())
            found = wiring.allowed(session, holder) if holder else None
    if found is None:
        raise Unauthenticated("A bearer token in force is needed.", "Send 'Authorization: Bearer <token>'.")
    return Call(wiring, found, request.client.host if request.client else "")


def holder(permission: Permission) -> Callable[..., Call]:
    """The dependency that gives the call when its token has the scope, and logs the attempt when not."""

    def with_scope(request: Request, call: Annotated[Call, Depends(anyone)]) -> Call:
        try:
            call.visitor.require(permission)
        except NotAllowed:
            call.refused(request.url.path)
            raise
        return call

    return with_scope


Anyone = Annotated[Call, Depends(anyone)]
ListReader = Annotated[Call, Depends(holder(Permission.READ_LISTS))]
ScoreReader = Annotated[Call, Depends(holder(Permission.READ_SCORES))]
LoadReader = Annotated[Call, Depends(holder(Permission.READ_LOADS))]
LoadWriter = Annotated[Call, Depends(holder(Permission.WRITE_LOADS))]
CardUser = Annotated[Call, Depends(holder(Permission.USE_CARDS))]
MetricsReader = Annotated[Call, Depends(holder(Permission.READ_METRICS))]
