"""What a reader of the list has chosen to see, as it stands in the page's address.

Only districts, teams, a date and a filter: nothing of a citizen is ever part of an address.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from urllib.parse import urlencode

from models.errors import RequestWrong


class Show(StrEnum):
    """Which rows."""

    ALL = "alle"
    NEW = "nye"
    OPEN = "mangler"
    MINE = "mine"


@dataclass(frozen=True, slots=True)
class Selection:
    """A date's list (None: the newest), a district and a team (None: all one may see), and which rows."""

    show: Show = Show.ALL
    district: str | None = None
    team: str | None = None
    as_of: date | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Selection":
        """The selection an address asks for; raises `RequestWrong` when it cannot be read."""
        try:
            return cls(
                show=Show(query.get("vis", Show.ALL)),
                district=query.get("distrikt") or None,
                team=query.get("team") or None,
                as_of=date.fromisoformat(query["dato"]) if query.get("dato") else None,
            )
        except ValueError:
            raise RequestWrong("The address of the page cannot be read.", "Begin from the front page.") from None

    def address(self, path: str = "/") -> str:
        """The path with the selection, without what is chosen anyway."""
        chosen = {
            "dato": self.as_of.isoformat() if self.as_of else None,
            "distrikt": self.district,
            "team": self.team,
            "vis": None if self.show is Show.ALL else self.show.value,
        }
        query = urlencode({name: value for name, value in chosen.items() if value})
        return f"{path}?{query}" if query else path

    def with_show(self, show: Show) -> "Selection":
        """The same with other rows."""
        return replace(self, show=show)

    def with_team(self, team: str | None) -> "Selection":
        """The same for another team."""
        return replace(self, team=team)

    def with_district(self, district: str | None) -> "Selection":
        """The same for another district; teams belong to one district, so the team is let go."""
        return replace(self, district=district, team=None)

    def with_date(self, as_of: date | None) -> "Selection":
        """The same for the list of another date."""
        return replace(self, as_of=as_of)
