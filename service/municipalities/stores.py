"""The stores as they really are: reached, of this version, and each of one municipality only."""

from threading import Lock

from models.errors import SystemWrong
from service.settings import Settings
from service.storage.addresses import identity
from service.storage.database import Database


class Stores:
    """Which store was found to be whose, since the process began; safe to ask from many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._owners: dict[str, str] = {}

    def require_own(self, settings: Settings) -> None:
        """Raise `SystemWrong` unless the municipality's store can be used, and is nobody else's under another name."""
        with Database.open(settings.state.database_url) as database:
            database.require_migrated()
            with database.read() as session:
                found = identity(session)
        mine = settings.state.municipality
        with self._lock:
            owner = self._owners.setdefault(found, mine)
        if owner != mine:
            raise SystemWrong(f"The municipalities {owner} and {mine} share a store.", "Give each its own.")
