"""Installations to be stressed: one made by the real parts, whose data end this Monday, so that a worker with the clock
on the wall has the list of this week to make; and a small one of invented lists, which is there at once.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from models.home import Home
from service.intake.loading import load_path
from service.registry import load_champion
from service.security.login import one_time_code
from service.security.rights import SCOPES, Permission, Role
from service.security.secrets import fingerprint, new_token
from service.snapshots import bring_up_to_date
from service.storage import tokens, users
from service.storage.database import Database
from service.weekly.making import find_or_make
from tests.service.invented_lists import Town, fill, switch_on
from tests.service.tiny_town import install, learn, quiet
from training.synthetic.town import danish_town
from training.synthetic.write import synthesise

_YEAR: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Place:
    """An installation that processes are started on: its home, its store, and the districts it has."""

    home: Path
    database_url: str
    districts: tuple[str, ...]

    @property
    def surroundings(self) -> dict[str, str]:
        """What a process of the installation is told."""
        return {"OMHU_HOME": str(self.home), "OMHU_DATABASE_URL": self.database_url}

    def add_nurse(self, name: str, district: str) -> str:
        """A nurse who sees one district; gives a code to log in with, once."""
        now = datetime.now(UTC)
        with Database.open(self.database_url) as database:
            with database.write() as session:
                users.add_user(session, name, Role.NURSE, (district,), None, now)
            return one_time_code(database, name, now)

    def add_program(self, name: str) -> str:
        """A token of a program that may do all a program may, in every district."""
        secret, now = new_token(), datetime.now(UTC)
        with Database.open(self.database_url) as database, database.write() as session:
            scopes = tuple(map(Permission, SCOPES))
            tokens.add_token(session, fingerprint(secret), name, scopes, self.districts, now, now + _YEAR)
        return secret


def this_monday() -> date:
    """The Monday of this week."""
    today = datetime.now(UTC).date()
    return today - timedelta(days=today.weekday())


def small(folder: Path, database_url: str) -> Place:
    """Two districts with two weekly lists, of which the newest is this Monday's; in an empty database."""
    with Database.open(database_url) as database:
        database.migrate()
        invented = Town(citizens=30, weeks=2)
        fill(database, invented, this_monday())
    return Place(folder, database_url, invented.districts)


def make(folder: Path, database_url: str, citizens: int, lists: int) -> Place:
    """The municipality, with so many weekly lists, the last of a week ago; in a new folder and an empty database."""
    town = danish_town(citizens=citizens, weeks=26, seed=5, end=this_monday())
    synthesise(town, folder / "town")
    home = Home.of({"OMHU_HOME": str(folder / "home"), "OMHU_DATABASE_URL": database_url})
    home.folder.mkdir(mode=0o700)
    now = datetime.now(UTC)
    with Database.open(database_url) as database:
        database.migrate()
        load_path(database, folder / "town" / "drop", "history", int(now.timestamp() * 1_000_000))
        switch_on(database)
        snapshot = bring_up_to_date(database, home.snapshot)
        learn(snapshot, folder / "bundle")
        install(home, folder / "bundle")
        champion = load_champion(home)
        for back in reversed(range(1, lists + 1)):
            find_or_make(database, snapshot, champion, this_monday() - timedelta(weeks=back), now, quiet)
    return Place(home.folder, database_url, town.organisation.districts)
