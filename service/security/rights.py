"""Rights: what a role may do, and in which districts. What no row grants is refused.

A right is always both: the permission (from the role of a user or the scopes of a token) and the district of the
citizen in question, and the team where the right is limited to some. The administrator sees no citizens, the data
scientist no names (field 6; field 8, point 14).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from models.errors import NotAllowed, NotFound
from service.legal import NoLegalBasis, Purpose


class Permission(StrEnum):
    """One thing that may be done. The names with a colon are also the scopes a token can have."""

    SEE_LIST = "see_list"
    SEE_CITIZEN = "see_citizen"
    REVIEW = "review"
    EXPORT = "export"
    FOLLOW_UP = "follow_up"
    SEE_PSEUDONYMS = "see_pseudonyms"
    MANAGE = "manage"
    READ_LOG = "read_log"
    READ_LISTS = "lists:read"
    READ_SCORES = "scores:read"
    READ_LOADS = "loads:read"
    WRITE_LOADS = "loads:write"
    READ_IDENTIFIERS = "identifiers:read"
    USE_CARDS = "cards:use"
    READ_METRICS = "metrics:read"


class Role(StrEnum):
    """What someone is here; administrator and auditor see no list."""

    NURSE = "nurse"
    LEADER = "leader"
    DATA_SCIENTIST = "data_scientist"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


OPERATING = frozenset(
    {
        Permission.SEE_LIST,
        Permission.SEE_CITIZEN,
        Permission.REVIEW,
        Permission.EXPORT,
        Permission.SEE_PSEUDONYMS,
        Permission.READ_LISTS,
        Permission.READ_SCORES,
        Permission.USE_CARDS,
    }
)
"""What shows a citizen's risk to anyone: withheld from everyone while there is no legal basis to operate."""

SCOPES = tuple(permission for permission in Permission if ":" in permission)

_NURSE = frozenset({Permission.SEE_LIST, Permission.SEE_CITIZEN, Permission.REVIEW})
GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.NURSE: _NURSE,
    Role.LEADER: _NURSE | {Permission.EXPORT, Permission.FOLLOW_UP},
    Role.DATA_SCIENTIST: frozenset({Permission.SEE_PSEUDONYMS}),
    Role.ADMINISTRATOR: frozenset({Permission.MANAGE}),
    Role.AUDITOR: frozenset({Permission.READ_LOG}),
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is asking: a user with a role, a token with scopes, or a client; `key` names them in the look-up log.

    `withheld` are the permissions that role or scopes would grant, were there a legal basis to operate. `teams` limits
    the right to teams of the districts; empty, it reaches every team there.
    """

    kind: Literal["user", "token", "client"]
    number: int
    name: str
    role: str
    permissions: frozenset[Permission]
    districts: frozenset[str]
    withheld: frozenset[Permission] = frozenset()
    teams: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """How the look-up log names them; users' names may be reused, numbers are not."""
        return f"{self.kind}:{self.number}"

    def while_not_operating(self) -> "Visitor":
        """The same one who asks, without what may be done only while operating is switched on."""
        return replace(self, permissions=self.permissions - OPERATING, withheld=self.permissions & OPERATING)

    def may(self, permission: Permission) -> bool:
        """Whether the role or the scopes grant it, wherever the districts reach."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raise `NotAllowed` unless the permission is granted; `NoLegalBasis` when that alone is what it lacks."""
        if permission in self.withheld:
            raise NoLegalBasis.of(Purpose.OPERATE)
        if not self.may(permission):
            raise NotAllowed(f"This needs the right '{permission}'.", "Ask your administrator for it.")

    def require_district(self, district: str) -> None:
        """Raise `NotFound` unless the district is one's own: that someone else's citizen exists is not told either."""
        if district not in self.districts:
            raise NotFound("There is no such citizen among those you may see.")

    def require_reach(self, district: str, team: str) -> None:
        """Raise `NotFound` unless district and team lie within one's own right."""
        self.require_district(district)
        if self.teams and team not in self.teams:
            raise NotFound("There is no such citizen among those you may see.")

    def chosen(self, district: str | None) -> frozenset[str]:
        """The districts to show: all one's own, or the one asked for; `NotFound` when that is not one's own."""
        if district is None:
            return self.districts
        if district not in self.districts:
            raise NotFound("There is no such district among yours.")
        return frozenset({district})
