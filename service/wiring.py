"""What the running service holds: made once at start, handed down, closed at the end.

No web and no SQL here; a request asks for what it needs through `service.api` and `service.ui`.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from models.errors import SystemWrong
from service.audit import Look, LookAction, Result
from service.clock import Clock, danish_date
from service.intake.orders import Loader
from service.intake.uploads import UploadWorker
from service.legal import Purpose, in_force
from service.security.rights import Visitor
from service.settings import Settings
from service.storage import audit, legal
from service.storage.database import Database, ReadSession


@dataclass(frozen=True, slots=True)
class Wiring:
    """The parts of one running service."""

    settings: Settings
    database: Database
    uploads: UploadWorker
    clock: Clock

    def today(self) -> date:
        """The calendar date in Denmark."""
        return danish_date(self.clock())

    def allowed(self, session: ReadSession, visitor: Visitor) -> Visitor:
        """The one who asks, with what the legal switch leaves of their rights today. Asked once for every request."""
        operates = in_force(legal.entries(session), Purpose.OPERATE, self.today())
        return visitor if operates else visitor.while_not_operating()

    def log_look(
        self,
        visitor: Visitor | None,
        action: LookAction,
        *,
        address: str,
        citizens: tuple[int, ...] = (),
        search: str = "",
        purpose: str = "care",
        result: Result = "shown",
    ) -> None:
        """Write to the look-up log before the answer leaves; raises `SystemWrong` when it cannot be written."""
        actor, role = (visitor.key, visitor.role) if visitor else ("nobody", "")
        look = Look(self.clock(), actor, role, action, purpose, search, citizens, address, result)
        try:
            with self.database.write() as session:
                audit.append(session, look)
        except Exception as error:
            # Whatever the reason: what cannot be logged is not shown (decision 10).
            raise SystemWrong("The look-up log cannot be written.", "Tell whoever runs the service.") from error


class State(TypedDict):
    """What every request carries of the running service."""

    wiring: Wiring


@contextmanager
def wired(settings: Settings, clock: Clock, load: Loader) -> Generator[Wiring]:
    """Open the parts, give them, and close them again."""
    with (
        Database.open(settings.state.database_url) as database,
        UploadWorker(database, settings.state.loads, clock, load) as worker,
    ):
        yield Wiring(settings, database, worker, clock)
