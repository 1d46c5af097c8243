"""Two municipalities in one installation, with citizens, lists and users of their own, as an operator sets them up."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from service.api.front import Front
from service.app import create_front
from service.municipalities.apart import every
from service.municipalities.environments import Municipality
from service.storage.database import Database
from tests.service.running import NO_TLS, Clock, Running, serving

NAMES = ("aarhus", "odense")
SENTINELS = {"aarhus": "Aarhusiana", "odense": "Odensea"}
"""A word in the name, the id and the reasons of every citizen of the one, and of nobody in the other."""


def host_of(name: str) -> str:
    """The host of a municipality's public address."""
    return f"{name}.example.dk"


def surroundings(folder: Path, **settings: dict[str, str]) -> dict[str, str]:
    """An installation below a folder with two municipalities, each with these settings besides its address."""
    files = folder / "municipalities"
    files.mkdir(exist_ok=True)
    for name in NAMES:
        told = {"OMHU_PUBLIC_ADDRESS": f"http://{host_of(name)}"} | settings.get(name, {})
        (files / f"{name}.env").write_text("".join(f"{key}={value}\n" for key, value in told.items()), "utf-8")
    return {"OMHU_HOME": str(folder / "home"), "OMHU_MUNICIPALITIES": str(files)}


def settled(folder: Path, town_file: Path) -> dict[str, str]:
    """Surroundings in which each has a copy of the town, with its sentinel in whatever is of a citizen."""
    around = surroundings(folder)
    for one in every(around):
        one.settings.state.folder.mkdir(parents=True)
        shutil.copy(town_file, one.settings.state.folder / "omhu.db")
        with Database.open(one.settings.state.database_url) as database:
            _mark(database, SENTINELS[one.name])
    return around


def _mark(database: Database, word: str) -> None:
    with database.write() as session:
        session.exec_driver_sql(f"UPDATE identities SET name = '{word} ' || name, citizen_id = '{word}' || citizen")
        session.exec_driver_sql("DROP TRIGGER IF EXISTS list_entries_no_update")
        session.exec_driver_sql("UPDATE list_entries SET reasons = replace(reasons, 'Drikker', ?)", (word,))


@dataclass
class Both:
    """Both as they run, and where the front listens."""

    address: str
    aarhus: Running
    odense: Running

    def visitor(self, host: str) -> httpx.Client:
        """Somebody who asks for a host."""
        return httpx.Client(base_url=self.address, timeout=60, headers={"Host": host}, verify=NO_TLS)


@contextmanager
def running_both(around: dict[str, str], retry_seconds: float = 0.2) -> Generator[Both]:
    """Serve both from one process on loopback."""
    clock, those = Clock(), every(around)
    front = create_front(those, clock=clock, retry_seconds=retry_seconds)
    with serving(front) as address:
        housed = {one.name: _housed(one, front, address, clock) for one in those}
        try:
            yield Both(address, housed["aarhus"], housed["odense"])
        finally:
            for one in housed.values():
                one.database.close()


def _housed(one: Municipality, front: Front, address: str, clock: Clock) -> Running:
    state, host = one.settings.state, host_of(one.name)
    return Running(address, front.doors[host].app, Database.open(state.database_url), clock, state.folder, host)
